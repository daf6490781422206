"""A search whose outcome is known beforehand: it draws edits once, and asks whether these do harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from charrobust.attackers import searched
from charrobust.progress import no_progress
from charrobust.search import Found, Outcome

CALLS: list[dict[str, object]] = []


def one_draw(
    system, data, attack, *, search="greedy", edits=1, budget=None, seed=0, store=None, answers=None,
    progress=no_progress,
):  # fmt: skip
    """Ask about one draw of each record of one example; count its edits as queries."""
    CALLS.append({"system": system.name, "search": search, "edits": edits, "budget": budget, "store": store})
    batches = [replace(batch, records=list(batch.records)) for batch in data.batches]
    logs, outcomes = [], []
    for number, example in enumerate(data.examples):
        batch, row = data.owners[number]
        perturbed = data.task.attack_records(data.record_of(number), attack)
        (changed,) = data.task.examples(replace(data.record_of(number), records=perturbed.records))
        said = system.predict([example, changed])
        right = data.task.right([example.target] * 2, said)
        made = len(perturbed.edits())
        lost = bool(right[0] and not right[1])
        if lost:
            batches[batch].records[row] = perturbed.records[0]
            logs += perturbed.logs
        outcomes.append(
            Outcome(
                (number,), bool(right[0]), float(right[0]), float(right[0] and not lost), success=lost,
                queries=made * bool(right[0]), queries_at_success=made if lost else None, candidates=10,
                distinct=made * bool(right[0]), state=tuple(range(min(made, edits))) if lost else (), edits_at_success=min(made, edits) if lost else None,
                certified=int(search == "exhaustive" and not lost and bool(right[0])), seconds=0.25,
            )
        )  # fmt: skip
        progress("a stage", number + 1, len(data), {"lost": 0.0})
    return Found(search, edits, budget, tuple(batches), tuple(logs), tuple(outcomes))


@pytest.fixture
def _one_draw(monkeypatch):
    """Put that search in the place of all."""
    CALLS.clear()
    monkeypatch.setattr(searched, "search", one_draw)
