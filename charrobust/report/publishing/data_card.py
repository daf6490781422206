"""The card of attacked data: Markdown by which the hub tells the versions from each other."""

from __future__ import annotations

from itertools import chain
from typing import Any

from charrobust.attackers.versions import CLEAN
from charrobust.scoring.attacked_folder.manifest import AttackedVersion, Manifest
from charrobust.tasks.registry import task_class
from charrobust.training.cards import as_text, front_matter, table

# Suffixes of the files that the hub's loader reads a row an example, with what it is to be told of each.
_LOADED: dict[str, dict[str, str]] = {".jsonl": {}, ".parquet": {}, ".csv": {}, ".tsv": {"sep": "\t"}}
_CARD = """---
{front}
---

# {title} under attack

What `charrobust attack` made of {title} ({task}): clean, and with edits drawn at random (average case). Labels, tags
and spans follow the edits. The licence of the data that it is made of goes on.

{versions}

{loading}Beside each attacked file lies the log of its edits (`.edits.parquet`), by which `charrobust revert` undoes it.
`charrobust score FOLDER --predictions FILE ...` scores predictions for all versions, with intervals.
"""
_LOADING = """`datasets.load_dataset(NAME, "{config}")` loads a version.

"""


def data_card(manifest: Manifest) -> str:
    """Return the card of a folder that ``charrobust attack`` wrote.

    Args:
        manifest: What it holds.

    Returns:
        The card's text.
    """
    front: dict[str, Any] = {
        "tags": ["charrobust", "robustness"],
        "task_categories": [task_class(manifest.task).pipeline],
    }
    configs = _configs(manifest)
    if configs:
        front["configs"] = configs
    rows = [["version", "recipe", "severity", "seed", "file"], [CLEAN, "", "", "", manifest.clean]]
    rows += chain.from_iterable(map(_rows, manifest.attacks))
    return _CARD.format(
        front=front_matter(front),
        title=as_text(manifest.data),
        task=as_text(manifest.task),
        versions=table(rows),
        loading=_LOADING.format(config=configs[-1]["config_name"]) if configs else "",
    )


def _configs(manifest: Manifest) -> list[dict[str, Any]]:
    """Return what tells the hub's loader the versions; nothing for files that it does not read an example a row."""
    suffix = manifest.clean.removeprefix(CLEAN).removesuffix(".gz")
    if suffix not in _LOADED:
        return []
    configs = []
    draws = chain.from_iterable(attack.draws for attack in manifest.attacks)
    for name in [manifest.clean, *(draw.file for draw in draws)]:
        files = [{"split": "test", "path": name}]
        stem = name.removesuffix(".gz").removesuffix(suffix)
        configs.append({"config_name": stem, "data_files": files} | _LOADED[suffix])
    return configs


def _rows(attack: AttackedVersion) -> list[list[str]]:
    """Return the rows of a version, one a draw."""
    return [[attack.name, attack.recipe, f"{attack.severity:g}", str(draw.seed), draw.file] for draw in attack.draws]
