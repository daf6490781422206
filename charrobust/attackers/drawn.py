"""Versions that a recipe draws: average case."""

from __future__ import annotations

from collections import Counter
from functools import partial

from charrobust.attackers.versions import AVERAGE, AttackInfo, FieldEdit, Version
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.perturb.distance import levenshtein
from charrobust.tasks.records import FieldLog


def attacked_version(data: DataSet, attack: Attack, name: str, *, operator: str | None = None) -> Version:
    """Attack a data set as ``charrobust attack`` does.

    Args:
        data: The data set.
        attack: The attack.
        name: Name of the version.
        operator: The only operator of the attack, if that is so.

    Returns:
        The version, with its edits and what they cost.
    """
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
        name,
        AVERAGE,
        recipe=recipe.name,
        severity=float(severity),
        operator=operator,
        seed=attack.seed,
        words_changed=cost["words"] / max(1, words),
        edits=cost["edits"] / len(data),
        distance=cost["distance"] / len(data),
    )
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
