"""Words that tokenizers split, and scores on each kind."""

import numpy as np
import pytest

from charrobust.datasets import load_data
from charrobust.scoring.evaluation.splits import SPLIT, WHOLE, Groups, split_scores, split_words
from charrobust.tasks.classification.metrics import ACCURACY
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import score
from charrobust.tasks.tagging.metrics import SPAN_F1, TAG_ACCURACY
from tests.models.tokenizers import KINDS, byte_level, wordpiece
from tests.scoring.fakes import outcome_of
from tests.tasks.data import task_of

WORDS = ["the", "wonderful", "xyzzy", "the", "north"]


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_split_as_in_running_text(kind):
    tokenizer = KINDS[kind]()
    found = split_words(tokenizer, WORDS)
    for word, split in zip(WORDS, found.tolist(), strict=True):
        pieces = [piece for piece in tokenizer.tokenize(f" {word}") if piece not in ("Ġ", "▁")]
        assert split == (len(pieces) > 1)
    assert found[0] == found[3]
    assert not found[0]
    assert found[2] == (kind != "wordpiece")  # there it is unknown as a whole


def test_byte_level_words_are_read_after_a_blank():
    tokenizer = byte_level()
    assert len(tokenizer.tokenize("north")) > len(tokenizer.tokenize(" north"))
    assert not split_words(tokenizer, ["north"])[0]


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_surrogate_pair_is_read_as_predictors_read_it(kind):
    tokenizer = KINDS[kind]()
    assert split_words(tokenizer, ["b\ud83db"]) == split_words(tokenizer, ["b\ufffdb"])


def test_no_words():
    assert split_words(wordpiece(), []).tolist() == []


class SplitsLongWords:
    """Splits words of more than four letters."""

    def __call__(self, texts, **options):
        return {"input_ids": [[1] * (1 + (len(text) > 5)) for text in texts]}

    def get_vocab(self):
        return {"x": 1}


def test_examples_with_and_without_a_split_content_word():
    texts = ["the cat sat", "about through 12345", "wonderful cat", "cat"]
    data = load_data(texts, ["a", "b", "a", "b"])
    outcome = outcome_of(data.task, ["a", "b", "a", "b"], ["a", "b", "b", "b"])
    groups = Groups(data.task, data.examples, SplitsLongWords())
    split, whole = (groups.score(group, ACCURACY, outcome) for group in (SPLIT, WHOLE))
    assert (split[0].sum(axis=0).tolist(), split[1]) == ([0, 1], 1)
    assert (whole[0].sum(axis=0).tolist(), whole[1]) == ([3, 3], 3)


def test_questions_are_grouped_by_their_own_words():
    examples = [Example("0", ("cat?", "Wonderful contexts."), ()), Example("1", ("wonderful?", "cat"), ())]
    task = task_of("qa")
    groups = Groups(task, examples, SplitsLongWords())
    outcome = outcome_of(task, [("cat",), ()], ["cat", ""])
    metric = task.metrics(outcome.first.targets)[0]
    assert [groups.score(group, metric, outcome)[1] for group in (SPLIT, WHOLE)] == [1, 1]


SENTENCES = [["New", "Yorkshire", "is", "wide"], ["Rome"], [], ["Peter", "met", "Ann"]]
TAGS = [["B-L", "I-L", "O", "O"], ["B-L"], [], ["B-P", "O", "B-P"]]
SAID = [["B-L", "O", "O", "O"], ["B-L"], [], ["B-P", "B-L", "O"]]


def tagged():
    data = load_data(SENTENCES, TAGS, task="tagging")
    return Groups(data.task, data.examples, SplitsLongWords()), outcome_of(data.task, TAGS, SAID)


def test_entities_by_their_words():
    groups, outcome = tagged()
    split, whole = (groups.score(group, SPAN_F1, outcome) for group in (SPLIT, WHOLE))
    # right, predicted, actual; "New" alone is predicted, and whole
    assert split[0].tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1]]
    assert whole[0].tolist() == [[0, 1, 0], [1, 1, 1], [0, 0, 0], [0, 1, 1]]
    assert (split[1], whole[1]) == (2, 2)
    assert np.array_equal(split[0] + whole[0], outcome.statistics(SPAN_F1))


def test_words_by_themselves():
    groups, outcome = tagged()
    split, whole = (groups.score(group, TAG_ACCURACY, outcome) for group in (SPLIT, WHOLE))
    assert split[0].tolist() == [[0, 1], [0, 0], [0, 0], [1, 1]]
    assert whole[0].tolist() == [[3, 3], [1, 1], [0, 0], [0, 2]]
    assert (split[1], whole[1]) == (2, 6)


def test_scores_by_group():
    groups, outcome = tagged()
    found = split_scores(groups, SPAN_F1, "s", {"clean": outcome, "drop": outcome}, confidence=0.95, seed=0)
    assert [(each.group, each.attack, each.size) for each in found] == [
        ("split", "clean", 2), ("split", "drop", 2), ("whole", "clean", 2), ("whole", "drop", 2),
    ]  # fmt: skip
    assert found[0].value.value == pytest.approx(2 / 3)
    assert found[2].value.value == pytest.approx(2 / 5)


def test_groups_too_small_for_an_interval_are_left_out():
    texts = ["the cat sat", "wonderful cat", "cat"]
    data = load_data(texts, ["a", "b", "a"])
    outcome = outcome_of(data.task, ["a", "b", "a"], ["a", "b", "b"])
    groups = Groups(data.task, data.examples, SplitsLongWords())
    found = split_scores(groups, ACCURACY, "s", {"clean": outcome}, confidence=0.95, seed=0)
    assert [(each.group, each.size) for each in found] == [("whole", 2)]
    assert found[0].value.value == score(ACCURACY, ["a", "a"], ["a", "b"])
