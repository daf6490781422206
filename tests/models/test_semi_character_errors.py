"""What is said about folders that hold no whole recogniser."""

import json

import pytest
from safetensors.torch import load_file, save_file

from charrobust.errors import UserError
from charrobust.models.semi_character import SemiCharacterRecogniser
from tests.models.semi_character import network


@pytest.fixture
def folder(tmp_path):
    """A recogniser's folder."""
    network().save(tmp_path)
    return tmp_path


def refused(folder, message):
    with pytest.raises(UserError, match=message):
        SemiCharacterRecogniser.load(folder)


@pytest.mark.parametrize("config", [None, "{", "[]", '{"model_type": "bert"}'])
def test_other_folders_are_refused(tmp_path, config):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    refused(tmp_path, "holds no recogniser; expected a folder that charrobust train-recogniser wrote")


def test_configurations_of_another_kind_are_refused(folder):
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**content, "hiden_size": 3}))
    refused(folder, r"config\.json: .*hiden_size.*train the recogniser again")


def test_unknown_backoffs_are_refused(folder):
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**content, "backoff": "pass-trough"}))
    refused(folder, "unknown backoff 'pass-trough'; did you mean 'pass-through'")


@pytest.mark.parametrize(
    ("words", "message"), [("{", "not valid JSON"), ("[]", "a list of words"), ("[3]", "a list of words")]
)
def test_damaged_words_are_refused(folder, words, message):
    (folder / "words.json").write_text(words)
    refused(folder, rf"words\.json: .*{message}")


def test_missing_words_are_refused(folder):
    (folder / "words.json").unlink()
    refused(folder, r"words\.json: No such file")


def test_words_of_another_network_are_refused(folder):
    (folder / "words.json").write_text('["the"]')
    refused(
        folder,
        r"model\.safetensors does not hold the weights of the network that config\.json and words\.json describe",
    )


def test_damaged_weights_are_refused(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-20])
    refused(folder, r"model\.safetensors does not hold the weights .* or copy its folder whole")


def test_missing_weights_are_refused(folder):
    (folder / "model.safetensors").unlink()
    refused(folder, r"model\.safetensors does not hold the weights")


def test_weights_that_are_no_numbers_are_refused(folder):
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {"output.bias": weights["output.bias"] * float("nan")}, folder / "model.safetensors")
    refused(folder, "1 of its .* weights hold NaN or infinity: output.bias")


@pytest.mark.parametrize(
    ("size", "message"),
    [(10**12, "hidden_size and word_size must be between 1 and 65,536"), ("big", "hidden_size must be of")],
)
def test_sizes_that_no_network_has_are_refused(folder, size, message):
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**content, "hidden_size": size}))
    refused(folder, message)
