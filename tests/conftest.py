"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:  # a process a core: threads of their own would fight for them
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("charrobust", deadline=None, max_examples=60)
settings.load_profile("charrobust")

SHARED = Path(__file__).parents[2] / "shared" / "datasets"


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the project, which a user's clone does not have."""
    if not SHARED.is_dir():
        pytest.skip("needs the real data sets in ../shared, which are not part of the project")
    return SHARED
