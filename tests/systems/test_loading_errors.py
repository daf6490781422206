"""Files of models that are not whole, damaged, or bring code along: all is refused, and nothing of it is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from charrobust.errors import UserError
from charrobust.models import CharBertForSequenceClassification
from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.scoring.sensitivity.encoders import WordEncoder
from charrobust.systems.loading import load_config, load_model, load_tokenizer
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.registry import task_class
from charrobust.training.finetuning.models import build_model
from tests.cli.running import Runner
from tests.systems.tiny import examples, save_model

CLASSIFICATION = task_class("classification")
_CODE = """from pathlib import Path
Path({marker!r}).write_text("was run")
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

class Config(BertConfig):
    model_type = "of-its-own"

class Model(BertForSequenceClassification):
    config_class = Config

class Tokenizer(BertTokenizer):
    pass
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("whole") / "model", "bert", "classification")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A model to damage."""
    return Path(shutil.copytree(whole, tmp_path / "model"))


def change(folder: Path, **values: Any) -> None:
    """Change values of a model's configuration."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_weights(folder: Path, remove: str = "", **values: Any) -> None:
    """Remove weights of a model, and replace others."""
    path = folder / "model.safetensors"
    weights = {name: value for name, value in load_file(path).items() if not (remove and remove in name)}
    save_file(weights | values, path, {"format": "pt"})


@pytest.mark.parametrize("remove", ["classifier", "pooler", "layer.1.output"])
def test_missing_weights_are_named(remove, folder):
    change_weights(folder, remove)
    with pytest.raises(UserError, match=rf"its files lack \d of the 57 weights of a BertForSeq.*: \S*{remove}"):
        load_predictor(folder)


def test_an_encoder_needs_no_pooler_and_all_else(folder):
    change_weights(folder, "pooler")
    WordEncoder.load(folder, device="cpu")
    SentenceEncoder.from_pretrained(folder)
    change_weights(folder, "layer.0.output")
    with pytest.raises(UserError, match="its files lack 4 of the"):
        WordEncoder.load(folder, device="cpu")
    with pytest.raises(ValueError, match="its files lack 4 of the"):
        SentenceEncoder.from_pretrained(folder)


def test_fine_tuning_makes_a_new_head_and_nothing_else(folder):
    change_weights(folder, "classifier")
    _, new = build_model(str(folder), "finetuned", CLASSIFICATION, ["a", "b"])
    assert new == ("classifier.bias", "classifier.weight")
    change_weights(folder, "layer.0.output")
    for use in ("finetuned", "frozen"):
        with pytest.raises(UserError, match="its files lack 4 of the"):
            build_model(str(folder), use, CLASSIFICATION, ["a", "b"])


def test_fine_tuning_replaces_a_head_for_other_labels(folder):
    model, new = build_model(str(folder), "finetuned", CLASSIFICATION, ["a", "b", "c", "d"])
    assert (model.num_labels, new) == (4, ("classifier.bias", "classifier.weight"))
    change(folder, intermediate_size=40)
    with pytest.raises(UserError, match=r"weights in its files do not fit .*intermediate.dense.bias of shape \(37,\)"):
        build_model(str(folder), "finetuned", CLASSIFICATION, ["a", "b"])


def test_a_channel_on_an_encoder_without_all_weights(folder):
    change_weights(folder, "layer.0.output")
    with pytest.raises(ValueError, match="its files lack 4 of the"):
        CharBertForSequenceClassification.from_backbone(folder)


