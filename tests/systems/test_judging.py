"""What searches are told of a system: predictions, margins and readings at one asking."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charrobust.systems.defended import Defended
from charrobust.systems.models import load_predictor
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.margins import class_margins, label_margins
from charrobust.tasks.registry import task_class
from charrobust.tasks.retrieval.corpus import Passages, SearchedPassages
from tests.scoring.fakes import FakePredictor, FakeRestorer
from tests.systems.encoders import LABELS as SENTIMENTS
from tests.systems.encoders import LISTS, NUMBERS, PAIRS, TEXTS, data_of, save_encoder
from tests.systems.tiny import LABELS, SENTENCES, examples, save_model

SPANS = task_class("spans")
SPAN_TAGS = ("O", "B-place", "I-place")


def targeted(predictor, task):
    """Return examples of which some have what the model says for their target, and others something else."""
    plain = examples("tagging" if task == "tagging" else task)
    said = predictor.predict(plain)
    if task == "classification":
        return [replace(example, target=label) for example in plain for label in LABELS]
    if task == "multilabel":
        sets = [(), ("O",), ("B", "I"), LABELS]
        return [replace(example, target=labels) for example in plain for labels in [*sets, said[int(example.id)][0]]]
    if task == "tagging":
        wrong = [replace(e, target=tuple(LABELS[(n + len(t)) % 3] for n, t in enumerate(e.texts))) for e in plain]
        right = [replace(e, target=tags) for e, tags in zip(plain, said, strict=True)]
        half_known = [
            replace(e, target=tuple([None] * (len(e.target) // 2)) + e.target[len(e.target) // 2 :]) for e in right
        ]
        return [*wrong, *right, *half_known]
    if task == "spans":
        right = [replace(e, target=spans) for e, spans in zip(plain, said, strict=True)]
        return [*right, *(replace(e, target=((0, 3, "thing"),)) for e in plain if e.texts[0])]
    right = [replace(e, target=(answer,), spans=()) for e, answer in zip(plain, said, strict=True)]
    return [*right, *(replace(e, target=(e.texts[1].split()[-1],)) for e in plain)]


def check_signs(task, some, judgement):
    """Check that margins are positive where examples are right, and negative where they are not, and that both occur."""
    right = task_of(task).right([example.target for example in some], judgement.predictions)
    assert (judgement.margins[right] >= 0).all()
    assert (judgement.margins[~right] <= 0).all()
    assert (judgement.margins != 0).any()
    assert 0 < right.sum() < len(right)


def task_of(name):

    found = task_class(name)
    inputs = {"tagging": [["a"]], "qa": [("a", "b")]}.get(name, ["a"])
    return found.of_lists(inputs)


def random_weights(model, scale=1.0):
    """Make a model of random weights decide one way here and another way there."""
    torch.manual_seed(5)
    for name, weights in model.named_parameters():
        if "classifier" in name or "qa_outputs" in name:
            torch.nn.init.normal_(weights, std=scale)


@pytest.fixture(scope="module")
def predictors(tmp_path_factory):
    """Return a tiny model of each task."""
    made = {}
    for task in ("classification", "multilabel", "regression", "tagging", "spans", "qa"):
        folder = tmp_path_factory.mktemp(task) / "model"
        more = {"problem_type": "multi_label_classification"} if task == "multilabel" else {}
        if task == "spans":
            more = {"id2label": dict(enumerate(SPAN_TAGS)), "label2id": {tag: n for n, tag in enumerate(SPAN_TAGS)}}
        of = "tagging" if task == "spans" else task
        save_model(folder, "bert", of, **more)
        made[task] = load_predictor(folder, asked=SPANS if task == "spans" else None, max_length=24)
        random_weights(made[task].model)
    return made


@pytest.mark.parametrize("task", ["classification", "multilabel", "tagging", "spans", "qa"])
def test_margins_are_positive_where_the_model_is_right(predictors, task):
    predictor = predictors[task]
    assert predictor.task.name == task
    some = targeted(predictor, task)
    judgement = predictor.judge(some)
    assert judgement.predictions == predictor.predict(some)
    assert judgement.readings == predictor.readings(some)
    check_signs(task, some, judgement)


def test_the_margin_of_a_class_is_its_lead_in_log_probability(predictors):
    predictor = predictors["classification"]
    some = [replace(example, target="I") for example in examples("classification")]
    scores = predictor.scores(some)
    expected = [np.log(row[2]) - np.log(max(row[0], row[1])) for row in scores]
    assert predictor.margins(some) == pytest.approx(expected, abs=1e-5)
    assert np.isnan(predictor.margins(examples("classification"))).all()


def test_the_margin_of_a_number_is_minus_the_distance(predictors):
    predictor = predictors["regression"]
    some = [replace(example, target=2.0) for example in examples("regression")]
    assert predictor.margins(some) == pytest.approx([-abs(2.0 - said) for said in predictor.predict(some)])


@pytest.mark.parametrize("task", ["classification", "multilabel", "tagging"])
def test_labels_have_the_names_of_the_data(predictors, task):
    predictor = predictors[task]
    some = targeted(predictor, task)
    names = {"O": "none", "B": "begin", "I": "in"}

    def named(target):
        return names[target] if isinstance(target, str) else tuple(names.get(label) for label in target)

    others = [replace(example, target=named(example.target)) for example in some]
    judgement = predictor.judge(others, names)
    assert judgement.margins == pytest.approx(predictor.margins(some), abs=1e-6)
    assert judgement.predictions == predictor.predict(some)
    assert (predictor.margins(others) < 0).all() or task != "classification"


def test_spans_have_the_types_of_the_data(predictors):
    predictor = predictors["spans"]
    some = targeted(predictor, "spans")
    names = {"B-place": "B-thing", "I-place": "I-thing"}
    renamed = [replace(e, target=tuple((*span[:2], "thing") for span in e.target)) for e in some]
    judgement = predictor.judge(renamed, names)
    assert judgement.predictions == predictor.predict(some)
    said = [task_of("spans").renamed(prediction, names) for prediction in judgement.predictions]
    check_signs("spans", renamed, replace(judgement, predictions=said))


def test_several_labels_of_one_name_count_as_one():
    scores = np.array([[0.3, 0.4, 0.3], [0.2, 0.1, 0.7]])
    labels = ("yes", "no", "no")
    found = class_margins(["no", "yes"], scores, labels)
    assert found == pytest.approx([np.log(0.4 / 0.3), np.log(0.2 / 0.7)])
    assert class_margins(["perhaps", None], scores, labels)[0] == -np.inf
    odds = label_margins([("yes",), ("no",)], scores, labels, 0.25)
    third = np.log(1 / 3)
    assert odds == pytest.approx([third - np.log(0.4 / 0.6), third - np.log(0.2 / 0.8)])


def test_scores_that_are_no_probabilities_are_compared_as_they_are():
    scores = np.array([[-2.0, 1.5], [0.0, 1.0]])
    assert class_margins(["b", "b"], scores, ("a", "b"))[0] == 3.5
    assert np.isfinite(class_margins(["a", "b"], scores, ("a", "b"))).all()


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("task", ["classification", "tagging", "qa"])
def test_batches_change_nothing(predictors, task, size):
    predictor = predictors[task]
    some = targeted(predictor, task)
    expected = predictor.judge(some)
    before, predictor.batch_size = predictor.batch_size, size
    found = predictor.judge(some)
    predictor.batch_size = before
    assert found.predictions == expected.predictions
    assert found.margins == pytest.approx(expected.margins, abs=1e-4)


def test_what_is_read_alike_is_asked_once(predictors, monkeypatch):
    predictor = predictors["classification"]
    texts = ["the wonderful weather", "The Wonderful weather", "typing errors", "the  wonderful weather"]
    some = [Example(str(n), (text,), "O") for n, text in enumerate(texts * 20)]
    rows = []
    monkeypatch.setattr(
        predictor,
        "_outputs",
        lambda inputs, ask=predictor._outputs: rows.append(len(inputs["input_ids"])) or ask(inputs),
    )
    steps = []
    judgement = predictor.judge(some, progress=lambda stage, done, total, _: steps.append((done, total)))
    assert sum(rows) == len(set(judgement.readings)) == 2
    assert steps[-1] == (80, 80)
    assert judgement.readings[0] == judgement.readings[1] == judgement.readings[3] != judgement.readings[2]


def test_batches_of_short_texts_are_as_large_as_those_of_long_ones(predictors, monkeypatch):
    predictor = predictors["classification"]
    some = [Example(str(n), (f"the weather {n} {n}",), "O") for n in range(120)]
    shapes = []
    monkeypatch.setattr(
        predictor,
        "_outputs",
        lambda inputs, ask=predictor._outputs: shapes.append(inputs["input_ids"].shape) or ask(inputs),
    )
    monkeypatch.setattr(predictor, "batch_size", 4)
    predictor.predict(some)
    assert max(rows for rows, _ in shapes) == 4
    shapes.clear()
    predictor.judge(some)
    assert all(rows * length <= 4 * 128 for rows, length in shapes)
    assert max(rows for rows, _ in shapes) > 20


words = st.sampled_from(
    ["the", "The", "wonderful", "wonderfull", "weather", "Weather", "w", "café", "cafe", "storms", "zzz"]
)
sentences = st.lists(st.lists(words, min_size=1, max_size=4), min_size=2, max_size=6)


@pytest.mark.parametrize("task", ["classification", "tagging", "spans", "qa"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(some=sentences)
def test_equal_readings_have_equal_answers(predictors, task, some):
    predictor = predictors[task]
    made = []
    for number, tokens in enumerate(some):
        texts = {"tagging": tuple(tokens), "qa": (" ".join(tokens), "the storms change the weather")}
        made.append(Example(str(number), texts.get(task, (" ".join(tokens),)), None))
    answers = {}
    for example, reading in zip(made, predictor.readings(made), strict=True):
        (said,) = predictor.predict([example])
        assert answers.setdefault(reading, said) == said


def test_the_readings_of_unlike_classes_of_inputs(predictors):
    tokens = [Example("0", ("the", "weather"), None), Example("1", ("theweather",), None)]
    assert len(set(predictors["tagging"].readings(tokens))) == 2
    offsets = [Example("0", ("the weather",), None), Example("1", ("the  weather",), None)]
    assert len(set(predictors["spans"].readings(offsets))) == 2
    assert len(set(predictors["classification"].readings(offsets))) == 1
    contexts = [Example("0", ("storms?", "The North"), None), Example("1", ("storms?", "the north"), None)]
    assert len(set(predictors["qa"].readings(contexts))) == 2


def test_functions_with_scores_are_asked_once():
    calls = []

    def scored(texts):
        calls.append(len(texts))
        return [{"bad": 0.2, "good": 0.8} if "wonderful" in text else {"bad": 0.9, "good": 0.1} for text in texts]

    system = System.of(scored, task="classification")
    some = [Example("0", ("wonderful",), "good"), Example("1", ("storms",), "good"), Example("2", ("x",), "bad")]
    judgement = system.judge(some)
    assert (calls, judgement.predictions) == ([3], ["good", "bad", "bad"])
    assert judgement.margins == pytest.approx([np.log(4), -np.log(9), np.log(9)])
    assert system.margins(some, {"good": "bad", "bad": "good"}) == pytest.approx([-np.log(4), np.log(9), -np.log(9)])
    assert len(set(judgement.readings)) == 3


def test_functions_without_scores_have_no_margins():
    some = [Example("0", ("wonderful",), "good")]
    system = System.of(lambda texts: ["good"] * len(texts), task="classification")
    judgement = system.judge(some)
    assert (judgement.predictions, judgement.margins, system.margins(some)) == (["good"], None, None)
    assert system.first_order(some[0], some) is None
    numbers = System.of(lambda texts: [1.0] * len(texts), task="regression")
    assert numbers.margins([Example("0", ("a",), 3.0)]) == pytest.approx([-2.0])


def test_what_looks_like_scores_is_not_taken_for_classes():
    spans = [{"start": 0, "end": 3, "label": "thing", "score": 0.9}]
    system = System.of(lambda texts: [spans] * len(texts), task="spans")
    judgement = system.judge([Example("0", ("the weather",), ((0, 3, "thing"),))])
    assert (judgement.predictions, judgement.margins, system.labels) == ([((0, 3, "thing"),)], None, ())


def test_estimators():
    pipelines = pytest.importorskip("sklearn.pipeline")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    some = [Example(str(n), (text,), label) for n, (text, label) in enumerate(zip(TEXTS, SENTIMENTS, strict=True))]
    for model in (LogisticRegression(), LinearSVC()):
        system = System.of(
            pipelines.make_pipeline(TfidfVectorizer(), model).fit(TEXTS, SENTIMENTS), task="classification"
        )
        judgement = system.judge(some)
        assert judgement.predictions == system.predict(some)
        if isinstance(model, LinearSVC):
            assert judgement.margins is None
        else:
            right = np.array([said == label for said, label in zip(judgement.predictions, SENTIMENTS, strict=True)])
            assert ((judgement.margins > 0) == right).all()


@pytest.mark.parametrize(
    ("task", "targets", "inputs"),
    [
        ("classification", SENTIMENTS, TEXTS),
        ("classification", SENTIMENTS, PAIRS),
        ("multilabel", LISTS, TEXTS),
        ("regression", NUMBERS, TEXTS),
    ],
)
def test_classifiers_of_vectors(tmp_path, task, targets, inputs):
    from charrobust.systems.naming import SystemOptions, load_system

    data = data_of(targets, task, inputs)
    system = load_system(str(save_encoder(tmp_path / "encoder")), SystemOptions(task=type(data.task), fit_on=data))
    judgement = system.judge(data.examples)
    assert judgement.predictions == system.predict(data.examples)
    right = data.task.right([example.target for example in data.examples], judgement.predictions)
    if right is None:
        assert (judgement.margins <= 0).all()
    else:
        assert ((judgement.margins > 0) == right).all()
    assert len(set(judgement.readings)) == len(data.examples)


def collection(target):
    passages = Passages(("d0", "d1", "d2"), ("", "", ""), ("wonderful weather", "storms of the north", "typing errors"))
    queries = ["wonderful weather", "Wonderful weather", "storms", "the north"]
    return [Example(str(n), (text,), target, (), SearchedPassages(passages)) for n, text in enumerate(queries)]


@pytest.mark.parametrize("kind", ["bm25", "vectors"])
def test_searchers(tmp_path, kind):
    from charrobust.systems.naming import SystemOptions, load_system

    retrieval = task_class("retrieval")
    if kind == "bm25":
        pytest.importorskip("bm25s")
    path = kind if kind == "bm25" else str(save_encoder(tmp_path / "encoder"))
    system = load_system(path, SystemOptions(task=retrieval, device="cpu"))
    for document in ("d0", "d1", "d2"):
        queries = collection(((document, 1),))
        judgement = system.judge(queries)
        assert judgement.predictions == system.predict(queries)
        top = np.array([bool(said) and said[0] == document for said in judgement.predictions])
        assert ((judgement.margins > 0) == top).all()
    assert len(set(judgement.readings)) == 3
    assert judgement.readings[0] == judgement.readings[1]
    assert np.isnan(system.margins(collection(None))).all()
    assert (system.margins(collection(())) == -np.inf).all()


def test_an_excluded_document_neither_wins_nor_rivals(tmp_path):
    pytest.importorskip("bm25s")
    from charrobust.systems.naming import load_system

    (query, *_) = collection((("d1", 1),))
    system = load_system("bm25")
    without = replace(query, corpus=SearchedPassages(query.corpus.passages, "d0"))
    assert system.margins([query])[0] < 0 == system.margins([without])[0]


def test_defences_stand_before_what_is_judged(predictors):
    predictor = predictors["classification"]
    defended = Defended("safe", predictor, (FakeRestorer(),))
    some = [Example("0", ("the wonderful weather",), "B"), Example("1", ("the wonderfull weather",), "B")]
    judgement = defended.judge(some)
    assert judgement.margins[0] == judgement.margins[1] != predictor.margins(some)[1]
    assert judgement.readings == defended.readings(some)
    assert len(set(judgement.readings)) == 1 < len(set(predictor.readings(some)))
    labels = Defended("labels", FakePredictor(), (FakeRestorer(),))
    assert labels.judge(some).margins is None
    assert len(set(labels.readings(some))) == 1


def test_spans_of_restored_texts(predictors):
    defended = Defended("safe", predictors["spans"], (FakeRestorer(),))
    texts = ["the wonderfull weather changes", "a wonderful wonderfull north", "storms of the wonderfull weather"]
    plain = [Example(str(n), (text,), ()) for n, text in enumerate(texts)]
    some = [replace(e, target=said) for e, said in zip(plain, defended.predict(plain), strict=True)]
    some += [replace(e, target=((0, 3, "thing"),)) for e in plain]
    judgement = defended.judge(some)
    assert judgement.predictions == defended.predict(some)
    check_signs("spans", some, judgement)
    two = [Example("0", ("the wonderfull weather",), None), Example("1", ("the wonderful weather",), None)]
    assert len(set(defended.readings(two))) == 2


def test_empty_requests(predictors):
    for predictor in predictors.values():
        judgement = predictor.judge([])
        assert (judgement.predictions, judgement.readings, len(judgement.margins)) == ([], [], 0)


@pytest.mark.parametrize("family", ["roberta", "xlnet", "charbert"])
@pytest.mark.parametrize("task", ["classification", "tagging", "qa"])
def test_families(tmp_path, family, task):
    predictor = load_predictor(save_model(tmp_path / "model", family, task), max_length=24)
    random_weights(predictor.model)
    some = targeted(predictor, task)
    judgement = predictor.judge(some)
    right = task_of(task).right([example.target for example in some], judgement.predictions)
    assert (judgement.margins[right] >= 0).all()
    assert (judgement.margins[~right] <= 0).all()
    assert len(SENTENCES) >= 6
