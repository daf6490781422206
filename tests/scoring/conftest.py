"""Fixtures of tiny encoders."""

from importlib.util import find_spec

import pytest


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Threads cost tiny models more than they save, the more so where tests run side by side."""
    if not find_spec("torch"):  # a light installation
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def backbone(tmp_path_factory):
    """A random BERT with its tokenizer."""
    from tests.training.runs import make_backbone

    return make_backbone(tmp_path_factory.mktemp("models") / "backbone")
