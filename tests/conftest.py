"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

from tests.shapes import check_shapes

# The shapes in signatures of the models are checked at every call of every test. The hook sees only modules that are
# not imported yet. Modules with a configuration are left out: the library makes a dataclass of it that takes any
# argument, and the hook would bind arguments to the fields alone.
SHAPED = (
    "character_encoder",
    "characters",
    "charbert",
    "entry",
    "heads",
    "interaction",
    "recognition",
    "recurrence",
    "semi_character",
)
install_import_hook(
    [f"charrobust.models.{name}" for name in SHAPED], f"{check_shapes.__module__}.{check_shapes.__name__}"
)

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
