"""The order in which blocks are seen."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Subset

from charrobust.training.pretraining.schedule import Schedule


@given(st.integers(1, 20), st.integers(0, 70), st.integers(0, 5))
def test_each_epoch_holds_each_block_once(blocks, length, seed):
    seen = list(Schedule(blocks, length, seed))
    assert len(seen) == length
    for epoch in range(length // blocks):
        stretch = seen[epoch * blocks : (epoch + 1) * blocks]
        assert {number for number, _ in stretch} == {epoch}
        assert sorted(block for _, block in stretch) == list(range(blocks))


@given(st.integers(1, 20), st.data())
def test_a_place_does_not_depend_on_what_was_asked_before(blocks, data):
    schedule = Schedule(blocks, 60, 3)
    for place in data.draw(st.lists(st.integers(0, 59), max_size=20)):
        assert schedule[place] == Schedule(blocks, 60, 3)[place]


def test_epochs_and_seeds_differ_in_order():
    schedule = Schedule(50, 100, 1)
    assert [block for _, block in schedule][:50] != [block for _, block in schedule][50:]
    assert list(schedule) != list(Schedule(50, 100, 2))


def test_a_loader_goes_on_anywhere_with_any_number_of_workers():
    schedule = Schedule(7, 30, 0)
    rest = Subset(schedule, range(11, 30))
    for workers in (0, 2):
        loader = DataLoader(rest, batch_size=4, num_workers=workers, collate_fn=list)
        assert [item for batch in loader for item in batch] == list(schedule)[11:]


def test_it_can_be_sent_to_a_worker_and_ends():
    schedule = Schedule(3, 5, 0)
    assert list(pickle.loads(pickle.dumps(schedule))) == list(schedule)
    assert len(schedule) == 5
    with pytest.raises(IndexError):
        schedule[5]


@pytest.mark.parametrize(("blocks", "length"), [(0, 4), (3, -1)])
def test_a_schedule_of_nothing_is_refused(blocks, length):
    with pytest.raises(ValueError, match="one block or more"):
        Schedule(blocks, length, 0)
