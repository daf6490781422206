"""Devices that are not there."""

import pytest
import torch

from charrobust.errors import UserError
from charrobust.systems.devices import device_of
from charrobust.training.engine import make_arguments


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "meta", "", "CPU"])
def test_devices_that_are_not_there(name):
    with pytest.raises(UserError, match=r"`device` '.*' is not there; available: auto, cpu"):
        device_of(name)


@pytest.mark.parametrize("name", [None, "auto"])
@pytest.mark.parametrize(("gpus", "expected"), [(0, "cpu"), (2, "cuda")])
def test_a_gpu_is_taken_where_there_is_one(name, gpus, expected, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert device_of(name).type == expected


def test_training_takes_the_first_gpu(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UserError, match=r"`device` is 'cuda:1'; .* CUDA_VISIBLE_DEVICES=1"):
        make_arguments(tmp_path, "", precision="float32", device="cuda:1")
