"""Versions that a recipe draws: average case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from statistics import fmean

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.versions import AVERAGE, AttackInfo, FieldEdit, Version
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.perturb.distance import levenshtein
from charrobust.systems.system import System
from charrobust.tasks.records import FieldLog


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
        versions = [self._drawn(data, draw) for draw in range(self.draws)]
        first, *others = versions
        infos = [version.info for version in versions]
        info = replace(
            first.info,
            draws=self.draws,
            words_changed=fmean(map(attrgetter("words_changed"), infos)),
            edits=fmean(map(attrgetter("edits"), infos)),
            distance=fmean(map(attrgetter("distance"), infos)),
        )
        return replace(first, info=info, further_draws=tuple(version.examples for version in others))

    def _drawn(self, data: DataSet, draw: int) -> Version:
        """Draw edits once."""
        attack = replace(self.attack_of, seed=self.attack_of.seed + draw)
        # How many examples come from each (batch, record in it).
        readers = Counter(data.owners)
        records = []
        cost = Counter[str]()
        words = 0
        for number, batch in enumerate(data.batches):
            perturbed = data.task.perturb(batch, attack)
            records.append(perturbed.records)
            words += perturbed.tally.words
            for log in perturbed.logs:
                rows = {entry.row for entry in log.entries}
                cost.update(_cost(data, log, {row: readers[number, row - batch.first] for row in rows}))
        recipe = attack.recipe
        severity = recipe.share if recipe.edited_words is None else recipe.edited_words
        info = AttackInfo(
            self.name,
            AVERAGE,
            recipe=recipe.name,
            severity=float(severity),
            operator=self.operator,
            seed=attack.seed,
            words_changed=cost["words"] / max(1, words),
            edits=cost["edits"] / len(data),
            distance=cost["distance"] / len(data),
        )
        # Edits are drawn again for the few examples that are shown, so that no version keeps its log in memory.
        return Version(info, data.with_records(records), partial(_edits_of, data, attack))


def _cost(data: DataSet, log: FieldLog, readers: dict[int, int]) -> dict[str, int]:
    """Count changed words, and edits and their distance as often as an example holds them.

    Args:
        data: The data set.
        log: The edits of a field.
        readers: Number of examples of each record; all of them read its shared fields.
    """
    table = log.table
    rows = list(zip(table.example.tolist(), table.word.tolist(), strict=True))
    entries = [log.entries[example] for example, _ in rows]
    shared = data.task.shared_fields
    times = [readers[entry.row] if entry.field in shared else 1 for entry in entries]
    pairs = zip(times, table.old_texts(), table.new_texts(), strict=True)
    return {
        # a word of several edits has several rows
        "words": len(set(rows)),
        "edits": sum(times),
        "distance": sum(time * levenshtein(old, new) for time, old, new in pairs),
    }


def _edits_of(data: DataSet, attack: Attack, number: int) -> tuple[FieldEdit, ...]:
    """Return the edits of an example: the record is attacked again, with the same outcome."""
    example = data.examples[number]
    edits = []
    for logged in data.task.perturb(data.record_of(number), attack).edits():
        text = data.task.text_of_edit(logged, example)
        if text is not None:
            edits.append(FieldEdit(text, logged.edit.old, logged.edit.new, logged.edit.operator))
    return tuple(edits)
