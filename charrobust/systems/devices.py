"""Where models run, by the names of torch."""

from __future__ import annotations

import torch

from charrobust.errors import UserError

AUTO = "auto"


def device_of(name: str | None) -> torch.device:
    """Return the device of a name, if it is there.

    Args:
        name: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; ``auto`` or None for a GPU of CUDA where there is one.

    Returns:
        The device.

    Raises:
        UserError: It is not known, or not there; with those that are.
    """
    there = devices()
    if name is None or name == AUTO:
        return torch.device("cuda" if "cuda" in there else "cpu")
    if name not in there:
        raise UserError(f"`device` {name!r} is not there; available: {', '.join([AUTO, *there])}")
    return torch.device(name)


def devices() -> list[str]:
    """Return the names of the devices of this machine, without ``auto``."""
    names = ["cpu"]
    if torch.cuda.is_available():
        names += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return names
