"""Work in several processes."""

import os
import time

import pytest

from charrobust.errors import UserError
from charrobust.processes import pooled


def slow_first(number):
    time.sleep(0.2 if number == 0 else 0)
    return number


def dies_at_two(number):
    if number == 2:
        os._exit(1)  # as a process does that is killed for want of memory
    return number


def test_results_come_in_the_order_that_is_asked_for():
    assert list(pooled(slow_first, range(9), 2, ordered=True, remedy="")) == list(range(9))
    assert sorted(pooled(slow_first, range(9), 2, ordered=False, remedy="")) == list(range(9))


@pytest.mark.parametrize("ordered", [True, False])
def test_a_process_that_is_killed_is_told(ordered):
    with pytest.raises(UserError, match="a worker process ended, killed or for want of memory; begin again"):
        list(pooled(dies_at_two, range(9), 2, ordered=ordered, remedy="begin again"))
