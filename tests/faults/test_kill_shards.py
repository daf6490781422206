"""Runs on shards that are killed; more of them with: python -m tests.faults.kill_shards."""

import os

import pytest

from tests.faults.kill_shards import kill


@pytest.mark.nightly
@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_nothing_is_lost_or_doubled():
    counts = kill(6, 0)
    assert counts["kills"] == 6
    assert (counts["different"], counts["lived on"], counts["traceback"]) == (0, 0, 0)
