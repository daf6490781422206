"""The fault suite in its shortest form; the whole: make faults."""

import os

import pytest

from tests.faults.full_disk import fill
from tests.faults.kills import kill_attacks, kill_searches, kill_trainings, trainings
from tests.faults.mutate_data import mutate as mutate_data
from tests.faults.two_writers import write_at_once

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")


def test_damaged_data_files():
    done = mutate_data(24, seed=1)
    assert not done.faults
    assert done.understood + done.refused == 24


@posix
def test_an_attack_that_is_killed(tmp_path):
    done = kill_attacks(tmp_path, times=1, workers=2, records=3_000)
    assert done.killed + done.late == 1


@pytest.mark.nightly
@posix
def test_a_search_that_is_killed(tmp_path):
    done = kill_searches(tmp_path, times=1)
    assert done.killed + done.late == 1


@pytest.mark.nightly
@posix
@pytest.mark.parametrize("kind", ["pretrain", "warm start", "finetune", "train-recogniser"])
def test_a_training_that_is_killed(tmp_path, kind):
    begin, manifest = trainings(tmp_path)[kind]
    done = kill_trainings(tmp_path, begin, manifest, times=1)
    assert done.killed + done.late >= 1


@pytest.mark.nightly
@posix
def test_a_full_disk(tmp_path):
    assert fill(tmp_path, commands=3) >= 6


@pytest.mark.nightly
@posix
def test_two_writers(tmp_path):
    assert write_at_once(tmp_path, times=1)["runs"] == 4
