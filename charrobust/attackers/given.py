"""Versions that somebody else made: attacked data in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.logged import check_fits, edits_in, log_beside
from charrobust.attackers.versions import GIVEN, AttackInfo, FieldEdit, Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import format_of, suffix_of
from charrobust.datasets.load import read_source
from charrobust.datasets.options import REFUSE
from charrobust.datasets.source import Source
from charrobust.errors import DataError
from charrobust.perturb.distance import changes, count_words
from charrobust.systems.system import System
from charrobust.tasks.examples import Example

Pairs = Sequence[tuple[Example, Example]]


@dataclass(frozen=True)
class Given(Attacker):
    """Takes data that somebody else attacked from a file, and its edits from a log beside it, if there is one.

    Attributes:
        path: The file; one of the same suffix as the clean data is read as these are.
        name: Name of the version.
    """

    path: Path
    name: str

    def attack(self, system: System | None, data: DataSet) -> Version:
        """See the base class; no system is asked."""
        path, alike = self.path, data.source
        # A file of the same kind as the clean data is read with the same options (delimiter, encoding, columns).
        both_folders = alike is not None and alike.is_folder and path.is_dir()
        if alike is None or not (both_folders or _is_file_like(path, alike.path)):
            alike = format_of(path)
        opened = replace(alike, path=path)
        attacked = read_source(Source(path.name, opened, data.task, REFUSE), limit=data.limit)
        version = given_version(data, attacked, self.name)
        log = log_beside(path)
        if log is None:
            return version
        check_fits(log, data, attacked.examples)
        return replace(version, edits=edits_in(log, data))


def _is_file_like(path: Path, other: Path) -> bool:
    """Tell whether a path is that of a file with the suffix of another."""
    return not path.is_dir() and suffix_of(path) == suffix_of(other)


def given_version(data: DataSet, attacked: DataSet, name: str) -> Version:
    """Take data that somebody else attacked.

    Args:
        data: The clean data.
        attacked: The attacked data: the same examples in the same order.
        name: Name of the version.

    Returns:
        The version; its edits are told by comparing words.

    Raises:
        DataError: They do not line up; with the first record that differs.
    """
    check_aligned(data, attacked)
    pairs = list(zip(data.examples, attacked.examples, strict=True))
    words = edits = distance = 0
    for clean, changed in pairs:
        for texts in zip(clean.texts, changed.texts, strict=True):
            for change in changes(*texts):
                words += change.words
                distance += change.distance
                edits += 1
    share = _tokens_changed(pairs) if data.task.pretokenized else words / max(1, _words_of(pairs))
    info = AttackInfo(name, GIVEN, words_changed=share, edits=edits / len(data), distance=distance / len(data))
    examples = tuple(replace(changed, id=clean.id) for clean, changed in pairs)
    return Version(info, examples, lambda number: _changes_of(*pairs[number]))


def _tokens_changed(pairs: Pairs) -> float:
    """Return the share of the tokens that changed."""
    tokens = changed = 0
    for clean, attacked in pairs:
        tokens += len(clean.texts)
        changed += sum(old != new for old, new in zip(clean.texts, attacked.texts, strict=True))
    return changed / max(1, tokens)


def _words_of(pairs: Pairs) -> int:
    """Count the words of those fields that ever differ."""
    words = 0
    for field in range(len(pairs[0][0].texts)):
        texts = [(clean.texts[field], attacked.texts[field]) for clean, attacked in pairs]
        # A field that never differs was not attacked, and would water the share of changed words down.
        if any(old != new for old, new in texts):
            words += sum(count_words(old) for old, _ in texts)
    return words


def _changes_of(clean: Example, attacked: Example) -> tuple[FieldEdit, ...]:
    edits: list[FieldEdit] = []
    for field, texts in enumerate(zip(clean.texts, attacked.texts, strict=True)):
        edits += [FieldEdit(field, change.old, change.new, GIVEN) for change in changes(*texts)]
    return tuple(edits)


def check_aligned(data: DataSet, attacked: DataSet) -> None:
    """Check that attacked data are those of the clean examples.

    Args:
        data: The clean data.
        attacked: The attacked data.

    Raises:
        DataError: They are not; with the first record that differs.
    """
    # Numbers of examples are compared last: the first record that differs says more about what went wrong.
    for number, (clean, changed) in enumerate(zip(data.examples, attacked.examples, strict=False)):
        for what, wanted, value in data.task.common_facts(clean, changed):
            if wanted != value:
                raise attacked.place_of(number).error(
                    f"does not line up with the clean data ({data.place_of(number).source}, "
                    f"{data.place_of(number).line}): expected {what} {wanted!r}, got {value!r}; attacked data must "
                    "hold the same examples in the same order"
                )
    if len(attacked) != len(data):
        short = min(data, attacked, key=len)
        raise DataError(
            f"{attacked.name} does not line up with the clean data: expected {len(data)} examples, got "
            f"{len(attacked)}; {short.name} ends after {short.place_of(-1).line}"
        )
