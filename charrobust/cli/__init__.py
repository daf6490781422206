"""The command line: parse, call the library, print. One file a command."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from charrobust.errors import UserError


def main() -> None:
    """Run the command line: errors of the user end in one message and status 2, Ctrl-C in status 130."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        build()()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except _Interrupted:
        print("interrupted; no unfinished file is left behind", file=sys.stderr)  # noqa: T201
        sys.exit(130)


def build() -> typer.Typer:
    """Return the application with all its commands."""
    from charrobust.cli import (
        attack,
        convert,
        demo,
        evaluate,
        finetune,
        fragility,
        lists,
        pretrain,
        report,
        revert,
        sensitivity,
        train_recogniser,
    )

    app = typer.Typer(
        name="charrobust",
        help="What do typing errors do to language models, and what to do about it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in (
        attack,
        revert,
        lists,
        pretrain,
        finetune,
        train_recogniser,
        evaluate,
        sensitivity,
        fragility,
        report,
        convert,
        demo,
    ):
        command.register(app)
    return app


class _Interrupted(BaseException):
    """Raised by a signal; unlike KeyboardInterrupt it passes through the command-line library."""


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise _Interrupted
