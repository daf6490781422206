"""Data set cards: where a data set comes from, its task, columns and licence (``data/*.toml``).

::

    summary = "Stanford Sentiment Treebank, two classes"
    source = "Socher et al., EMNLP 2013, as in GLUE"
    licence = "..."
    task = "..."                     # the name of a task; see charrobust.tasks.registry
    default_split = "validation"

    [hub]                             # or [files]: split = "file beside the card"
    id = "nyu-mll/glue"
    config = "sst2"

    [columns]
    texts = ["sentence"]
    label = "label"
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.datasets.formats import Format, Hub, format_of
from charrobust.errors import UserError, hint
from charrobust.tasks.base import Task
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.registry import task_class

FOLDER = "data"
_KEYS = {"summary", "source", "licence", "task", "default_split", "labels", "hub", "files", "columns"}
_REQUIRED = ("summary", "source", "licence", "task", "default_split")


@dataclass(frozen=True)
class Card:
    """What is known about a data set.

    Attributes:
        name: Name of the card.
        summary: One line on what it is.
        source: Publication.
        licence: Licence of the data.
        task: The task, with its columns and the names of its classes or tags.
        default_split: The split taken where none is named.
        hub: Arguments of the hub: id, config, revision, data_dir.
        files: Paths of the splits' files, for sets that ship.
    """

    name: str
    summary: str
    source: str
    licence: str
    task: Task
    default_split: str
    hub: dict[str, str]
    files: dict[str, Path]

    def format(self, split: str | None) -> Format:
        """Return the format of a split.

        Args:
            split: Name of the split; None takes the card's default.

        Returns:
            The format of the split's file.

        Raises:
            UserError: There is no such split.
        """
        wanted = split or self.default_split
        if self.files:
            if wanted not in self.files:
                raise UserError(f"data set {self.name!r} has no split {wanted!r}; {hint(wanted, self.files)}")
            return format_of(self.files[wanted])
        options = {key: value for key, value in self.hub.items() if key != "id"}
        return Hub(Path(self.hub["id"]), wanted, **options)


def card_names() -> list[str]:
    """Return the names of the shipped cards."""
    return resources.names(FOLDER)


def load_card(name: str) -> Card:
    """Load a shipped card by name, or one's own by the path of its TOML file.

    Args:
        name: A shipped name such as ``sst2``, or the path of a TOML file.

    Returns:
        The card.

    Raises:
        UserError: No such card, or one with missing or unknown keys.
    """
    path = resources.find(name, FOLDER, "data set card")
    content = resources.read_toml(path)
    for key in content:
        if key not in _KEYS:
            raise UserError(f"{path}: unknown key {key!r}; {hint(key, _KEYS)}")
    missing = [key for key in _REQUIRED if key not in content]
    # Equal answers mean that a card has both sources, or neither.
    if missing or ("hub" in content) == ("files" in content):
        raise UserError(f"{path}: missing {', '.join(missing) or '[hub] or [files] (one of them)'}")
    files = {split: path.parent / file for split, file in content.get("files", {}).items()}
    return Card(
        name=path.name.removesuffix(".toml"),
        task=_task(content),
        hub=content.get("hub", {}),
        files=files,
        **{key: content[key] for key in _REQUIRED if key != "task"},
    )


def _task(content: dict[str, Any]) -> Task:
    """Return the task of a card, with its columns and the names of its labels.

    Raises:
        UserError: Unknown task or column, or names for a task without labels.
    """
    task = task_class(content["task"]).of_columns(content.get("columns", {}))
    labels = tuple(content.get("labels", ()))
    if not labels:
        return task
    if not isinstance(task, LabelledTask):
        raise UserError(f"the task {task.name!r} has no labels that could have the names {', '.join(labels)}")
    return task.with_names(labels)
