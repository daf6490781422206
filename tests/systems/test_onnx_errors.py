"""ONNX files that are refused."""

import json
import sys

import pytest

from charrobust.errors import UserError
from tests.systems.exported import INPUTS, both, export
from tests.systems.test_onnx import load, onnx
from tests.systems.tiny import examples, save_model


def refusal(path, **options):
    with pytest.raises(UserError) as found:
        load(path, **options)
    return str(found.value)


@pytest.fixture
def file(tmp_path):
    return both(tmp_path, "bert", "classification")[1]


def changed(file, change):
    model = onnx.load(str(file))
    change(model)
    onnx.save_model(model, str(file))
    return file


def test_files_that_are_missing(tmp_path, file):
    assert "there is no ONNX file; give one, or a directory" in refusal(tmp_path / "nowhere" / "model.onnx")
    (empty := tmp_path / "folder.onnx").mkdir()
    assert "there is no ONNX file" in refusal(empty)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (file.parent / name).unlink()
    assert "there is no tokenizer in" in refusal(file)
    (file.parent / "config.json").unlink()
    assert "there is no config.json in" in refusal(file.parent)


def test_what_onnx_runtime_cannot_run(file):
    def call_another(model):
        model.graph.node[0].domain = "com.example"
        model.opset_import.append(onnx.helper.make_opsetid("com.example", 1))

    assert "libraries of further operators are not loaded" in refusal(changed(file, call_another))
    file.write_bytes(b"nothing")
    told = refusal(file)
    assert "ONNX Runtime" in told
    assert str(file) in told


def test_inputs_that_no_tokenizer_gives(tmp_path):
    directory = save_model(tmp_path / "torch", "bert", "classification")
    file = export(directory, tmp_path / "other" / "model.onnx", names=("input_ids", "attention_mask", "pixels"))
    told = refusal(file)
    assert "takes the inputs input_ids tensor(int64)" in told
    assert "pixels tensor(int64)" in told
    assert f"expected {INPUTS[0]} and, if need be, {INPUTS[1]} and {INPUTS[2]}, each a tensor(int64)" in told


def test_inputs_of_fixed_sizes(tmp_path):
    directory = save_model(tmp_path / "torch", "bert", "classification")
    told = refusal(export(directory, tmp_path / "fixed" / "model.onnx", free=False))
    assert "inputs of fixed sizes: input_ids tensor(int64) [2, 7]" in told


def test_outputs_that_are_missing(file):
    def rename(model):
        model.graph.output[0].name = "scores"
        for node in model.graph.node:
            node.output[:] = ["scores" if name == "logits" else name for name in node.output]

    told = refusal(changed(file, rename))
    assert "has the outputs scores; the task 'classification' reads logits" in told


def test_labels_of_another_model(file):
    config = json.loads((file.parent / "config.json").read_text())
    two = {"id2label": {0: "a", 1: "b"}, "label2id": {"a": 0, "b": 1}}
    (file.parent / "config.json").write_text(json.dumps(config | two))
    assert "has 3 classes, and its config.json 2 labels: a, b" in refusal(file)


def test_a_vocabulary_of_another_model(file):
    def forget(model):
        for weights in model.graph.initializer:
            if weights.name.endswith("word_embeddings.weight"):
                values = onnx.numpy_helper.to_array(weights)[:2]
                weights.CopyFrom(onnx.numpy_helper.from_array(values, weights.name))

    system = load(changed(file, forget))
    with pytest.raises(UserError, match="ONNX Runtime fails on a batch of shape"):
        system.predict(examples("classification"))


def test_without_the_library(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "charrobust[onnx]" in refusal(file)
