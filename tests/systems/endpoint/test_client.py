"""The pace of calls."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from charrobust.systems.endpoint.client import Pace


class Clock:
    """A time that passes by sleeping alone."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@given(st.lists(st.floats(0, 5), max_size=20), st.sampled_from([6.0, 60.0, 600.0]))
def test_no_more_calls_a_minute_than_allowed(pauses, per_minute):
    clock = Clock()
    pace = Pace(per_minute, clock, clock.sleep)
    times = []
    for pause in pauses:
        clock.sleep(pause)
        pace.wait()
        times.append(clock.now)
    assert all(later - earlier >= 60 / per_minute - 1e-6 for earlier, later in pairwise(times))


def test_without_a_limit_nobody_waits():
    clock = Clock()
    pace = Pace(None, clock, clock.sleep)
    for _ in range(5):
        pace.wait()
    assert clock.now == 100
