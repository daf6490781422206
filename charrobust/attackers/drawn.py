"""Versions that a recipe draws: average case."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.versions import AttackInfo, FieldEdit, RecipeUse, Version, edits_in_example, of_draws
from charrobust.datasets.dataset import DataSet
from charrobust.logs import logger
from charrobust.perturb import Attack
from charrobust.perturb.distance import levenshtein
from charrobust.systems.system import System
from charrobust.tasks.records import FieldLog, LoggedEdit

_logger = logger(__name__)


@dataclass(frozen=True)
class Drawn(Attacker):
    """Attacks as ``charrobust attack`` does.

    Attributes:
        attack_of: The recipe with its seed.
        name: Name of the version.
        operator: The only operator of the recipe; None where there are several.
        draws: How often edits are drawn, each time with the next seed.
    """

    attack_of: Attack
    name: str
    operator: str | None = None
    draws: int = 1

    def attack(self, system: System | None, data: DataSet) -> Version:
        """See the base class; no system is asked."""
        for doubt in data.task.doubts(self.attack_of):
            _logger.warning("%s", doubt)
        return of_draws([self._drawn(data, attack) for attack in self.attacks()])

    def attacks(self) -> list[Attack]:
        """Return the attack of each draw: the recipe with one seed after the other."""
        return [replace(self.attack_of, seed=self.attack_of.seed + draw) for draw in range(self.draws)]

    @property
    def use(self) -> RecipeUse:
        """What is said of the versions."""
        recipe = self.attack_of.recipe
        severity = recipe.share if recipe.edited_words is None else recipe.edited_words
        return RecipeUse(
            name=self.name,
            recipe=recipe.name,
            severity=float(severity),
            operator=self.operator,
            level=recipe.level,
            by_count=recipe.edited_words is not None,
        )

    def _drawn(self, data: DataSet, attack: Attack) -> Version:
        """Draw edits once."""
        records = []
        logs: list[FieldLog] = []
        words = 0
        for batch in data.batches:
            perturbed = data.task.attack_records(batch, attack)
            records.append(perturbed.records)
            words += perturbed.tally.words
            logs += perturbed.logs
        changes = chain.from_iterable(map(changes_of, logs))
        info = with_cost(self.use.info(attack.seed), data, changes, words)
        # Edits are drawn again for the examples that are shown, so that no version keeps its log in memory.
        return Version(info, data.with_records(records), _edits_of(data, attack))


class Change(NamedTuple):
    """What the cost of an edit depends on: where it was made, and its texts; field by field as in an edit log."""

    row: int
    example: str
    field: str
    word: int
    old: str
    new: str


def changes_of(log: FieldLog) -> Iterator[Change]:
    """Go through the edits of a field.

    Args:
        log: The edits.

    Yields:
        Each edit.
    """
    table = log.table
    entries = [log.entries[number] for number in table.example.tolist()]
    for entry, *edit in zip(entries, table.word.tolist(), table.old_texts(), table.new_texts(), strict=True):
        yield Change(entry.row, entry.example, entry.field, *edit)


def with_cost(info: AttackInfo, data: DataSet, changes: Iterable[Change], words: int) -> AttackInfo:
    """Say what the edits of a version cost, an edit counted as often as an example reads it.

    Args:
        info: What else is known of the version.
        data: The data set.
        changes: The edits.
        words: Number of words in the attacked fields.

    Returns:
        The same with the share of the words that changed, and the mean number and distance of the edits of an example.
    """
    # How many examples come from each record: all of them read its shared fields.
    readers = Counter(data.batches[batch].first + row for batch, row in data.owners)
    shared = data.task.shared_fields
    changed: set[tuple[int, str, str, int]] = set()
    edits = distance = 0
    for change in changes:
        times = readers[change.row] if change.field in shared else 1
        # A word of several edits has several changes.
        changed.add((change.row, change.example, change.field, change.word))
        edits += times
        distance += times * levenshtein(change.old, change.new)
    return replace(
        info,
        words_changed=len(changed) / max(1, words),
        edits=edits / len(data),
        distance=distance / len(data),
    )


def _edits_of(data: DataSet, attack: Attack) -> Callable[[int], tuple[FieldEdit, ...]]:
    """Return what tells the edits of an example by its number: its batch is attacked again, with the same outcome."""

    @functools.lru_cache(maxsize=1)
    def of_batch(batch: int) -> dict[int, list[LoggedEdit]]:
        logged = data.task.attack_records(data.batches[batch], attack).edits()
        return {row: list(edits) for row, edits in groupby(logged, key=attrgetter("row"))}

    def edits(number: int) -> tuple[FieldEdit, ...]:
        batch, row = data.owners[number]
        logged = of_batch(batch).get(data.batches[batch].first + row, ())
        return edits_in_example(data.task, data.examples[number], logged)

    return edits
