"""What the folder of a run holds that was changed or damaged."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from charrobust.errors import UserError
from charrobust.training.manifest import read_manifest
from charrobust.training.pretraining.manifest import configuration_of_run
from charrobust.training.pretraining.pretrain import _taken_up


@pytest.mark.parametrize("content", ["[]", "3", '"a"', "null"])
def test_manifests_of_another_kind(content, tmp_path):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError, match="is no manifest of a run"):
        read_manifest(tmp_path, "run.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 3_000, "nested too deep"),
        ("{}", "is no manifest of a run"),
        ('{"configuration": 3.5}', "is no manifest of a run"),
        ('{"configuration": {"training": 3}}', "training must be written as a"),
        ('{"configuration": {"training": {"learning_rate": NaN}}}', "learning_rate must be a finite number, got nan"),
    ],
)
def test_configurations_of_another_kind(content, message, tmp_path):
    (tmp_path / "pretraining.json").write_text(content)
    with pytest.raises(UserError, match=message):
        configuration_of_run(tmp_path)


@pytest.fixture
def model():
    """Stands for a model with a recogniser that a warm start teaches."""
    return nn.ModuleDict({"charbert": nn.ModuleDict({"recogniser": nn.Linear(2, 2)})})


@pytest.mark.parametrize(
    ("weights", "metadata", "message"),
    [
        ({"charbert.recogniser.weight": torch.full((2, 2), torch.nan)}, {"warm_start": "{}"}, "NaN or infinity"),
        ({"charbert.recogniser.weight": torch.zeros(2, 2)}, {"warm_start": "{}"}, "lacks charbert.recogniser.bias"),
        ({"charbert.recogniser.weight": torch.zeros(3, 2)}, {"warm_start": "{}"}, "size mismatch"),
        ({}, {"warm_start": "["}, "is damaged"),
        ({}, None, "is damaged"),
    ],
)
def test_damaged_warm_starts(weights, metadata, message, model, tmp_path):
    path = tmp_path / "warm_start.safetensors"
    save_file(weights, path, metadata)
    with pytest.raises(UserError, match=message):
        _taken_up(path, model)
