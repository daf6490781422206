"""Files and models damaged at random; thousands of them at night."""

import pytest

from tests.faults.mutate_files import mutate as mutate_files
from tests.faults.mutate_models import mutate as mutate_models

MUTATE = {"files": mutate_files, "models": mutate_models}


def faults(counts):
    return [kind for kind in counts if not kind.endswith((": done", ": refused"))]


@pytest.mark.parametrize("of", MUTATE)
@pytest.mark.nightly
def test_no_fault(of):
    counts = MUTATE[of](1_500, seed=1)
    assert not faults(counts)
    assert sum(counts.values()) == 1_500
    assert any(kind.endswith(": refused") for kind in counts)


def test_no_fault_of_some_models():
    assert not faults(mutate_models(12, seed=2))
