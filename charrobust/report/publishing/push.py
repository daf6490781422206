"""A folder that this package wrote, on the hub: what it is, which of its files go there, and its card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.json_text import read_json
from charrobust.packages import needed_for
from charrobust.report.publishable import published_manifest
from charrobust.report.published_results import published_results
from charrobust.report.publishing.data_card import data_card
from charrobust.report.publishing.results_card import results_card
from charrobust.report.publishing.results_files import published_files
from charrobust.scoring.attacked_folder.manifest import MANIFEST, read_manifest
from charrobust.scoring.evaluation import results_file
from charrobust.systems.seeds import RUN

CARD = "README.md"
_MODEL = "config.json"
_RUNS = (RUN, "pretraining.json")
_RESULTS = (results_file.FILE, "scores.csv", "report.html", "plots", "cards")
# What a run leaves beside its model; with the packed text, which is often nobody else's business.
_NOT_OF_A_MODEL = (".*", "checkpoint-*", "runs", "best", "corpus", "evaluation", "warm_start*.safetensors")


@dataclass(frozen=True)
class Publication:
    """What goes to the hub.

    Attributes:
        kind: ``model`` or ``dataset``, as the hub has it: results are a data set there.
        contents: The files by their paths there: where they lie, or what they hold.
        card: The card that is written; None where the folder holds one.
    """

    kind: str
    contents: Mapping[str, Path | bytes]
    card: str | None = None

    @property
    def files(self) -> list[str]:
        """The paths of the files."""
        return list(self.contents)


def push_to_hub(folder: str | Path, name: str, *, private: bool = False) -> str:
    """Write a folder to the hub, in one commit, with a card.

    A model goes with the card that its training wrote, without checkpoints and the text that it was trained on;
    attacked data with one that tells the versions, by which ``datasets`` loads each; results with one of the main
    table, without the predictions. Models and results go without absolute paths of this machine. The token is that of
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
    return publish(publication(Path(folder)), name, private=private)


def publish(found: Publication, name: str, *, private: bool = False) -> str:
    """Write a publication to the hub, in one commit.

    Args:
        found: What goes there.
        name: As for :func:`push_to_hub`.
        private: As for :func:`push_to_hub`.

    Returns:
        The address.

    Raises:
        UserError: The hub refuses, or cannot be reached.
    """
    with needed_for("writing to the hub"):
        from huggingface_hub import CommitOperationAdd, HfApi
    operations = [CommitOperationAdd(file, content) for file, content in found.contents.items()]
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
        UserError: It holds neither a model, nor attacked data, nor results; or a model without a card; or a page that
            shows what is not beside it.
        DataError: A manifest or results are damaged.
    """
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        return Publication("dataset", _files(folder, [MANIFEST, *manifest.files]), data_card(manifest))
    if (folder / results_file.FILE).is_file():
        results = results_file.read_results(folder)
        published = published_results(results)
        contents = _files(folder, _RESULTS)
        if published != results:
            contents = published_files(published, folder, contents)
        return Publication("dataset", contents, results_card(published))
    if not (folder / _MODEL).is_file():
        raise UserError(
            f"{folder} holds no {_MODEL}, {MANIFEST} or {results_file.FILE}; give a folder that charrobust finetune, "
            "attack or evaluate wrote"
        )
    if not (folder / CARD).is_file():
        raise UserError(
            f"{folder} holds no {CARD}, which says what the model is; write one, as charrobust finetune does"
        )
    names = [path.name for path in folder.iterdir() if _is_of_a_model(path.name)]
    return Publication("model", _files(folder, names) | _published_manifests(folder))


def _published_manifests(folder: Path) -> dict[str, Path | bytes]:
    """Return what the runs that made a model wrote about themselves, where folders of this machine stand in it."""
    found: dict[str, Path | bytes] = {}
    for name in _RUNS:
        path = folder / name
        content = read_json(path, "train the model again") if path.is_file() else None
        published = published_manifest(content)
        if published != content:
            found[name] = (json.dumps(published, indent=2, ensure_ascii=False) + "\n").encode()
    return found


def _is_of_a_model(name: str) -> bool:
    """Tell whether what has a name in a model's folder is part of the model, and not of the run that made it."""
    return not any(fnmatchcase(name, pattern) for pattern in _NOT_OF_A_MODEL)


def _files(folder: Path, names: Sequence[str]) -> dict[str, Path | bytes]:
    """Return files, and those in folders, of some names, by their paths in the folder."""
    found: dict[str, Path | bytes] = {}
    for name in sorted(names):
        path = folder / name
        inner = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= {each.relative_to(folder).as_posix(): each for each in inner if each.is_file()}
    return found
