"""What is exported: each draw of each version, under a name that files, YAML and Python take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import name_by_suffix
from charrobust.tasks.examples import Example
from charrobust.tasks.prompts import Prompt

_OTHER_SIGNS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True)
class Draw:
    """Examples that become a task of their own.

    Attributes:
        version: Name of the version.
        name: Name of the task: letters, digits and underscores.
        examples: The examples.
    """

    version: str
    name: str
    examples: tuple[Example, ...]


def draws_of(data: DataSet, versions: Sequence[Version]) -> list[Draw]:
    """Return what there is to export.

    Args:
        data: The clean data set.
        versions: Its versions.

    Returns:
        The draws of the versions, in order; their names begin with that of the data.
    """
    draws: list[Draw] = []
    taken: set[str] = set()
    for version in versions:
        for number, examples in enumerate(version.draws, 1):
            drawn = f" draw {number}" if version.further_draws else ""
            name = _distinct(identifier(f"{plain_name(data)} {version.name}{drawn}"), taken)
            draws.append(Draw(version.name, name, examples))
    return draws


def plain_name(data: DataSet) -> str:
    """Return the name of a data set, that of a file without its suffix."""
    path = Path(data.name.removesuffix(".gz"))
    return path.stem if name_by_suffix(path) else data.name


def identifier(text: str) -> str:
    """Return a name of lower-case letters, digits and underscores, as Python and YAML take it."""
    name = _OTHER_SIGNS.sub("_", text.lower()).strip("_")
    # Two words, as all of Python's are one.
    return name if "_" in name and name[0].isalpha() else f"data_{name}"


def _distinct(name: str, taken: set[str]) -> str:
    """Return a name, with a number behind it where it is taken, and take it."""
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name}_{number}"
    taken.add(chosen)
    return chosen


def prompts_of(data: DataSet, draw: Draw) -> Iterator[tuple[str, Prompt]]:
    """Go through the prompts of a draw.

    Args:
        data: The data set.
        draw: The draw.

    Yields:
        A distinct id, and the prompt.

    Raises:
        UserError: Language models are not asked for what the task predicts.
    """
    ids = [example.id for example in draw.examples]
    if len(set(ids)) < len(ids):
        ids = list(map(str, range(len(ids))))
    yield from zip(ids, data.task.prompts(draw.examples, data.classes), strict=True)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON Lines.

    Args:
        path: The file.
        rows: The rows.
    """
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8", errors="backslashreplace")  # of half a surrogate pair: its escape
