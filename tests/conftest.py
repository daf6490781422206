"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# The shapes in signatures of the models are checked at every call of every test. The hook sees only modules that are
# not imported yet. Modules with a configuration are left out: the library makes a dataclass of it that takes any
# argument, and the hook would bind arguments to the fields alone.
SHAPED = (
    "character_cnn",
    "character_encoder",
    "characters",
    "charbert",
    "entry",
    "heads",
    "interaction",
    "recognition",
    "recurrence",
    "semi_character",
    "word_cache",
)


class LibrariesFirst(MetaPathFinder):
    """Loads what the models import before they are: under the hook all of it would be compiled anew, in 10 seconds."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Find nothing."""
        if fullname in HOOKED:
            import_module("transformers.modeling_utils")


HOOKED = [f"charrobust.models.{name}" for name in SHAPED]
if find_spec("torch"):
    from jaxtyping import install_import_hook

    from tests.shapes import check_shapes

    install_import_hook(HOOKED, f"{check_shapes.__module__}.{check_shapes.__name__}")
    sys.meta_path.insert(0, LibrariesFirst())

if "PYTEST_XDIST_WORKER" in os.environ:  # a process a core: threads of their own would fight for them
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Each run draws other examples. Many of them at once are a matter of the night: --hypothesis-profile thorough.
settings.register_profile("charrobust", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("charrobust")

# What a light installation, and its environment of tests, lack.
HEAVY = (
    "torch", "transformers", "tokenizers", "safetensors", "accelerate", "jaxtyping", "sklearn", "matplotlib", "nlpaug",
    "seqeval",
)  # fmt: skip
SHARED = Path(__file__).parents[2] / "shared" / "datasets"


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the project, which a user's clone does not have."""
    if not SHARED.is_dir():
        pytest.skip("needs the real data sets in ../shared, which are not part of the project")
    return SHARED


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare collections of garbage what has been imported: trainings ask for one at each end, which takes a second."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests whose packages are not installed."""
    for marker in item.iter_markers("needs"):
        for package in marker.args:
            if find_spec(package) is None:
                pytest.skip(f"needs the package {package}")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skip the files that cannot even be imported without torch and its like; with torch they fail."""
    report = yield
    told = str(report.longrepr)
    missing = next((package for package in HEAVY if f"No module named '{package}" in told), None)
    if report.failed and missing and not find_spec("torch"):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, f"Skipped: needs the package {missing}")
    return report