def test_weights_of_another_shape(folder):
    change_weights(folder, **{"classifier.weight": torch.zeros(5, 32)})
    with pytest.raises(UserError, match=r"classifier.weight of shape \(5, 32\), expected \(3, 32\)"):
        load_predictor(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers(value, folder):
    change_weights(folder, **{"classifier.bias": torch.tensor([0.0, value, 0.0])})
    with pytest.raises(UserError, match=r"1 of its 57 weights hold NaN or infinity: classifier.bias"):
        load_predictor(folder)


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_scores_that_are_no_numbers(task, tmp_path):
    folder = save_model(tmp_path / "model", "bert", task)
    change(folder, layer_norm_eps=-1.0)
    with pytest.raises(UserError, match=r"'model' gives NaN or an infinite score for example \d"):
        load_predictor(folder).predict(examples(task))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hidden_size": -1}, "negative dimension"),
        ({"hidden_size": "hello"}, "hidden_size.*hello"),
        ({"vocab_size": 10**12}, "describes a model of 32,000,000,.* numbers, and its weights are"),
        ({"max_position_embeddings": 10**9}, "describes a model of"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000, expected 1,000 at most"),
        ({"num_labels": 10**9}, "num_labels is 1000000000, expected 1,000,000 at most"),
        ({"hidden_act": "hello"}, "hello"),
        ({"id2label": 5}, "AttributeError"),
        ({"attn_implementation": "someone/kernel"}, "names code that would be fetched, .*`trust_remote_code`"),
        ({"chunk_size_feed_forward": 7}, r"fails on a batch of shape \(\d, \d+\): .* chunk"),
    ],
)
def test_damaged_configurations(values, message, folder):
    change(folder, **values)
    with pytest.raises(UserError, match=message):
        load_predictor(folder).predict(examples("classification"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", b"{", "is no valid JSON file"),
        ("config.json", b"[]", "must hold an object"),
        ("config.json", b"[" * 3_000, "nested too deep"),
        ("config.json", b'{"model_type": "\xff"}', "is no valid JSON file"),
        ("tokenizer.json", b"{", "Expecting property name"),
        ("tokenizer.json", b'{"model": 5}', "model '"),
        ("model.safetensors", b"", "header too small"),
        ("model.safetensors", b"no weights at all", "header too large"),
        ("model.safetensors", (10**18).to_bytes(8, "little") + b"{}", "header too large"),
        ("finetuning.json", b"[" * 3_000, "nested too deep"),
    ],
)
def test_damaged_files(name, content, message, folder):
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        load_predictor(folder)


def test_a_file_of_weights_that_was_cut_off(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(UserError, match=r"incomplete metadata|not fully covered"):
        load_predictor(folder)


def test_more_tokens_than_vectors(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification", vocab_size=20)
    with pytest.raises(UserError, match=r"has vectors for 20 tokens, and its tokenizer numbers tokens up to \d\d"):
        load_predictor(folder)


class Runs:
    """A pickle that runs a command."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_pickles_as_weights_are_not_run(name, folder, tmp_path):
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Runs(tmp_path / "marker")))
    with pytest.raises(UserError, match="model '"):
        load_predictor(folder)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("suffix", [".pkl", ".pt", ".pth", ".bin", ".ckpt"])
def test_files_of_weights_as_models(suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps(Runs(tmp_path / "marker")))
    with pytest.raises(UserError, match="pickle"):
        load_system(str(path), SystemOptions(task=CLASSIFICATION))
    assert not (tmp_path / "marker").exists()


@pytest.fixture
def with_code(folder: Path, tmp_path: Path) -> Path:
    """A model whose configuration, class and tokenizer are code that lies with it."""
    (folder / "own.py").write_text(_CODE.format(marker=str(tmp_path / "marker")))
    change(
        folder,
        model_type="of-its-own",
        auto_map={"AutoConfig": "own.Config", "AutoModelForSequenceClassification": "own.Model"},
    )
    return folder


def give_code_to_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer_config.json"
    content = json.loads(path.read_text()) | {
        "tokenizer_class": "Mine",
        "auto_map": {"AutoTokenizer": ["own.Tokenizer", None]},
    }
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "load",
    [
        load_predictor,
        load_config,
        load_tokenizer,
        lambda folder: load_model(folder, AutoModelForSequenceClassification),
        lambda folder: WordEncoder.load(folder),
        lambda folder: build_model(str(folder), "finetuned", CLASSIFICATION, ["a", "b"]),
    ],
)
def test_code_of_a_model_is_not_run_whatever_is_piped(load, with_code, tmp_path, monkeypatch):
    give_code_to_tokenizer(with_code)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 20))
    with pytest.raises(UserError, match=r"brings code of its own, which is not run.*`trust_remote_code`"):
        load(with_code)
    assert not (tmp_path / "marker").exists()


def test_code_in_the_encoder_of_a_probe_is_not_run(with_code, tmp_path, monkeypatch):
    encoder = json.loads((with_code / "config.json").read_text())
    probe = {"model_type": "charrobust-probe", "architectures": ["ProbeForSequenceClassification"]}
    (with_code / "config.json").write_text(json.dumps({**probe, "encoder_config": encoder}))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 20))
    with pytest.raises(UserError, match="model '"):
        load_predictor(with_code)
    assert not (tmp_path / "marker").exists()


def test_code_that_is_trusted_is_run(with_code, tmp_path):
    found = load_predictor(with_code, trust_remote_code=True).predict(examples("classification"))
    assert len(found) == len(examples("classification"))
    assert (tmp_path / "marker").exists()


def test_our_own_models_name_code_and_need_none(tmp_path):
    folder = save_model(tmp_path / "model", "charbert", "classification")
    assert "auto_map" in json.loads((folder / "config.json").read_text())
    for code in folder.glob("*.py"):
        code.write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    assert len(load_predictor(folder).predict(examples("classification"))) == 6
    assert not (tmp_path / "marker").exists()


def test_the_command_line_asks_nobody_whether_to_run_code(with_code, tmp_path, monkeypatch, capsys):
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps({"text": text, "label": "B"}) + "\n" for text in ("one", "two", "three")))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 20))
    given = ("--model", with_code, "--data", data, "--task", "classification", "--output", tmp_path / "out")
    done = Runner(monkeypatch, capsys)("evaluate", *given)
    assert (done.status, "--trust-remote-code" in done.err) == (2, True), done.err
    assert sys.stdin.tell() == 0  # nothing was read
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rules.py", "is code; name what it defines: python:rules:NAME"),
        ("python:rules:predict", "is code; here a model is a directory, a hub id"),
        ("rules:predict", "no hub id; code is named python:MODULE:NAME"),
    ],
)
def test_code_that_is_named_as_a_model(name, message):
    with pytest.raises(UserError, match=message):
        load_config(name)
