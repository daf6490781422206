"""Weights that are no finite numbers are told, whichever they are; large ones are not taken for such."""

import math

import pytest
import torch

from charrobust.models.weights import is_finite


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_one_that_is_no_number_is_told(dtype):
    for bad in ([math.nan], [math.inf], [-math.inf], [math.inf, -math.inf]):
        values = torch.ones(100, dtype=dtype)
        assert is_finite(values)
        values[7 : 7 + len(bad)] = torch.tensor(bad, dtype=dtype)
        assert not is_finite(values)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_numbers_whose_sum_is_too_large_are_finite(dtype):
    values = torch.full((100,), torch.finfo(dtype).max, dtype=dtype)
    assert not values.sum().isfinite()
    assert is_finite(values)


def test_whole_numbers_and_none_are_finite():
    assert is_finite(torch.arange(3))
    assert is_finite(torch.empty(0))
