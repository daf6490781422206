"""Pipelines of scikit-learn in files of skops."""

import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from charrobust import evaluate, load_data
from charrobust.scoring import System
from charrobust.systems.estimators import EstimatorSystem
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.registry import task_class
from tests.cli.running import Runner
from tests.systems.tiny import examples

skops_io = pytest.importorskip("skops.io", reason="needs the extra skops")

TEXTS = ["good story", "great story", "bad story", "dull story"]
LABELS = ["positive", "positive", "negative", "negative"]
OWN = f"{__name__}.lowered"


def lowered(texts):
    return [text.lower() for text in texts]


def fitted(*steps):
    return make_pipeline(*steps, CountVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)


def written(path, *steps):
    skops_io.dump(fitted(*steps), path)
    return path


def load(path, **options):
    return load_system(str(path), SystemOptions(task=task_class("classification"), **options)).members[0].system


def test_predictions_are_those_of_the_pipeline(tmp_path):
    system = load(written(tmp_path / "words.skops"))
    assert isinstance(system, EstimatorSystem)
    assert (system.name, system.labels, system.source) == (
        "words",
        ("negative", "positive"),
        str(tmp_path / "words.skops"),
    )
    some = examples("classification")
    expected = System.of(fitted(), task="classification")
    assert system.predict(some) == expected.predict(some)
    assert np.allclose(system.scores(some), expected.scores(some))


def test_fingerprints(tmp_path):
    first = load(written(tmp_path / "words.skops"))
    assert first.reusable
    assert load(tmp_path / "words.skops").fingerprint == first.fingerprint
    skops_io.dump(
        make_pipeline(CountVectorizer(), LogisticRegression(C=9)).fit(TEXTS, LABELS), tmp_path / "words.skops"
    )
    assert load(tmp_path / "words.skops").fingerprint != first.fingerprint


def test_types_that_the_user_trusts(tmp_path):
    path = written(tmp_path / "own.skops", FunctionTransformer(lowered))
    records = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
    data = load_data(records, task="classification")
    results = evaluate([str(path)], data, trust_types=[OWN, "of.another.model"])
    assert results.systems[0].name == "own"
    system = System.of(path, task="classification", trust_types=[OWN])
    assert system.predict(examples("classification"))


@pytest.mark.slow
def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    path = written(tmp_path / "own.skops", FunctionTransformer(lowered))
    arguments = ["evaluate", "--model", path, "--data", "reviews:test", "--limit", "20", "--output", tmp_path / "out"]
    run = Runner(monkeypatch, capsys)
    refused = run(*arguments)
    assert refused.status == 2
    assert f"--trust-type {OWN}" in " ".join(refused.err.split())
    result = run(*arguments, "--trust-type", OWN)
    assert result.status == 0, result.err
    assert json.loads((tmp_path / "out" / "results.json").read_text())["systems"][0]["name"] == "own"
    assert len(list((tmp_path / "out" / "predictions").iterdir())) == 1
