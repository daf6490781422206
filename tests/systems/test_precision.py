"""Half precision where it pays."""

import logging

import pytest
import torch

from charrobust.systems import precision
from charrobust.systems.precision import in_bfloat16, seconds_of_product

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _measured_anew():
    """Forget what was measured before."""
    precision._ratio.cache_clear()
    yield
    precision._ratio.cache_clear()


@pytest.mark.parametrize(("half", "single", "taken"), [(1.0, 2.0, True), (2.0, 2.0, True), (6.0, 2.0, False)])
def test_the_faster_precision_is_taken(monkeypatch, caplog, half, single, taken):
    seconds = {torch.bfloat16: half, torch.float32: single}
    monkeypatch.setattr(precision, "seconds_of_product", seconds.__getitem__)
    with caplog.at_level(logging.WARNING):
        assert in_bfloat16("bfloat16", CPU) == taken
    told = "bfloat16 takes 3.0 times as long as float32 on this CPU" in caplog.text
    assert told == (not taken)


def test_nothing_is_measured_where_nothing_is_to_be_decided(monkeypatch):
    monkeypatch.delattr(precision, "seconds_of_product")
    assert not in_bfloat16("float32", CPU)
    assert in_bfloat16("bfloat16", torch.device("cuda"))


def test_a_product_takes_time():
    assert 0 < seconds_of_product(torch.float32) < 60
