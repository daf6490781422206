"""Spans in every shape: read, attacked, restored, and what follows the edits."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.datasets.formats.json_stream import columns_of
from charrobust.errors import DataError
from charrobust.perturb import Attack
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import score
from charrobust.tasks.records import Batch, Place
from charrobust.tasks.spans.record import Spans
from charrobust.tasks.spans.tags import nested, pieces_of, spans_of, tagged
from tests.strategies import texts
from tests.tasks.spans.shapes import LOC, PER, ROWS, SHAPES, TEXT

ATTACKS = [Attack.load("charbert"), Attack.load("everyday@1"), Attack.load("drop@1x2"), Attack.load("add@1x3")]
PLACE = Place("test", "line 1")


def batch(*records) -> Batch:
    return Batch(0, list(records), [PLACE] * len(records))


def task_of(record, **choices) -> Spans:
    found = Spans.detect(record, PLACE)
    return found if not choices else type(found)(**{**vars(found), **choices})


def example_of(task, record) -> Example:
    (example,) = task.examples(batch(record))
    return example


def round_trip(task, record, attack):
    """Attack a record, check that it can be restored, and return what it became."""
    perturbed = task.perturb(batch(record), attack)
    attacked = perturbed.records[0]
    assert task.restore(attacked, perturbed.edits(), PLACE) == json.loads(json.dumps(record))
    return attacked


class TestShapes:
    """What annotation tools and data sets write."""

    @pytest.mark.parametrize("shape", SHAPES)
    def test_spans_are_read(self, shape):
        record = columns_of(SHAPES[shape]) or SHAPES[shape]
        example = example_of(task_of(record), record)
        assert example.texts == (TEXT,)
        assert example.target == (PER, LOC)
        assert example.spans == (PER[:2], LOC[:2])

    @pytest.mark.parametrize("shape", ROWS)
    def test_one_span_a_record_is_read(self, shape):
        task = task_of(ROWS[shape])
        assert task.shape == "row"
        assert example_of(task, ROWS[shape]).target == (LOC,)

    @pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.recipe.name)
    @pytest.mark.parametrize("shape", [*SHAPES, *ROWS])
    def test_offsets_follow_the_edits_and_back(self, shape, attack):
        record = {**SHAPES, **ROWS}[shape]
        record = columns_of(record) or record
        task = task_of(record)
        attacked = round_trip(task, record, attack)
        clean, changed = example_of(task, record), example_of(task, attacked)
        assert changed.texts != clean.texts
        assert [name for *_, name in changed.target] == [name for *_, name in clean.target]
        # Spans of whole words stay spans of whole words.
        words = changed.texts[0].split()
        covered = {changed.texts[0][start:end] for start, end in changed.spans}
        assert covered <= {words[0], words[2]}

    def test_copies_and_all_other_offsets_follow(self):
        record = SHAPES["prodigy"]
        attacked = round_trip(task_of(record), record, ATTACKS[0])
        for token in attacked["tokens"]:
            assert attacked["text"][token["start"] : token["end"]] == token["text"]
        record = SHAPES["label studio"]
        attacked = round_trip(task_of(record), record, ATTACKS[0])
        text = attacked["data"]["text"]
        for part in (attacked["annotations"][1], attacked["predictions"][0]):
            values = [item["value"] for item in part["result"] if "start" in item.get("value", {})]
            assert values
            assert all(text[value["start"] : value["end"]] == value["text"] != "Stockholm" for value in values)
        record = SHAPES["mappings, inclusive"]
        attacked = round_trip(task_of(record), record, ATTACKS[0])
        for item in attacked["entities"]:
            assert attacked["sentence"][item["from"] : item["to"] + 1] == item["surface"]

    def test_numbers_stay_what_they_are(self):
        csv = round_trip(task_of(ROWS["of a CSV file"]), ROWS["of a CSV file"], ATTACKS[0])
        assert isinstance(csv["start"], str)
        gaps = round_trip(task_of(ROWS["with gaps"]), ROWS["with gaps"], ATTACKS[0])
        assert isinstance(gaps["end"], float)

    @pytest.mark.parametrize(("entities", "target"), [([], ()), (None, None)])
    def test_no_span_is_something_else_than_nothing_known(self, entities, target):
        task = task_of(SHAPES["pipeline"])
        assert example_of(task, {"text": TEXT, "entities": entities}).target == target
        assert example_of(task, {"text": TEXT}).target is None
        row = {**ROWS["start and end"], "start": None, "end": None}
        assert example_of(task_of(row), row).target is None

    def test_columns_of_arrays_are_read(self):
        record = {"text": TEXT, "entities": np.array([{"start": 0, "end": 6, "label": "PER"}], dtype=object)}
        assert example_of(task_of(record), record).target == (PER,)

    def test_the_task_can_be_built_again_from_its_fields(self):
        from dataclasses import asdict

        task = task_of(SHAPES["label studio"])
        assert (task.texts, task.label) == (("data.text",), "annotations.result")
        assert Spans.of_columns(json.loads(json.dumps(asdict(task)))) == task


class TestChoices:
    """What is attacked, and what stays."""

    def test_entities_may_be_protected_or_be_all_that_is_attacked(self):
        record = SHAPES["doccano"]
        kept = round_trip(task_of(record, protect_entities=True), record, ATTACKS[0])["text"].split()
        alone = round_trip(task_of(record, attacked=("entities",)), record, ATTACKS[0])["text"].split()
        words = TEXT.split()
        assert (kept[0], kept[2]) == (words[0], words[2])
        assert kept[1] != words[1]
        assert (alone[1], alone[3]) == (words[1], words[3])
        assert alone[2] != words[2]

    def test_a_word_that_a_border_cuts_stays(self):
        record = {"text": "Stockholmers visited Stockholm", "entities": [[0, 9, "LOC"]]}
        attacked = round_trip(task_of(record), record, ATTACKS[0])
        assert attacked["text"].startswith("Stockholmers ")
        assert attacked["entities"] == [[0, 9, "LOC"]]

    def test_noise_in_training_moves_targets(self):
        task = task_of(SHAPES["doccano"])
        example = example_of(task, SHAPES["doccano"])
        (noised,) = task.perturb_examples([example], ATTACKS[0], ["x"])
        assert noised.texts != example.texts
        assert tuple((start, end) for start, end, _ in noised.target) == noised.spans
        assert [noised.texts[0][start:end] for start, end in noised.spans] == noised.texts[0].split()[::2]
        assert task.common_facts(example, noised)[1][1:] == (2, 2)

    def test_names_for_types(self):
        record = {"text": TEXT, "entities": [[0, 6, "0"], [15, 24, "1"]]}
        task = task_of(record, class_names=("PER", "LOC"), label_map=(("LOC", "PLACE"),))
        target = example_of(task, record).target
        assert target == ((0, 6, "PER"), (15, 24, "PLACE"))
        assert task.classes([target]) == ("O", "B-PER", "I-PER", "B-PLACE", "I-PLACE")
        renamed = task.renamed(target, {"O": "O", "B-PER": "B-Person", "I-PER": "I-Person"})
        assert renamed == ((0, 6, "Person"), (15, 24, "PLACE"))


class TestClaims:
    """Records of texts that have offsets are no plain classification."""

    @pytest.mark.parametrize("shape", [name for name in SHAPES if name != "label studio" and name != "spacy training"])
    def test_offsets_make_it_spans(self, shape):
        assert isinstance(Classification.detect(SHAPES[shape], PLACE), Spans)

    @pytest.mark.parametrize("shape", ROWS)
    def test_one_span_a_record_too(self, shape):
        assert isinstance(Classification.detect(ROWS[shape], PLACE), Spans)

    @pytest.mark.parametrize("record", [
        {"text": TEXT, "label": "pos", "start": 1990, "end": 1995}, {"text": TEXT, "label": 1, "from": "a", "to": "b"},
        {"text": TEXT, "label": ["a", "b"]}, {"text": TEXT, "label": 1, "start": 3},
        {"text": TEXT, "label": 1, "bbox": [0, 3, 9, 9]},
    ])  # fmt: skip
    def test_other_records_stay_what_they_are(self, record):
        assert not isinstance(Classification.detect(record, PLACE), Spans)


@given(texts, st.data(), st.sampled_from(ATTACKS))
def test_spans_stay_inside_of_any_text_and_are_never_empty(text, data, attack):
    borders = st.integers(0, len(text))
    pairs = st.tuples(borders, borders).filter(lambda pair: pair[0] < pair[1])
    spans = data.draw(st.lists(pairs, max_size=4)) if text else []
    entities = [{"start": start, "end": end, "label": "X", "text": text[start:end]} for start, end in spans]
    record = {"text": text, "entities": entities}
    task = Spans(columns=("text", "entities"))
    attacked = round_trip(task, record, attack)
    assert [item["label"] for item in attacked["entities"]] == ["X"] * len(spans)
    for item in attacked["entities"]:
        assert 0 <= item["start"] < item["end"] <= len(attacked["text"])
        assert attacked["text"][item["start"] : item["end"]] == item["text"]


@given(texts, st.data())
def test_spans_of_pieces_become_tags_and_the_same_spans_again(text, data):
    pieces = pieces_of(text)
    assert "".join(text[start:end] for start, end in pieces) == "".join(text.split())
    borders = sorted(data.draw(st.sets(st.integers(0, len(pieces)), max_size=6)))
    spans = []
    for first, last in zip(borders[::2], borders[1::2], strict=False):
        spans.append((pieces[first][0], pieces[last - 1][1], data.draw(st.sampled_from(["A", "B-C"]))))
    tags = tagged(pieces, tuple(spans))
    known = ["O", "B-A", "I-A", "B-B-C", "I-B-C"]
    assert spans_of([pieces, []], [tags, ()], known) == [tuple(spans), ()]


def test_a_cut_piece_belongs_to_the_span_and_nested_ones_are_left_out():
    pieces = pieces_of("Stockholm's friends")
    assert tagged(pieces, ((0, 9, "LOC"),)) == ("B-LOC", "O", "O", "O")
    assert tagged(pieces, ((2, 11, "LOC"),)) == ("B-LOC", "I-LOC", "I-LOC", "O")
    spans = ((0, 19, "A"), (0, 9, "B"), (10, 11, "C"))
    assert nested(spans) == [(0, 9, "B"), (10, 11, "C")]
    task = Spans()
    assert "2 of 3 spans overlap" in task.remarks([Example("1", ("Stockholm's friends",), spans)])[0]
    assert task.remarks([Example("1", ("Stockholm's friends",), spans[:1])]) == []


def test_metrics():
    task = Spans()
    targets = [(PER, LOC), (), (PER,)]
    predictions = [(PER, (15, 24, "PER")), (), ()]
    by_type, by_place = task.metrics(targets)
    assert score(by_type, targets, predictions) == pytest.approx(2 * 1 / (2 + 3))
    assert score(by_place, targets, predictions) == pytest.approx(2 * 2 / (2 + 3))
    assert task.example_scores(targets, predictions).tolist() == [0.5, 1.0, 0.0]
    assert task.right(targets, predictions).tolist() == [False, True, False]
    assert task.is_prediction(predictions[0], Example("1", (TEXT,), None))
    assert not task.is_prediction(((0, 99, "PER"),), Example("1", (TEXT,), None))
    assert task.target_text(targets[0]) == "0-6 PER; 15-24 LOC"
    assert task.filters(task.target_text(targets[0])) == ["LOC", "PER"]
    assert task.filters(task.target_text(())) == ["no span"]


def test_predictions_for_restored_text_are_places_in_the_text_that_was_given():
    given_text, read = "AnnikXa visited Stockolm", "Annika visited Stockholm"
    carried = Spans.carried_back((PER, LOC), Example("1", (read,), None), Example("1", (given_text,), None))
    assert [given_text[start:end] for start, end, _ in carried] == ["AnnikXa", "Stockolm"]


def test_an_edit_log_of_another_text_is_refused():
    task = task_of(SHAPES["doccano"])
    perturbed = task.perturb(batch(SHAPES["doccano"]), ATTACKS[0])
    with pytest.raises(DataError, match="does not fit"):
        task.restore(SHAPES["doccano"], perturbed.edits(), PLACE)
