"""Plain lists with something else in them: understood or refused, in every task, and never another error."""

import itertools

import pytest

from charrobust import Attack, load_data
from charrobust.errors import UserError

WHOLE = {
    "classification": ("a wonderful day", "good"),
    "multilabel": ("a wonderful day", ["joy", "trust"]),
    "regression": ("a wonderful day", 3.5),
    "tagging": (["Annika", "visited", "Bergen"], ["B-PER", "O", "B-LOC"]),
    "spans": ("Annika visited Bergen", [(0, 6, "PER")]),
    "qa": (("Where?", "Annika was in Bergen."), ["Bergen"]),
}
WRONG = [None, float("nan"), 3, True, "", "text", b"bytes", [], [None], [3], ["text"], [[]], [[None]], {}, {"text": 1}]


@pytest.mark.parametrize("task", WHOLE)
@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_lists_are_understood_or_refused(task, first):
    inputs, target = WHOLE[task]
    attack = Attack.load("charbert")
    refused = 0
    wrong_parts = [
        *((wrong, target) for wrong in WRONG),
        *((inputs, wrong) for wrong in WRONG),
        *itertools.product(WRONG, WRONG),
    ]
    if not isinstance(inputs, str):
        wrong_parts += [([*inputs[:-1], wrong], target) for wrong in WRONG]
    if isinstance(target, list):
        wrong_parts += [(inputs, [*target, wrong]) for wrong in WRONG]
    for part in wrong_parts:
        rows = [part, WHOLE[task]] if first else [WHOLE[task], part]
        try:
            data = load_data([row[0] for row in rows], [row[1] for row in rows], task=task)
            data.task.perturb_examples(data.examples, attack, [example.id for example in data.examples])
        except UserError:
            refused += 1
    assert refused > len(WRONG)


@pytest.mark.parametrize("task", WHOLE)
def test_a_text_is_no_list(task):
    inputs, target = WHOLE[task]
    for lists in (("text", [target]), ([inputs], "text")):
        with pytest.raises(UserError):
            load_data(*lists, task=task)
