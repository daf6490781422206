"""How the command line ends: what is said of errors, and the exit status."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from charrobust.cli.manner import manner
from charrobust.cli.result import error_line

STATUSES = (
    "Exit status: 0 done, 1 a fault of charrobust, 2 something to be mended by the user, 130 interrupted (Ctrl-C), "
    "141 nobody reads the output any more, 143 ended by a scheduler (SIGTERM)."
)
_BROKEN_PIPE = 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else 1


class Interrupted(BaseException):
    """Raised by a signal; unlike KeyboardInterrupt it passes through the command-line library.

    Attributes:
        status: The exit status: 128 and the number of the signal, as shells have it.
    """

    def __init__(self, status: int, message: str = "interrupted; no unfinished file is left behind") -> None:
        """Say what happened.

        Args:
            status: The exit status.
            message: What is left, and how to go on.
        """
        super().__init__(message)
        self.status = status


def end(status: int, error: BaseException, message: str) -> NoReturn:
    """End with an error.

    Args:
        status: The exit status.
        error: The error.
        message: What was said of it.
    """
    tell_error(status, error, message)
    sys.exit(status)


def end_as(ended: SystemExit) -> NoReturn:
    """End as the command-line library would, once it has printed what there is to say.

    Args:
        ended: What it raised.
    """
    # It tells errors in the command line, and that nobody reads, on its own; the error that it had is still there.
    error = ended.__context__
    status = ended.code if isinstance(ended.code, int) else 0
    if isinstance(error, BrokenPipeError) or not _flushed():
        # Python itself would try once more on its way out, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_BROKEN_PIPE)
    if status and error is not None:
        end(status, error, _message(error))
    sys.exit(status)


def tell_error(status: int, error: BaseException, message: str) -> None:
    """Print an error for a program, if one is to read it.

    Args:
        status: The exit status.
        error: The error.
        message: What was said of it.
    """
    # By what was written, as an error in it keeps options from being understood.
    if "--json" in sys.argv[1:]:
        print(error_line(manner().command, status, error, message), flush=True)  # noqa: T201


def show_cause(error: BaseException) -> None:
    """Print the traceback of an error and of what caused it, where more than usual is to be said.

    Args:
        error: The error.
    """
    if manner().verbose:
        import traceback

        traceback.print_exception(error)


def _message(error: BaseException) -> str:
    """Return what an error of the command-line library says: which has two such libraries, of one shape."""
    told = getattr(error, "format_message", None)
    return str(error) if told is None else str(told())


def _flushed() -> bool:
    """Tell whether somebody has read what was printed."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    return True
