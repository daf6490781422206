"""A folder that this package wrote, on the hub: what it is, which of its files go there, and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.packages import needed_for
from charrobust.report.publishing.data_card import data_card
from charrobust.report.publishing.results_card import results_card
from charrobust.scoring.attacked_folder.manifest import MANIFEST, read_manifest
from charrobust.scoring.evaluation import results_file

CARD = "README.md"
_MODEL = "config.json"
_RESULTS = (results_file.FILE, "scores.csv", "report.html", "plots", "cards")
_NOT_OF_A_MODEL = ("checkpoint-", "runs", "best", ".")  # how names of what a run leaves beside its model begin


@dataclass(frozen=True)
class Publication:
    """What goes to the hub.

    Attributes:
        kind: ``model`` or ``dataset``, as the hub has it: results are a data set there.
        files: The files, by their paths in the folder.
        card: The card that is written; None where the folder holds one.
    """

    kind: str
    files: tuple[str, ...]
    card: str | None = None


def push_to_hub(folder: str | Path, name: str, *, private: bool = False) -> str:
    """Write a folder to the hub, in one commit, with a card.

    A model goes with the card that its training wrote; attacked data with one that tells the versions, by which
    ``datasets`` loads each; results with one of the main table, and without the predictions. The token is that of
    ``hf auth login``, or of the variable HF_TOKEN.

    Args:
        folder: What ``finetune`` or ``pretrain``, ``attack`` (a folder) or ``evaluate`` wrote.
        name: Where it goes: ``USER/NAME``; made if there is none. Files of equal names are replaced.
        private: Whether a new one is for its owner alone.

    Returns:
        The address.

    Raises:
        UserError: The folder holds nothing of the kind, or no card; or the hub refuses, or cannot be reached.
        DataError: The folder's manifest or results are damaged.
    """
    folder = Path(folder)
    found = publication(folder)
    with needed_for("writing to the hub"):
        from huggingface_hub import CommitOperationAdd, HfApi
    operations = [CommitOperationAdd(file, folder / file) for file in found.files]
    if found.card is not None:
        operations.append(CommitOperationAdd(CARD, found.card.encode("utf-8", "backslashreplace")))
    return _commit(HfApi(library_name="charrobust"), name, found.kind, operations, private=private)


def _commit(hub: Any, name: str, kind: str, operations: Sequence[Any], *, private: bool) -> str:
    """Make a repository where there is none, and write to it.

    Raises:
        UserError: The hub refuses, or cannot be reached.
    """
    try:
        address = hub.create_repo(name, repo_type=kind, private=private, exist_ok=True)
        hub.create_commit(name, operations, repo_type=kind, commit_message="Written by charrobust")
    # Of many classes, by what connects: whatever it is, it came from outside.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"the hub did not take {name}: {reason or type(error).__name__}; log in with `hf auth login` and a token "
            "that may write, and name it USER/NAME"
        ) from error
    return str(address)


def publication(folder: Path) -> Publication:
    """Tell what a folder holds, and what of it goes to the hub.

    Args:
        folder: The folder.

    Returns:
        Its files, and the card.

    Raises:
        UserError: It holds neither a model, nor attacked data, nor results; or a model without a card.
        DataError: A manifest or results are damaged.
    """
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        return Publication("dataset", _files(folder, [MANIFEST, *manifest.files]), data_card(manifest))
    if (folder / results_file.FILE).is_file():
        card = results_card(results_file.read_results(folder))
        return Publication("dataset", _files(folder, _RESULTS), card)
    if not (folder / _MODEL).is_file():
        raise UserError(
            f"{folder} holds no {_MODEL}, {MANIFEST} or {results_file.FILE}; give a folder that charrobust finetune, "
            "attack or evaluate wrote"
        )
    if not (folder / CARD).is_file():
        raise UserError(
            f"{folder} holds no {CARD}, which says what the model is; write one, as charrobust finetune does"
        )
    names = [path.name for path in folder.iterdir() if not path.name.startswith(_NOT_OF_A_MODEL)]
    return Publication("model", _files(folder, names))


def _files(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return files, and those in folders, of some names."""
    found = []
    for name in sorted(names):
        path = folder / name
        inner = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [each.relative_to(folder).as_posix() for each in inner if each.is_file()]
    return tuple(found)
