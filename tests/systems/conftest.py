"""Fixtures of tests with tiny models."""

from importlib.util import find_spec

import pytest


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Threads cost tiny models more than they save."""
    if not find_spec("torch"):  # a light installation
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
