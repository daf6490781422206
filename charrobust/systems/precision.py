"""Whether half precision is worth while where a model runs."""

from __future__ import annotations

from functools import cache
from time import perf_counter

import torch

from charrobust.logs import logger

_logger = logger(__name__)
_SECONDS = 0.3  # how long each precision is tried
_SIZE = 512  # of the matrices; as large as those of a small encoder


def in_bfloat16(precision: str, device: torch.device) -> bool:
    """Decide whether a model runs in bfloat16; where a CPU is slower in it than in float32, say so and do not.

    Args:
        precision: What was asked for, ``float32`` or ``bfloat16``.
        device: Where it runs.

    Returns:
        Whether it runs in bfloat16.
    """
    if precision != "bfloat16" or device.type != "cpu":
        return precision == "bfloat16"
    ratio = _ratio()
    if ratio <= 1:
        return True
    _logger.warning(
        "bfloat16 takes %.1f times as long as float32 on this CPU, which lacks instructions for it: float32 is taken",
        ratio,
    )
    return False


@cache
def _ratio() -> float:
    """Return how many times as long bfloat16 takes on the CPU; measured once, so that all models of a run are alike."""
    return seconds_of_product(torch.bfloat16) / seconds_of_product(torch.float32)


def seconds_of_product(dtype: torch.dtype) -> float:
    """Measure how long a matrix product takes on the CPU.

    Args:
        dtype: The type of the numbers.

    Returns:
        The least time of several products, in seconds: what else runs on the machine makes others longer.
    """
    factor = torch.ones(_SIZE, _SIZE, dtype=dtype)
    least, begun = float("inf"), perf_counter()
    while perf_counter() - begun < _SECONDS or least == float("inf"):
        before = perf_counter()
        factor @ factor  # the time is what is wanted
        least = min(least, perf_counter() - before)
    return least
