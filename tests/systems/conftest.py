"""Fixtures of tests with tiny models."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Threads cost tiny models more than they save."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
