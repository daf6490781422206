"""Models in ONNX files say what the models say that were exported."""

import json
import shutil

import jaxtyping
import numpy as np
import pytest

from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.onnx import OnnxPredictor
from charrobust.systems.predictor import Predictor
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from charrobust.tasks.retrieval.corpus import Passages, SearchedPassages
from tests.cli.running import Runner
from tests.models.tokenizers import save_backbone
from tests.systems.exported import both, export
from tests.systems.tiny import FAMILIES, LABELS, SENTENCES, examples, save_model

pytest.importorskip("onnxruntime", reason="needs the extra onnx")
onnx = pytest.importorskip("onnx", reason="torch writes ONNX files with it")


def load(path, **options) -> OnnxPredictor:
    return load_system(str(path), SystemOptions(**options)).members[0].system


@pytest.mark.parametrize(
    ("family", "task"),
    [("bert", "classification"), ("bert", "tagging"), ("bert", "qa"), ("bert", "regression"), ("roberta", "tagging")],
)
def test_predictions_are_those_of_the_model_that_was_exported(tmp_path, family, task):
    directory, file = both(tmp_path, family, task)
    some = examples(task)
    expected = load_predictor(directory)
    for found in (load(file, batch_size=4), load(file, batch_size=1)):
        assert isinstance(found, OnnxPredictor)
        assert (found.task, found.labels, found.settings) == (expected.task, expected.labels, expected.settings)
        if task == "regression":
            assert found.predict(some) == pytest.approx(expected.predict(some), abs=1e-5)
        else:
            assert found.predict(some) == expected.predict(some)


def test_several_labels_pairs_and_scores(tmp_path):
    directory, file = both(tmp_path, "bert", "classification", problem_type="multi_label_classification")
    pairs = [Example(str(n), (text, "the north"), None) for n, text in enumerate(SENTENCES)]
    expected, found = load_predictor(directory), load(file)
    assert found.task.name == "multilabel"
    assert found.predict(pairs) == expected.predict(pairs)
    assert np.allclose(found.scores(pairs), expected.scores(pairs), atol=1e-6)


def test_spans_ask_models_that_tag(tmp_path):
    named = {"id2label": {0: "O", 1: "B-X", 2: "I-X"}, "label2id": {"O": 0, "B-X": 1, "I-X": 2}}
    directory, file = both(tmp_path, "bert", "tagging", **named)
    spans = task_class("spans")
    some = examples("classification")
    assert load(file, task=spans).predict(some) == load_predictor(directory, asked=spans).predict(some)
    assert load(file, task=spans).task is spans


def test_a_model_that_takes_no_mask_sees_no_padding(tmp_path):
    directory = save_model(tmp_path / "torch", "bert", "regression")
    file = export(directory, tmp_path / "exported" / "model.onnx", inputs=("input_ids",))
    some = examples("regression")
    assert load(file).predict(some) == pytest.approx(load_predictor(directory).predict(some), abs=1e-5)


def test_directories(tmp_path):
    directory, file = both(tmp_path, "bert", "classification")
    folder = file.parent
    assert isinstance(load(folder), OnnxPredictor)
    assert (load(folder).name, load(file).name) == ("exported", "exported")
    (folder / "onnx").mkdir()
    file = file.rename(folder / "onnx" / "model.onnx")  # as optimum writes it
    assert isinstance(load(folder), OnnxPredictor)
    assert (load(folder).name, load(file).name) == ("exported", "exported")
    assert load(folder).predict(examples("classification")) == load_predictor(directory).predict(
        examples("classification")
    )
    # where the weights lie, too, the directory is a model of the library
    shutil.copy(directory / "model.safetensors", folder)
    assert type(load(folder)) is Predictor
    assert isinstance(load(file), OnnxPredictor)
    file.rename(other := folder / "small.onnx")
    assert load(other).name == "small"


def test_a_model_is_asked_with_the_windows_it_was_trained_with(tmp_path):
    _, file = both(tmp_path, "bert", "tagging")
    (file.parent / "finetuning.json").write_text(json.dumps({"task": "tagging", "max_length": 24, "stride": 2}))
    assert (load(file).settings.max_length, load(file).settings.stride) == (24, 2)


def test_fingerprints(tmp_path):
    directory, file = both(tmp_path, "bert", "classification")
    first = load(file)
    assert first.reusable
    assert load(file, batch_size=3).fingerprint == first.fingerprint
    assert load_predictor(directory).fingerprint != first.fingerprint
    (file.parent / "README.md").write_text("about the weather")
    assert load(file).fingerprint == first.fingerprint
    labels = json.loads((file.parent / "config.json").read_text())
    (file.parent / "config.json").write_text(json.dumps(labels | {"id2label": dict(enumerate("abc"))}))
    assert load(file).fingerprint != first.fingerprint


def test_fingerprints_know_weights_in_files_of_their_own(tmp_path):
    _, file = both(tmp_path, "bert", "classification")
    told = load(file).predict(examples("classification"))
    model = onnx.load(str(file))
    onnx.save_model(model, str(file), save_as_external_data=True, location="weights.data", size_threshold=0)
    first = load(file)
    assert first.predict(examples("classification")) == told
    weights = bytearray((file.parent / "weights.data").read_bytes())
    weights[-1] ^= 1
    before = first.fingerprint
    (file.parent / "weights.data").write_bytes(weights)
    assert load(file).fingerprint != before


@pytest.mark.slow
def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    directory, file = both(tmp_path, "bert", "classification")
    data = tmp_path / "data.jsonl"
    rows = [{"text": text, "label": LABELS[n % 3]} for n, text in enumerate(SENTENCES) if text]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["evaluate", "--model", directory, "--model", file, "--data", data, "--task", "classification"]
    out = tmp_path / "out"
    result = Runner(monkeypatch, capsys)(*arguments, "--attack", "drop", "--output", out)
    assert result.status == 0, result.err
    scores = json.loads((out / "results.json").read_text())["scores"]
    values = {}
    for score in scores:
        values.setdefault(score["system"], []).append(score["value"])
    assert values["torch"] == values["exported"]
    assert len(list((out / "predictions").iterdir())) == 2


def test_an_encoder_that_searches(tmp_path):
    tokenizer, config = FAMILIES["bert"]
    directory = save_backbone(tmp_path / "torch", tokenizer(), config)
    retrieval = task_class("retrieval")
    file = export(directory, tmp_path / "exported" / "model.onnx", asked=retrieval)
    passages = Passages(tuple(map(str, range(6))), ("",) * 6, tuple(SENTENCES))
    queries = [Example(text, (text,), None, corpus=SearchedPassages(passages)) for text in ("the weather", "typists")]
    assert load(file, task=retrieval).predict(queries) == load_predictor(directory, asked=retrieval).predict(queries)


@pytest.fixture
def unchecked_shapes():
    """Check no shapes: sizes are no numbers while a model is recorded."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.usefixtures("unchecked_shapes")
def test_charbert(tmp_path):
    directory, file = both(tmp_path, "charbert", "classification")
    some = examples("classification")
    assert load(file).predict(some) == load_predictor(directory).predict(some)
