"""Checkpoints as published that were damaged."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from charrobust.errors import UserError
from charrobust.models.conversion import convert

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
BIAS = "roberta.char_embeddings.rnn_layer.bias_ih_l0"


@pytest.fixture
def checkpoint(tmp_path):
    if not GOLDEN.is_dir():
        pytest.skip("needs the tensors of the original implementation in ../shared/golden")
    return Path(shutil.copytree(GOLDEN / "RobertaForQuestionAnswering", tmp_path / "checkpoint"))


@pytest.fixture
def characters(tmp_path):
    path = tmp_path / "characters.txt"
    path.write_text("\na\nb\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hidden_size": 10**12}, "checkpoint '.*overflow"),
        ({"hidden_size": "x"}, "hidden_size"),
        ({"num_hidden_layers": 10**9}, "expected 1,000 at most"),
        ({"max_position_embeddings": 10**9}, r"position_embeddings.weight \(\d+, \d+\), expected \(1000000000, \d+\)"),
    ],
)
def test_configurations(values, message, checkpoint, characters):
    content = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps(content | values))
    with pytest.raises(UserError, match=message):
        convert(checkpoint, characters)


@pytest.mark.parametrize("content", ["[", "[" * 3_000, "3"])
def test_files_that_are_no_configuration(content, checkpoint, characters):
    (checkpoint / "config.json").write_text(content)
    with pytest.raises(UserError, match=r"config\.json"):
        convert(checkpoint, characters)


def test_weights(checkpoint, characters):
    path = checkpoint / "model.safetensors"
    weights = load_file(path)
    save_file(weights | {BIAS: torch.full_like(weights[BIAS], torch.nan)}, path)
    with pytest.raises(UserError, match=f"hold NaN or infinity: {BIAS}"):
        convert(checkpoint, characters)
    path.write_bytes(b"no weights")
    with pytest.raises(UserError, match=r"checkpoint '.*header"):
        convert(checkpoint, characters)


def test_characters_that_are_no_text(checkpoint, characters):
    characters.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="is no UTF-8 text"):
        convert(checkpoint, characters)
