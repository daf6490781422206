"""A command in this process, and whether it ended as it may: in a result, or in one message."""

from __future__ import annotations

import contextlib
import io
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from charrobust.cli import main
from charrobust.errors import UserError

SECONDS = 60  # of the processor, spinning threads among it, that a command on a damaged file may take


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        kind: ``done``, ``refused`` or a fault.
        told: What it said of it.
    """

    kind: str
    told: str

    @property
    def is_fault(self) -> bool:
        """Whether it may not end so."""
        return self.kind not in ("done", "refused")


class TooLong(BaseException):
    """A command hangs; no `except Exception` keeps it."""


@contextlib.contextmanager
def limited(seconds: int = SECONDS) -> Iterator[None]:
    """End what takes too long."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TooLong

    # Of the processor's time, so that a machine with other work makes no faults.
    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run(*arguments: Any) -> Ended:
    """Run a command of charrobust."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    given, out, err = sys.argv, io.StringIO(), io.StringIO()
    sys.argv = ["charrobust", *map(str, arguments)]
    try:
        with limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        return Ended("done", out.getvalue())
    except SystemExit as error:
        if error.code in (None, 0):
            return Ended("done", out.getvalue())
        return _refusal(error.code, err.getvalue())
    except TooLong:
        return Ended("hangs", " ".join(sys.argv))
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Ended("traceback", f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"[:1_000])
    finally:
        sys.argv = given
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _refusal(code: Any, said: str) -> Ended:
    """Return how a command ended that left with a status: with one message, without marks that a terminal obeys."""
    messages = re.findall(r"(?m)^error: ", said)
    if code == 2 and len(messages) == 1 and "\x1b" not in said:
        return Ended("refused", said)
    return Ended("no message", f"status {code}: {said[:1_000]!r}")


def call(function: Any, *arguments: Any) -> Ended:
    """Call a function of the library: a UserError is what it may raise."""
    try:
        with limited():
            function(*arguments)
        return Ended("done", "")
    except UserError as error:
        return Ended("refused", str(error)) if str(error) else Ended("no message", repr(error))
    except TooLong:
        return Ended("hangs", repr(function))
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Ended("traceback", f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"[:1_000])
