"""The command line: parse, call the library, print. One file a command."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Annotated

import typer

from charrobust.cli import ending, everywhere
from charrobust.cli.manner import begin
from charrobust.cli.usage import Commands, as_error
from charrobust.cli.version import show_version
from charrobust.errors import UserError
from charrobust.files import is_no_room, no_room_advice
from charrobust.packages import needed_for
from charrobust.plugins import added_by_packages
from charrobust.visible import visible

# Each command with the module that registers it, in the order of the help.
COMMANDS = {
    "attack": "attack",
    "revert": "revert",
    "recipes": "lists",
    "data": "lists",
    "pretrain": "pretrain",
    "finetune": "finetune",
    "train-encodings": "train_encodings",
    "train-recogniser": "train_recogniser",
    "evaluate": "evaluate",
    "predict": "predict",
    "score": "score",
    "sensitivity": "sensitivity",
    "fragility": "fragility",
    "report": "report",
    "leaderboard": "leaderboard",
    "try": "trying",
    "convert": "convert",
    "export": "export",
    "push": "push",
    "demo": "demo",
}


def main() -> None:
    """Run the command line: errors of the user end in one message and status 2, signals in 128 and their number."""
    # Job schedulers end a run with SIGTERM: temporary files are cleared away then, too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    command = _command(sys.argv[1:])
    begin(command)
    try:
        with needed_for(f"charrobust {command}".rstrip()):
            build(command)(prog_name="charrobust")
    except UserError as error:
        ending.show_cause(error)
        print(as_error(error), file=sys.stderr)  # noqa: T201
        ending.end(2, error, str(error))
    except Exception as error:
        problem = _of_the_system(error)
        if problem is None:
            ending.tell_error(1, error, str(error))
            raise
        print(as_error(UserError(problem)), file=sys.stderr)  # noqa: T201
        ending.end(2, error, problem)
    except ending.Interrupted as stopped:
        print(visible(str(stopped)), file=sys.stderr)  # noqa: T201
        ending.end(stopped.status, stopped, str(stopped))
    except SystemExit as ended:
        ending.end_as(ended)
    finally:
        begin()


def _command(arguments: list[str]) -> str:
    """Return the command that is named, if one is: the first that is no option, as options before it take no values."""
    first = next((argument for argument in arguments if not argument.startswith("-")), "")
    return first if first in COMMANDS else ""


def _of_the_system(error: Exception) -> str | None:
    """Return what is to be said of an error that is neither the user's nor this program's; None of any other."""
    # What was written under a final name says so itself; here are scratch files, logs, and standard output.
    if is_no_room(error):
        return no_room_advice(error)
    # A name that is too long, a folder that may not be entered: wherever that shows.
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {os.fsdecode(error.filename)}: {error.strerror}"
    return None


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
        cls=Commands,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(
        help="What do typing errors do to language models, and what to do about it.",
        epilog=ending.STATUSES if command in COMMANDS else f"{ending.STATUSES}{_of_packages()}",
        invoke_without_command=True,
    )(_application)
    modules = [COMMANDS[command]] if command in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    for module in modules:
        import_module(f"charrobust.cli.{module}").register(app)
    everywhere.add_options(app)
    return app


def _of_packages() -> str:
    """Return what installed packages add, for the help; empty where there are none."""
    added = added_by_packages()
    packages = [f"{package}: {', '.join(things)}" for package, things in added.items()]
    return f" Added by installed packages. {'. '.join(packages)}." if packages else ""


def _application(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version; with --verbose those of all that results depend on.")
    ] = False,
    quiet: everywhere.Quiet = False,
    verbose: everywhere.Verbose = False,
    as_json: everywhere.AsJson = False,
) -> None:
    """Take the options of the application itself."""
    if version:
        begin("version")
        everywhere.speak(quiet=quiet, verbose=False, as_json=as_json)
        everywhere.tell_result(show_version(all_of_them=verbose))
    elif context.invoked_subcommand is None:
        context.fail("expected a command; charrobust --help lists them")
    else:
        everywhere.speak(quiet=quiet, verbose=verbose, as_json=as_json)


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise ending.Interrupted(128 + signum)
