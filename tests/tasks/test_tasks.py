"""Labels, tags and answers after an attack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.datasets import load_data
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.records import Batch, Place
from charrobust.tasks.tagging.record import Tagging
from tests.strategies import texts
from tests.tasks.data import SQUAD, flat_questions

ATTACK = Attack.load("charbert")
PLACE = Place("test", "line 1")


def batch(*records) -> Batch:
    return Batch(0, list(records), [PLACE] * len(records))


class TestClassification:
    """One text or a pair."""

    def test_both_sides_of_a_pair_are_attacked_or_one(self):
        record = {"question": "Which wonderful river?", "sentence": "Wonderful river Rhine", "label": 1}
        both = Classification(("question", "sentence")).perturb(batch(record), ATTACK).records[0]
        one = Classification(("question", "sentence"), attacked=("sentence",)).perturb(batch(record), ATTACK).records[0]
        assert both["question"] != record["question"] == one["question"]
        assert both["sentence"] == one["sentence"] != record["sentence"]
        assert both["label"] == one["label"] == 1

    @pytest.mark.parametrize(("record", "columns"), [
        ({"sentence": "", "label": 0}, ("sentence",)), ({"text": "", "sentence": ""}, ("text",)),
        ({"sentence1": "", "sentence2": "", "label": 0}, ("sentence1", "sentence2")),
        ({"question": "", "sentence": "", "idx": 0}, ("question", "sentence")),
        ({"text_a": "", "text_b": ""}, ("text_a", "text_b")),
    ])  # fmt: skip
    def test_usual_columns_are_found(self, record, columns):
        assert Classification.detect(record, PLACE).texts == columns

    def test_ids_make_equal_texts_different(self):
        records = [{"id": str(number), "text": "extraordinarily wonderful"} for number in range(20)]
        with_ids = Classification(("text",), None, id_column="id").perturb(batch(*records), ATTACK)
        without = Classification(("text",), None).perturb(batch(*records), ATTACK)
        assert len({record["text"] for record in with_ids.records}) > 15
        assert len({record["text"] for record in without.records}) == 1
        assert {edit.example for edit in with_ids.edits()} == {str(number) for number in range(20)}


class TestTagging:
    """Tokens and tags."""

    def test_tags_and_other_columns_stay(self):
        record = {"tokens": ["Great", "Britain", "rejects"], "tags": ["B-LOC", "I-LOC", "O"], "pos": [1, 2, 3]}
        made = Tagging().perturb(batch(record), ATTACK).records[0]
        assert {**made, "tokens": 0} == {**record, "tokens": 0}
        assert len(made["tokens"]) == 3

    @pytest.mark.parametrize(
        ("tags", "names"),
        [(["B-LOC", "I-LOC", "O"], ()), ([1, 2, 0], ("O", "B-LOC", "I-LOC")), ([0, 1, 2], ("B-LOC", "I-LOC", "O"))],
    )
    def test_entities_may_be_protected(self, tags, names):
        record = {"tokens": ["Great", "Britain", "rejects"], "tags": tags}
        made = Tagging(protect_entities=True, class_names=names).perturb(batch(record), ATTACK).records[0]
        assert made["tokens"][:2] == ["Great", "Britain"]
        assert made["tokens"][2] != "rejects"

    def test_numbers_without_names_do_not_tell_entities(self):
        record = {"tokens": ["Great", "Britain", "rejects"], "tags": [5, 6, 0]}
        with pytest.raises(UserError, match=r"tags in column 'tags' are numbers \(5\), .*`class_names`"):
            Tagging(protect_entities=True).perturb(batch(record), ATTACK)


def answers_of(record):
    """Return (text, start) of all answers of a paragraph."""
    return [
        (answer["text"], answer["answer_start"])
        for qa in record["qas"]
        for answer in qa["answers"] + qa.get("plausible_answers", [])
    ]


class TestQuestionAnswering:
    """Questions, contexts, answers."""

    paragraph = SQUAD["data"][0]["paragraphs"][0]

    @pytest.mark.parametrize("seed", range(20))
    def test_answers_stand_at_their_offsets(self, seed):
        task = QuestionAnswering(("question", "context"))
        made = task.perturb(batch(self.paragraph), Attack.load("charbert", seed=seed)).records[0]
        assert made["context"] != self.paragraph["context"]
        for text, start in answers_of(made):
            assert text
            assert made["context"][start : start + len(text)] == text
        assert [qa["is_impossible"] for qa in made["qas"]] == [False, True, False]
        assert made["qas"][1]["answers"] == []

    def test_answers_may_be_protected(self):
        for seed in range(10):
            task = QuestionAnswering(("context",), protect_answers=True)
            made = task.perturb(batch(self.paragraph), Attack.load("charbert", seed=seed)).records[0]
            assert [text for text, _ in answers_of(made)] == [text for text, _ in answers_of(self.paragraph)]
            assert [qa["question"] for qa in made["qas"]] == [qa["question"] for qa in self.paragraph["qas"]]

    def test_a_word_that_an_answer_cuts_stays(self):
        for seed in range(10):
            made = QuestionAnswering(("context",)).perturb(batch(self.paragraph), Attack.load("charbert", seed=seed))
            assert "1990s" in made.records[0]["context"]

    def test_questions_alone_are_attacked_by_default(self):
        made = QuestionAnswering().perturb(batch(self.paragraph), ATTACK).records[0]
        assert made["context"] == self.paragraph["context"]
        assert all(
            new["question"] != old["question"] for new, old in zip(made["qas"], self.paragraph["qas"], strict=True)
        )

    @pytest.mark.parametrize("shape", ["hub", "list"])
    def test_all_shapes_of_records_are_attacked_alike(self, shape):
        task = QuestionAnswering(("question", "context"))
        # without the answer that cuts a word, which protects it in its own record alone
        nested = task.perturb(batch({**self.paragraph, "qas": self.paragraph["qas"][:2]}), ATTACK).records[0]
        flat = task.perturb(batch(*flat_questions(shape)[:2]), ATTACK).records
        assert [record["question"] for record in flat] == [qa["question"] for qa in nested["qas"]]
        assert {record["context"] for record in flat} == {nested["context"]}

    def test_the_input_is_left_as_it_is(self):
        before = repr(self.paragraph)
        QuestionAnswering(("question", "context")).perturb(batch(self.paragraph), ATTACK)
        assert repr(self.paragraph) == before

    @given(texts, st.data())
    def test_answers_are_right_in_any_text(self, context, data):
        start = data.draw(st.integers(0, max(0, len(context) - 1)))
        end = data.draw(st.integers(min(start + 1, len(context)), len(context)))
        answers = [{"text": context[start:end], "start": start}] if end > start else []
        record = {"id": "1", "question": "?", "context": context, "answers": answers}
        made = QuestionAnswering(("context",)).perturb(batch(record), Attack.load("charbert@1x2"))
        for answer in made.records[0]["answers"]:
            assert answer["text"]
            found = made.records[0]["context"][answer["start"] :][: len(answer["text"])]
            assert found == answer["text"]
        assert QuestionAnswering().restore(made.records[0], made.edits(), PLACE) == record


def test_unknown_fields_are_refused():
    with pytest.raises(UserError, match=r"did you mean 'context'\?"):
        QuestionAnswering(("contxt",))
    with pytest.raises(UserError, match="not a text column"):
        Classification(("text",), attacked=("label",))


@pytest.mark.parametrize("carry_tags", [False, True])
def test_noise_leaves_protected_entities_alone(carry_tags):
    record = {"tokens": ["wonderful", "Greater", "London"], "tags": ["O", "B-LOC", "I-LOC"]}
    data = load_data([record] * 3, task="tagging", protect="entities", carry_tags=carry_tags)
    for example in data.task.perturb_examples(data.examples, Attack.load("drop@1"), ["a", "b", "c"]):
        assert example.texts[0] != "wonderful"
        assert example.texts[1:] == ("Greater", "London")


@pytest.mark.parametrize("protect", ["answers", ()])
def test_noise_leaves_protected_answers_alone(protect):
    record = {
        "question": "who?",
        "context": "wonderful Margaret",
        "answers": [{"text": "Margaret", "answer_start": 10}],
    }
    data = load_data([record], task="qa", field="context", protect=protect)
    (example,) = data.task.perturb_examples(data.examples, Attack.load("drop@1"), ["a"])
    assert not example.texts[1].startswith("wonderful")
    assert (example.target == ("Margaret",)) == bool(protect)
