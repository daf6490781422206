"""Encoders without a head, and what is fitted on their vectors."""

import json

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.predictions import Predictions
from charrobust.systems.predictor import Predictor
from charrobust.tasks.examples import Example
from tests.cli.running import Runner
from tests.systems.encoders import (
    LABELS,
    LISTS,
    NUMBERS,
    PAIRS,
    TEXTS,
    data_of,
    save_encoder,
    save_sentence_transformer,
)
from tests.systems.tiny import save_model


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return save_encoder(tmp_path_factory.mktemp("models") / "encoder")


def loaded(path, data, fit="linear"):
    """Return the system alone, without the name that it is called by."""
    options = SystemOptions(task=type(data.task), fit_on=data, fit=fit, device="cpu")
    return load_system(str(path), options).system


def vectors_of(encoder, texts=TEXTS):
    return SentenceEncoder.from_pretrained(encoder).encode(texts).astype(np.float64)


@pytest.mark.parametrize(
    ("fit", "estimator"),
    [
        ("linear", LogisticRegression(max_iter=1000)),
        ("neighbours", KNeighborsClassifier(n_neighbors=5, metric="cosine")),
    ],
)
def test_classes_are_learnt_from_means_of_length_1(encoder, fit, estimator):
    data = data_of(LABELS)
    system = loaded(encoder, data, fit)
    vectors = vectors_of(encoder)
    estimator.fit(vectors, LABELS)
    assert system.labels == ("bad", "good") == tuple(estimator.classes_)
    np.testing.assert_allclose(system.scores(data.examples), estimator.predict_proba(vectors), atol=1e-4)
    assert system.predict(data.examples) == list(estimator.predict(vectors))
    assert (system.texts, system.name, system.reusable) == (1, "encoder", True)
    assert system.source == f"{encoder}, {fit} on train"
    assert system.tokenizer.tokenize("wonderful")


