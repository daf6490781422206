"""What ends a run early: the first signal asks, the second goes through."""

import signal
import subprocess
import sys

import pytest

from charrobust.training.interruptions import Stop

TWICE = """
import signal
from charrobust.training.interruptions import Stop

signal.signal(signal.SIGTERM, signal.{before})
with Stop() as stop:
    signal.raise_signal(signal.SIGTERM)
    print("asked" if stop.requested else "not asked", flush=True)
    signal.raise_signal(signal.SIGTERM)
    print("alive", flush=True)
"""


@pytest.mark.parametrize(("before", "status", "said"), [
    ("SIG_DFL", -signal.SIGTERM, "asked\n"), ("SIG_IGN", 0, "asked\nalive\n"),
])  # fmt: skip
def test_a_second_signal_does_what_it_did_before(before, status, said):
    done = subprocess.run(
        [sys.executable, "-c", TWICE.format(before=before)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (status, said)


@pytest.mark.parametrize(("first", "second"), [("SIGINT", "SIGTERM"), ("SIGTERM", "SIGINT"), ("SIGINT", "SIGINT")])
def test_a_second_signal_goes_to_the_handler_before(first, second):
    first, second = signal.Signals[first], signal.Signals[second]
    caught = []
    before = signal.signal(second, lambda number, frame: caught.append(number))
    try:
        with Stop() as stop:
            signal.raise_signal(first)
            assert (stop.requested, caught) == (True, [])
            signal.raise_signal(second)
            assert caught == [second]
        signal.raise_signal(second)
        assert caught == [second, second]
    finally:
        signal.signal(second, before)
