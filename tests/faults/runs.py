"""Commands that are killed, and what must hold afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_PATIENCE = 300.0  # seconds that a run may take on a busy machine


class FaultError(AssertionError):
    """Something that must hold does not."""


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a command of this package in a process group of its own."""
    command = [sys.executable, "-m", "charrobust", *map(str, arguments)]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def finish(*arguments: object) -> float:
    """Run a command to its end; return the seconds that it took.

    Raises:
        FaultError: It fails, or does not end.
    """
    began = time.monotonic()
    process = start(*arguments)
    err = _said(process, arguments)
    if process.returncode:
        raise FaultError(f"status {process.returncode} of {arguments}: {err}")
    return time.monotonic() - began


def kill(arguments: Sequence[object], seconds: float, number: signal.Signals) -> bool:
    """Send a signal to a command some time after its start.

    Args:
        arguments: The command.
        seconds: When.
        number: The signal; it goes to the process itself, as of a job scheduler, and not to its group.

    Returns:
        Whether it was still running.

    Raises:
        FaultError: It leaves workers behind, says more than one line, or does not end.
    """
    process = start(*arguments)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    err = _said(process, arguments)
    _check_alone(process.pid)
    if "Traceback" in err:
        raise FaultError(f"{number.name} after {seconds:.2f} s of {arguments}: {err}")
    return process.returncode != 0


def _said(process: subprocess.Popen[str], arguments: Sequence[object]) -> str:
    """Wait for the end of a command; return what it wrote to standard error.

    Raises:
        FaultError: It does not end.
    """
    try:
        return process.communicate(timeout=_PATIENCE)[1]
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise FaultError(f"no end after {_PATIENCE:.0f} s of {arguments}") from error


def _check_alone(group: int) -> None:
    """Make sure that no process of a group is left.

    Raises:
        FaultError: There is one.
    """
    if not has_gone(group, 10.0):
        os.killpg(group, signal.SIGKILL)
        raise FaultError(f"processes of group {group} live on")


def has_gone(group: int, seconds: float) -> bool:
    """Tell whether all processes of a group end within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def moments(times: int, seconds: float, seed: int) -> list[float]:
    """Return when to kill a run that takes so long: all over it, from the first tenth on, at random."""
    rng = random.Random(seed)
    return [seconds * (0.1 + 0.9 * (number + rng.random()) / times) for number in range(times)]


def contents(folder: Path, *, but: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the content of each file below a folder, by its path, without those that hold times or versions."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if path.name not in but}
