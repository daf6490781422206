"""Running the command line inside the test process."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from charrobust.cli import main


@dataclass
class Result:
    """Exit status and what was printed."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """What a program reads: the last line of standard output."""
        return json.loads(self.out.splitlines()[-1], parse_constant=_no_number)


def _no_number(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


class Runner:
    """Calls the command line with arguments."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: object) -> Result:
        self._patch.setattr(sys, "argv", ["charrobust", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        captured = self._capture.readouterr()
        return Result(status, captured.out, captured.err)


@contextmanager
def ctrl_c_once_written(path: Path) -> Iterator[None]:
    """Press Ctrl-C in this process as soon as a file has some content."""
    ended = threading.Event()

    def press() -> None:
        while not (path.exists() and path.stat().st_size) and not ended.wait(0.02):
            pass
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
