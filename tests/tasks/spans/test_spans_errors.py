"""Spans that cannot be right, or could not be followed, are refused with their place and a remedy."""

import random

import pytest

from charrobust.datasets.formats.json_stream import columns_of
from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.records import Batch, Place
from charrobust.tasks.regression.record import Regression
from charrobust.tasks.spans.record import Spans
from charrobust.tasks.spans.slots import mutable
from tests.tasks.spans.shapes import ROWS, SHAPES, TEXT

ATTACK = Attack.load("charbert")
PLACE = Place("in.jsonl", "line 3")
TASK = Spans(columns=("text", "entities"))


def refusal(record, task=TASK) -> str:
    """Return the error with which reading and attacking a record end."""
    with pytest.raises(DataError) as reading:
        list(task.examples(Batch(0, [record], [PLACE])))
    with pytest.raises(DataError) as attacking:
        task.perturb(Batch(0, [record], [PLACE]), ATTACK)
    assert str(reading.value) == str(attacking.value)
    assert str(reading.value).startswith("in.jsonl, line 3: ")
    return str(reading.value)


@pytest.mark.parametrize(("start", "end"), [(0, 35), (-1, 6), (6, 6), (7, 3), (40, 50)])
@pytest.mark.parametrize("shape", ["list", "mapping"])
def test_offsets_outside_of_the_text(start, end, shape):
    entity = [start, end, "PER"] if shape == "list" else {"start": start, "end": end, "label": "PER"}
    problem = refusal({"text": TEXT, "entities": [entity]})
    assert f"offsets {start} to {end}; expected 0 <= start < end <= 34" in problem


def test_a_copy_that_is_not_what_stands_there():
    problem = refusal({"text": TEXT, "entities": [{"start": 1, "end": 7, "text": "Annika", "label": "PER"}]})
    assert "expected 'Annika' at 1 to 7, found 'nnika '; it does occur at 0: correct the offset" in problem
    problem = refusal({"text": TEXT, "entities": [{"start": 1, "end": 7, "term": "Anna", "label": "PER"}]})
    assert "it does not occur in the text" in problem


def test_ends_of_two_kinds():
    entities = [
        {"start": 0, "end": 5, "text": "Annika", "label": "PER"},
        {"start": 15, "end": 24, "text": "Stockholm", "label": "LOC"},
    ]
    assert "some spans end at their last letter and others behind it" in refusal({"text": TEXT, "entities": entities})


@pytest.mark.parametrize(("more", "name"), [
    ({"token_start": 0}, "entities.token_start"), ({"global_offset": 12}, "entities.global_offset"),
    ({"char_offsets": [0, 1, 2]}, "entities.char_offsets"), ({"startOffset": 3}, "entities.startOffset"),
])  # fmt: skip
def test_offsets_that_nobody_can_move(more, name):
    record = {"text": TEXT, "entities": [{"start": 0, "end": 6, "label": "PER", **more}]}
    problem = refusal(record)
    assert name in problem
    assert "`plain_columns`" in problem
    task = Spans(columns=("text", "entities"), plain_columns=tuple(more))
    assert next(iter(task.examples(Batch(0, [record], [PLACE])))).target == ((0, 6, "PER"),)


@pytest.mark.parametrize(("entities", "problem"), [
    ("0-6", "must be a list of spans, got '0-6'"),
    ([[0, 6, "PER", 7]], "must hold lists [start, end, label]"),
    ([[0, 6, "PER"], "x"], "must hold lists [start, end, label]"),
    ([{"start": 0, "end": None, "label": "PER"}], "expected two numbers"),
    ([{"start": "/p[1]", "end": "/p[2]", "label": "PER"}], "expected two numbers"),
    ([{"start": 0, "end": 1, "start_char": 0, "end_char": 6, "label": "PER"}], "several starts and ends"),
    ({"start": [0, 3], "end": [6], "label": ["PER", "X"]}, "2 starts and 1 ends"),
    ({"start": [0, None], "end": [6, 7], "label": ["PER", "X"]}, "the start None"),
])  # fmt: skip
def test_shapes_that_are_none(entities, problem):
    assert problem in refusal({"text": TEXT, "entities": entities})


def test_a_span_without_a_type():
    record = {"text": TEXT, "entities": [{"start": 0, "end": 6, "label": None}]}
    assert "has no type" in refusal(record)


