"""The command line: parse, call the library, print. One file a command."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType

import typer

from charrobust.errors import UserError
from charrobust.files import is_no_room, no_room_advice
from charrobust.packages import needed_for
from charrobust.plugins import added_by_packages

# Each command with the module that registers it, in the order of the help.
COMMANDS = {
    "attack": "attack",
    "revert": "revert",
    "recipes": "lists",
    "data": "lists",
    "pretrain": "pretrain",
    "finetune": "finetune",
    "train-recogniser": "train_recogniser",
    "evaluate": "evaluate",
    "score": "score",
    "sensitivity": "sensitivity",
    "fragility": "fragility",
    "report": "report",
    "convert": "convert",
    "demo": "demo",
}


def main() -> None:
    """Run the command line: errors of the user end in one message and status 2, Ctrl-C in status 130."""
    # Job schedulers end a run with SIGTERM: temporary files are cleared away then, too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        # The first argument, where there is one, may name a command.
        command = sys.argv[1:2]
        with needed_for(" ".join(["charrobust", *command])):
            build(*command)()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except Exception as error:
        # What was written under a final name says so itself; here are scratch files, logs, and standard output.
        if not is_no_room(error):
            raise
        print(f"error: {no_room_advice(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except _Interrupted:
        print("interrupted; no unfinished file is left behind", file=sys.stderr)  # noqa: T201
        sys.exit(130)


def build(command: str = "") -> typer.Typer:
    """Return the application.

    Args:
        command: The command that will be run: with its name, only the module of that command is loaded, so that the
            start of each command takes no longer for the options of others. With anything else, all are.

    Returns:
        The application.
    """
    app = typer.Typer(
        name="charrobust",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    known = command in COMMANDS
    # A callback keeps an application of one command from becoming that command.
    app.callback(
        help="What do typing errors do to language models, and what to do about it.",
        epilog=None if known else _of_packages(),
    )(_no_options)
    modules = [COMMANDS[command]] if known else list(dict.fromkeys(COMMANDS.values()))
    for module in modules:
        import_module(f"charrobust.cli.{module}").register(app)
    return app


def _of_packages() -> str | None:
    """Return what installed packages add, for the help; None where there are none."""
    added = added_by_packages()
    packages = [f"{package}: {', '.join(things)}" for package, things in added.items()]
    return f"Added by installed packages. {'. '.join(packages)}." if packages else None


def _no_options() -> None:
    """Take the options of the application itself: there are none."""


class _Interrupted(BaseException):
    """Raised by a signal; unlike KeyboardInterrupt it passes through the command-line library."""


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise _Interrupted
