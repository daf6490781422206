"""Functions and pipelines of scikit-learn as systems."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from charrobust.datasets import load_data
from charrobust.scoring import evaluate
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.predictions import Predictions
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.scoring.fakes import LABELS, TEXTS, names, questions, reviews

EXAMPLES = [Example(str(n), (text,), None) for n, text in enumerate(TEXTS)]
RIGHT = [["bad", "good"]["wonderful" in text] for text in TEXTS]


def label(texts):
    return [["bad", "good"]["wonderful" in text] for text in texts]


def of(function, **options):
    options.setdefault("task", "classification")
    return System.of(function, **options)


def scored(texts):
    return [{"bad": 0.9 - 0.8 * ("wonderful" in text), "good": 0.1 + 0.8 * ("wonderful" in text)} for text in texts]


class Model:
    """An object with a method of the usual name."""

    def predict(self, texts):
        return np.array(label(texts))


ANSWERS = {
    "labels": label,
    "an array": lambda texts: np.array(label(texts)),
    "a series": lambda texts: pd.Series(label(texts)),
    "scores by label": scored,
    "what pipelines return": lambda texts: [{"label": each, "score": 0.9} for each in label(texts)],
    "what pipelines return for all classes": lambda texts: [
        [{"label": name, "score": score} for name, score in each.items()] for each in scored(texts)
    ],
    "an array of scores": lambda texts: np.array([list(each.values()) for each in scored(texts)]),
    "a tensor of scores": lambda texts: torch.tensor([list(each.values()) for each in scored(texts)]),
    "an object": Model(),
    "a method": Model().predict,
    "a generator": lambda texts: (each for each in label(texts)),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_shapes_of_answers(answer):
    assert of(answer, labels=["bad", "good"]).predict(EXAMPLES) == RIGHT


def test_inputs_come_in_batches():
    given = []
    system = of(lambda texts: given.append(texts) or label(texts), batch_size=4)
    assert system.predict(EXAMPLES) == RIGHT
    assert given == [TEXTS[:4], TEXTS[4:]]


def test_scores():
    system = of(scored)
    assert system.scores(EXAMPLES).tolist() == [list(each.values()) for each in scored(TEXTS)]
    assert system.labels == ("bad", "good")
    assert of(label).scores(EXAMPLES) is None


def test_each_task_in_its_own_shape():
    assert of(lambda pairs: [len(a) + len(b) for a, b in pairs], task="regression").predict(
        [Example("0", ("one", "other"), None)]
    ) == [8.0]
    tagged = of(lambda sentences: [["O"] * len(tokens) for tokens in sentences], task="tagging")
    assert tagged.predict(names().examples)[2:] == [("O",), ()]
    assert of(lambda pairs: [context[:3] for _, context in pairs], task="qa").predict(questions().examples)[0] == "The"
    found = of(
        lambda texts: [[{"start": 0, "end": 3, "entity_group": "PER"}, (4, 6, "LOC")] for _ in texts], task="spans"
    )
    assert found.predict([Example("0", ("Ann in Rome",), None)]) == [((0, 3, "PER"), (4, 6, "LOC"))]
    several = of(lambda texts: [["a", "b"], {"a": 0.7, "b": 0.2}], task="multilabel")
    assert several.predict(EXAMPLES[:2]) == [
        (("a", "b"), (("a", 1.0), ("b", 1.0))), (("a",), (("a", 0.7), ("b", 0.2))),
    ]  # fmt: skip
    ranked = of(lambda queries: [["d1", "d0"], {"d0": 0.2, "d1": 0.9}], task="retrieval")
    assert ranked.predict(EXAMPLES[:2]) == [("d1", "d0"), ("d1", "d0")]


def test_a_function_is_evaluated_as_it_is():
    found = evaluate([label, of(Model(), name="model")], reviews(), ["drop"])
    assert [(system.name, system.defences) for system in found.systems] == [("label", ()), ("model", ())]
    assert [score.value.value for score in found.scores if (score.attack, score.metric) == ("clean", "accuracy")] == [
        1,
        1,
    ]
    assert found.splits == ()


def test_labels_are_named_as_the_data_name_them():
    data = load_data(TEXTS, LABELS, class_names=["bad", "good"])
    numbers = evaluate([lambda texts: [int("wonderful" in text) for text in texts]], data, [])
    assert numbers.scores[0].value.value == 1
    cased = evaluate([lambda texts: [each.upper() for each in label(texts)]], reviews(), [])
    assert cased.scores[0].value.value == 1
    mapped = load_data(TEXTS, LABELS, label_map={"up": "good", "down": "bad"})
    renamed = evaluate([lambda texts: [{"good": "up", "bad": "down"}[each] for each in label(texts)]], mapped, [])
    assert renamed.scores[0].value.value == 1


def test_answers_that_are_no_label_are_counted_and_told():
    strange = lambda texts: [each if n else "unsure" for n, each in enumerate(label(texts))]  # noqa: E731
    found = evaluate([strange], reviews(), [])
    assert found.notes[:-1] == (
        "1 of 6 answers of function are no classes of the data set, and count as wrong, such as 'unsure'; expected "
        "'bad', 'good'; rename them with `label_map`, such as pos=positive",
    )
    most = lambda texts: [each if n < 2 else f"Sentiment: {each}." for n, each in enumerate(label(texts))]  # noqa: E731
    note, without = evaluate([most], reviews(), []).notes
    assert without == "scores by whole and by split words are left out for function: no tokenizer is known"
    assert note.startswith("WARNING: 4 of 6 answers")


def test_predictions_of_functions_are_kept_under_a_version_alone(tmp_path):
    calls = []

    def counted(texts):
        calls.append(len(texts))
        return label(texts)

    for _ in range(2):
        Predictions(tmp_path / "unversioned").of(of(counted), EXAMPLES)
    assert calls == [6, 6]
    assert not (tmp_path / "unversioned").exists()
    for version in ("1", "1", "2"):
        Predictions(tmp_path / "versioned").of(of(counted, version=version), EXAMPLES)
    assert calls == [6] * 4
    one, other = of(lambda texts: ["good"] * len(texts)), of(lambda texts: ["bad"] * len(texts))
    known = Predictions()
    assert (known.of(one, EXAMPLES)[0], known.of(other, EXAMPLES)[0]) == ("good", "bad")


def fitted(estimator, targets=LABELS):
    return make_pipeline(CountVectorizer(), estimator).fit(TEXTS, targets)


def test_a_pipeline_of_scikit_learn():
    pipeline = fitted(LogisticRegression())
    system = of(pipeline)
    assert (system.name, system.labels) == ("LogisticRegression", ("bad", "good"))
    assert system.predict(EXAMPLES) == pipeline.predict(TEXTS).tolist()
    assert np.array_equal(system.scores(EXAMPLES), pipeline.predict_proba(TEXTS))
    assert evaluate([pipeline], reviews(), ["drop"]).systems[0].name == "LogisticRegression"


def test_estimators_of_other_tasks():
    ridge = fitted(Ridge(), [1.0, 2, 3, 4, 5, 6])
    assert of(ridge, task="regression").predict(EXAMPLES) == pytest.approx(ridge.predict(TEXTS).tolist())
    assert of(ridge, task="regression").scores(EXAMPLES) is None
    many = fitted(OneVsRestClassifier(LogisticRegression(C=100)), np.eye(2, dtype=int)[[1, 0, 1, 0, 1, 0]])
    assert of(many, task="multilabel", labels=["bad", "good"]).predict(EXAMPLES)[0][0] == ("good",)


def test_code_of_a_module_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_model_code.py").write_text(
        "class Model:\n    def predict(self, texts):\n        return ['good'] * len(texts)\nmodel = Model()\n"
    )
    system = load_system("mine=python:my_model_code:model.predict", SystemOptions(task=task_class("classification")))
    assert (system.name, system.predict(EXAMPLES[:2])) == ("mine", ["good", "good"])


def test_blanks_around_labels_do_not_matter():
    padded = evaluate([lambda texts: [f" {each.upper()}\n" for each in label(texts)]], reviews(), [])
    assert padded.scores[0].value.value == 1
