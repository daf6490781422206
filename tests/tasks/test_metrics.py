"""Metrics equal those of scikit-learn, SciPy, seqeval and the official SQuAD script."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from seqeval.metrics import f1_score as seqeval_f1
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from charrobust.tasks.metrics import score
from charrobust.tasks.tagging.metrics import find_spans
from tests.tasks.data import task_of

CLASSES = ["b", "a", "d", "c"]
pairs = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=30)
numbers = st.floats(-5, 5).map(lambda value: round(value, 3))
number_pairs = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=30)
TAGS = ["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC", "I-A-B", "B", "I"]
sentences = st.lists(st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), max_size=8), max_size=5)


def values(task, targets, predictions, **options):
    metrics = task_of(task).metrics(targets, **options)
    return {metric.name: score(metric, targets, predictions) for metric in metrics}


@given(pairs)
def test_classes_as_scikit_learn_has_them(given_pairs):
    targets, predictions = map(list, zip(*given_pairs, strict=True))
    found = values("classification", targets, predictions, labels=CLASSES)
    assert found["accuracy"] == pytest.approx(accuracy_score(targets, predictions))
    assert found["macro F1"] == pytest.approx(f1_score(targets, predictions, average="macro", zero_division=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a single class
        assert found["Matthews"] == pytest.approx(matthews_corrcoef(targets, predictions))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_f1_of_the_second_of_two_classes(flags):
    targets, predictions = (["positive" if flag else "negative" for flag in side] for side in zip(*flags, strict=True))
    found = values("classification", targets, predictions, labels=["negative", "positive"])
    wanted = f1_score(targets, predictions, pos_label="positive", zero_division=0)
    assert found["F1 of positive"] == pytest.approx(wanted)


def test_the_metrics_of_classes_and_their_order():
    assert list(values("classification", ["1", "0"], ["1", "1"])) == ["accuracy", "macro F1", "F1 of 1", "Matthews"]
    assert list(values("classification", ["x"], ["x"])) == ["accuracy", "macro F1", "Matthews"]
    named = values("classification", ["yes", "no"], ["yes", "no"], labels=["yes", "no"])
    assert list(named) == ["accuracy", "macro F1", "F1 of no", "Matthews"]


def test_classes_that_no_target_has_count_as_one_more():
    found = values("classification", ["a", "b", "b"], ["a", "b", "x"])
    assert found["macro F1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert found["Matthews"] == pytest.approx(matthews_corrcoef(["a", "b", "b"], ["a", "b", "x"]))


@given(number_pairs)
def test_numbers_as_scipy_has_them(given_pairs):
    x, y = map(np.array, zip(*given_pairs, strict=True))
    assume(np.ptp(x) > 0.01 and np.ptp(y) > 0.01)
    found = values("regression", x.tolist(), y.tolist())
    assert found["Pearson"] == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
    assert found["Spearman"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)


@pytest.mark.parametrize("shift", [0, 1000])
def test_numbers_that_do_not_vary_correlate_with_nothing(shift):
    assert values("regression", [1.0, 2.0, 3.5], [shift + 0.1] * 3) == {"Pearson": 0, "Spearman": 0}
    assert values("regression", [0.1] * 3, [shift + 1.0, 2.0, 3.0]) == {"Pearson": 0, "Spearman": 0}


@given(sentences)
def test_spans_as_seqeval_has_them(given_sentences):
    targets, predictions = ([[pair[side] for pair in sentence] for sentence in given_sentences] for side in (0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no spans at all
        wanted = seqeval_f1(targets, predictions) if any(targets) else 0
    assert values("tagging", targets, predictions)["span F1"] == pytest.approx(wanted)


# The published cases of seqeval's own tests, with IOB1, bad transitions, and I- without B-.
SEQEVAL = [
    (["B-PER", "I-PER", "O", "B-LOC"], [("PER", 0, 1), ("LOC", 3, 3)]),
    (["B-MISC", "I-MISC", "B-MISC", "I-MISC", "O", "O"], [("MISC", 0, 1), ("MISC", 2, 3)]),
    (["O", "O", "I-MISC", "B-MISC", "I-MISC", "O", "O"], [("MISC", 2, 2), ("MISC", 3, 4)]),
    (["I-PER", "I-PER", "I-LOC", "O"], [("PER", 0, 1), ("LOC", 2, 2)]),
    (["B-PER", "I-LOC", "I-LOC"], [("PER", 0, 0), ("LOC", 1, 2)]),
    (["S-PER", "E-PER", "I-PER", "E-PER"], [("PER", 0, 0), ("PER", 1, 1), ("PER", 2, 3)]),
    (["O", "O", "O"], []),
]


@pytest.mark.parametrize(("tags", "wanted"), SEQEVAL)
def test_published_cases(tags, wanted):
    assert get_entities(tags) == wanted
    kinds = {}
    spans = find_spans([tags], kinds)
    names = {number: name for name, number in kinds.items()}
    assert [(names[kind], start, end - 1) for start, end, kind in spans.triples()] == wanted


def test_the_example_in_seqeval_s_readme():
    targets = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    predictions = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    assert values("tagging", targets, predictions) == {"span F1": 0.5, "tag accuracy": 0.8}


def test_spans_know_their_sentence():
    spans = find_spans([["O"], [], ["B-X", "I-X"], ["I-X", "O", "I-Y"]])
    assert spans.sentence.tolist() == [2, 3, 3]
    assert (spans.start.tolist(), spans.end.tolist()) == ([1, 3, 5], [3, 4, 6])


def test_tags_that_mark_no_spans_are_scored_by_accuracy_alone():
    assert values("tagging", [["NOUN", "X"]], [["NOUN", "VERB"]]) == {"tag accuracy": 0.5}
    assert list(values("tagging", [["O", "B-X"]], [["O", "O"]])) == ["span F1", "tag accuracy"]


# (right answers, prediction, exact match, F1), worked out by the rules of the official script of SQuAD 2.0
ANSWERS = [
    (["Denver Broncos"], "The Denver Broncos!", 1, 1),
    (["in the 1990s"], "1990s", 0, 2 / 3),
    (["Saint Bernadette Soubirous", "Bernadette"], "bernadette", 1, 1),
    (["a b b c"], "b b d", 0, 4 / 6),
    ([], "", 1, 1),
    ([], "the", 1, 1),
    ([], "Paris", 0, 0),
    (["Paris"], "", 0, 0),
    (["the", "Paris"], "", 0, 0),
    (["the"], "", 1, 1),
    (["U.S."], "us", 1, 1),
    (["café au lait"], "Café  au lait", 1, 1),
]


@pytest.mark.parametrize(("answers", "said", "exact", "f1"), ANSWERS)
def test_answers_as_squad_has_them(answers, said, exact, f1):
    found = values("qa", [answers], [said])
    assert (found["exact match"], found["F1"]) == (exact, pytest.approx(f1))
    assert list(found) == ["F1", "exact match"]


def test_scores_of_examples():
    assert task_of("classification").example_scores(["a", "b"], ["a", "a"]).tolist() == [1, 0]
    assert task_of("regression").example_scores([1.0, 2.0], [1.5, 2.0]).tolist() == [-0.5, 0]
    assert task_of("tagging").example_scores([["O", "B"], []], [["O", "O"], []]).tolist() == [0.5, 1]
    assert task_of("qa").example_scores([["a b c"]], ["b"]).tolist() == pytest.approx([2 / 3])


def test_right_and_wrong():
    assert task_of("classification").right(["a", "b"], ["a", "a"]).tolist() == [True, False]
    assert task_of("regression").right([1.0], [1.0]) is None
    assert task_of("tagging").right([["O", "B"], [], ["O"]], [["O", "O"], [], ["O"]]).tolist() == [False, True, True]
    assert task_of("qa").right([["Paris"], []], ["paris.", "Rome"]).tolist() == [True, False]


@given(pairs, st.integers(0, 5))
def test_a_metric_of_a_resample_is_that_of_weighted_sums(given_pairs, seed):
    targets, predictions = map(list, zip(*given_pairs, strict=True))
    numbers = np.random.default_rng(seed).integers(0, len(targets), len(targets))
    for metric in task_of("classification").metrics(targets, CLASSES):
        statistics = metric.statistics(targets, predictions)
        again = score(metric, [targets[i] for i in numbers], [predictions[i] for i in numbers])
        assert float(metric.value(statistics[numbers].sum(axis=0))) == pytest.approx(again)