def test_no_example_is_none(encoder):
    system = loaded(encoder, data_of(LABELS))
    assert system.predict([]) == []
    assert system.scores([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("fit", "estimator"),
    [("linear", Ridge()), ("neighbours", KNeighborsRegressor(n_neighbors=5, metric="cosine"))],
)
def test_numbers(encoder, fit, estimator):
    data = data_of(NUMBERS, "regression")
    system = loaded(encoder, data, fit)
    vectors = vectors_of(encoder)
    predictions = system.predict(data.examples)
    np.testing.assert_allclose(predictions, estimator.fit(vectors, NUMBERS).predict(vectors), atol=1e-4)
    assert {type(prediction) for prediction in predictions} == {float}
    assert system.labels == ()
    assert system.scores(data.examples) is None


def test_pairs_are_both_vectors_and_what_is_between_them(encoder):
    data = data_of(LABELS, inputs=PAIRS)
    system = loaded(encoder, data)
    first, second = vectors_of(encoder), vectors_of(encoder, TEXTS[::-1])
    vectors = np.concatenate([first, second, abs(first - second)], axis=1)
    expected = LogisticRegression(max_iter=1000).fit(vectors, LABELS).predict_proba(vectors)
    np.testing.assert_allclose(system.scores(data.examples), expected, atol=1e-4)
    assert system.texts == 2


def test_several_labels_are_learnt_one_by_one(encoder):
    data = data_of(LISTS, "multilabel")
    system = loaded(encoder, data)
    vectors = vectors_of(encoder)
    scores = system.scores(data.examples)
    assert system.labels == ("mood", "weather", "work")
    for column, label in enumerate(system.labels):
        held = [label in labels for labels in LISTS]
        expected = LogisticRegression(max_iter=1000).fit(vectors, held).predict_proba(vectors)[:, 1]
        np.testing.assert_allclose(scores[:, column], expected, atol=1e-4)
    for prediction, row, example in zip(system.predict(data.examples), scores, data.examples, strict=True):
        assert system.task.is_prediction(prediction, example)
        assert prediction[0] == tuple(np.array(system.labels)[row >= 0.5])


def test_several_labels_of_neighbours_are_shares(encoder):
    data = data_of(LISTS, "multilabel")
    scores = loaded(encoder, data, "neighbours").scores(data.examples)
    assert set(np.round(scores * 5, 6).ravel()) <= set(range(6))


@pytest.mark.parametrize("fit", ["linear", "neighbours"])
@pytest.mark.parametrize("targets", [[["a"], ["a"], []], [["a"], ["a"], ["a"]], [["a", "b"], ["a"], ["a", "b"]]])
def test_few_examples_and_labels_that_all_have(encoder, fit, targets):
    data = data_of(targets, "multilabel", TEXTS[:3])
    scores = loaded(encoder, data, fit).scores(data.examples)
    assert scores.shape == (3, len(data.classes))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_directory_of_sentence_transformers_says_how_it_is_asked(tmp_path):
    about = {"prompts": {"of": "weather: "}, "default_prompt_name": "of"}
    folder = save_sentence_transformer(tmp_path / "model", **about)
    system = loaded(folder, data_of(LABELS))
    head = system.encoder.settings.head
    assert (head.pooling, head.normalised, head.prompt) == ("cls", False, "weather: ")
    inputs = system.tokenizer("weather: typing " * 9, truncation=True, max_length=12, return_tensors="pt")
    with torch.inference_mode():
        state = system.encoder.model(**inputs).last_hidden_state[0, 0]
    (vector,) = system.encoder.predict([Example("0", (("weather: typing " * 9).removeprefix("weather: "),), None)])
    np.testing.assert_allclose(vector, state.numpy(), atol=1e-5)
    (normalised,) = (
        loaded(save_sentence_transformer(tmp_path / "unit", normalised=True), data_of(LABELS))
        .encoder.predict([Example("0", ("typing",), None)])
    )  # fmt: skip
    np.testing.assert_allclose(np.linalg.norm(normalised), 1, atol=1e-5)


def test_a_character_channel_is_an_encoder(tmp_path):
    from charrobust.models import CharBertModel

    folder = save_encoder(tmp_path / "channel")
    CharBertModel.from_backbone(folder).save_pretrained(folder)
    data = data_of(LABELS)
    assert set(loaded(folder, data).predict(data.examples)) <= set(LABELS)


def test_a_model_with_a_head_is_used_as_it_is(tmp_path):
    data = data_of(["O", "B", "I", "O"], inputs=TEXTS[:4])
    folder = save_model(tmp_path / "headed", "bert", "classification")
    assert isinstance(loaded(folder, data), Predictor)


def test_the_fingerprint_tells_all_that_predictions_depend_on(encoder, tmp_path):
    data = data_of(LABELS)
    one = loaded(encoder, data).fingerprint
    assert loaded(encoder, data_of(LABELS)).fingerprint == one
    others = [
        loaded(encoder, data, "neighbours"),
        loaded(encoder, data_of(LABELS[::-1])),
        loaded(encoder, data_of(LABELS, inputs=[*TEXTS[:-1], "other"])),
        loaded(save_encoder(tmp_path / "other"), data),
    ]
    assert len({one, *(other.fingerprint for other in others)}) == 5


def test_it_is_fitted_once_and_only_if_asked_something_new(encoder, tmp_path):
    data = data_of(LABELS)
    stages = []

    def progress(stage, done, total, metrics):
        stages.append((stage, done, total))

    said = Predictions(tmp_path).of(loaded(encoder, data), data.examples, progress)
    assert stages.count(("encoder: training texts", 8, 8)) == 1
    assert stages[-1] == ("encoder", 8, 8)
    again = loaded(encoder, data)
    assert Predictions(tmp_path).of(again, data.examples) == said
    assert not again._is_fitted


def test_evaluation_in_python(encoder):
    data = data_of(LABELS)
    results = evaluate([encoder, f"near={encoder}"], data, ["drop"], fit_on=data)
    assert [system.name for system in results.systems] == ["encoder", "near"]
    assert {score.attack for score in results.scores} >= {"clean", "drop"}
    assert results.notes == ("WARNING: 8 of 8 examples of train are in the training set train, too",)
    others = data_of(LABELS, inputs=[f"{text} in Zürich" for text in TEXTS])
    assert evaluate([encoder], data, fit_on=others).notes == ()


def test_on_the_command_line(encoder, tmp_path, monkeypatch, capsys):
    for name in ("train", "test"):
        rows = [{"said": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = Runner(monkeypatch, capsys)(
        "evaluate", "-m", encoder, "--fit-on", tmp_path / "train.jsonl", "--fit", "neighbours", "--data", tmp_path / "test.jsonl",
        "--task", "classification", "--text-column", "said", "-a", "drop", "--limit", 6, "-o", tmp_path / "out",
    )  # fmt: skip
    assert result.status == 0, result.err
    (system,) = json.loads((tmp_path / "out" / "results.json").read_text())["systems"]
    assert system["model"] == f"{encoder}, neighbours on train.jsonl"
    assert len(list((tmp_path / "out" / "predictions").iterdir())) == 1