def test_what_may_be_offsets_under_another_name():
    record = {"text": TEXT, "entities": [[0, 6, "PER"]], "coreference": [[0, 6, "x"]]}
    assert "coreference holds what may be offsets" in refusal(record)


def test_no_text():
    assert "column 'text' must be text, got None" in refusal({"entities": []})


def test_nothing_to_detect():
    with pytest.raises(DataError, match="no text found among a"):
        Spans.detect({"a": 1}, PLACE)
    with pytest.raises(DataError, match="no spans found among text, words; expected a list"):
        Spans.detect({"text": "a", "words": ["a"]}, PLACE)


def test_choices_that_do_not_go_together():
    with pytest.raises(UserError, match="unknown field 'entity' of spans; did you mean 'entities'"):
        Spans(attacked=("entity",))
    with pytest.raises(UserError, match="both attacked"):
        Spans(attacked=("entities",), protect_entities=True)
    with pytest.raises(UserError, match="one text"):
        Spans(texts=("a", "b"))


def test_protected_entities_must_be_known():
    task = Spans(columns=("text", "entities"), protect_entities=True)
    with pytest.raises(DataError, match="nothing says what is an entity"):
        task.perturb(Batch(0, [{"text": TEXT, "entities": None}], [PLACE]), ATTACK)


@pytest.mark.parametrize("more", [
    {"start": 0, "end": 6}, {"start1": 0, "end1": 6}, {"tokens": [{"start": 0, "end": 6}]},
    {"highlights": [[0, 6, "x"]]}, {"rationale": {"start": [0], "end": [6]}},
])  # fmt: skip
def test_no_other_task_of_texts_lets_offsets_go_stale(more):
    record = {"text": TEXT, "label": 1, **more}
    batch = Batch(0, [record], [PLACE])
    for task in (Classification(texts=("text",)), Regression(texts=("text",))):
        with pytest.raises(DataError, match=r"seems to hold offsets into the text.*`task` = spans.*`plain_columns`"):
            task.perturb(batch, ATTACK)
    plain = Classification(texts=("text",), plain_columns=tuple(more))
    assert plain.perturb(batch, ATTACK).records[0]["text"] != TEXT


def test_label_studio_has_no_text_column_of_its_own():
    with pytest.raises(DataError, match="no text column found"):
        Classification.detect(SHAPES["label studio"], PLACE)


WRONG = [
    None,
    True,
    -1,
    3,
    99,
    2.5,
    float("nan"),
    "",
    "x",
    "7",
    [],
    [0],
    [0, 6],
    [0, 6, "PER"],
    [None],
    {},
    {"start": 1},
]


def mutated(value, draw):
    """Return a value of which one part, at any depth, is something else, is left out, or is there twice."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        key = draw.choice(list(value))
        if draw.random() < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: mutated(value[key], draw)}
    if isinstance(value, list) and value and draw.random() < 0.8:
        number = draw.randrange(len(value))
        return [*value[:number], mutated(value[number], draw), *value[number + draw.randrange(2) :]]
    return draw.choice(WRONG)


@pytest.mark.parametrize("shape", [*SHAPES, *ROWS])
def test_mutants_are_understood_or_refused(shape):
    """No mutant ends in another error, and one that is attacked comes back as it was."""
    draw = random.Random(shape)
    record = {**SHAPES, **ROWS}[shape]
    record = mutable(columns_of(record) or record)
    attacked = 0
    refusals = []
    for _ in range(150):
        mutant = mutated(record, draw)
        batch = Batch(0, [mutant], [PLACE])
        try:
            if not isinstance(mutant, dict):
                continue
            for task in (Spans.detect(record, PLACE), Spans.detect(mutant, PLACE)):
                list(task.examples(batch))
                perturbed = task.perturb(batch, ATTACK)
                (changed,) = task.examples(Batch(0, perturbed.records, [PLACE]))
                (clean,) = task.examples(batch)
                facts = task.common_facts(clean, changed)
                assert all(before == after for _, before, after in facts)
                restored = task.restore(perturbed.records[0], perturbed.edits(), PLACE)
                assert repr(restored) == repr(mutant)
                attacked += 1
        except UserError as error:
            refusals.append(str(error))
    assert attacked
    assert all(refusal.startswith("in.jsonl, line 3: ") for refusal in refusals)
