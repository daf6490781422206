"""The options that every command has, before its name and behind it, and what becomes of its result."""

from __future__ import annotations

import functools
import inspect
import sys
from inspect import Parameter
from typing import Annotated, Any

import typer

from charrobust.cli import panels
from charrobust.cli.manner import manner
from charrobust.cli.options import Command
from charrobust.cli.result import Result, result_line

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.", rich_help_panel=panels.EVERY)
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Say more: what is loaded, versions, tracebacks.", rich_help_panel=panels.EVERY
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="End standard output with the result as a line of JSON.", rich_help_panel=panels.EVERY),
]
_OPTIONS = {"quiet": Quiet, "verbose": Verbose, "as_json": AsJson}


def add_options(app: typer.Typer) -> None:
    """Give every command of an application the options of all, in groups, and let ``--json`` print its result.

    Args:
        app: The application, with its commands.
    """
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = _speaking(command.callback)
            command.cls = panels.PanelledCommand


def _speaking(command: Command) -> Command:
    """Return a command with the options of all."""
    signature = inspect.signature(command, eval_str=True)
    # By keyword, as parameters without a default may follow some with one.
    own = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()]
    added = [
        Parameter(option, Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for option, annotation in _OPTIONS.items()
    ]

    @functools.wraps(command)
    def speaking(*, quiet: bool, verbose: bool, as_json: bool, **values: Any) -> None:
        from charrobust.cli.logs import log_versions

        speak(quiet=quiet, verbose=verbose, as_json=as_json)
        if manner().verbose:
            log_versions()
        tell_result(command(**values))

    speaking.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    return speaking


def speak(*, quiet: bool, verbose: bool, as_json: bool) -> None:
    """Take the options of all, and say where the library's own messages go.

    Args:
        quiet: See :class:`.Manner`.
        verbose: See there.
        as_json: See there.

    Raises:
        UserError: The command is to say less and more.
    """
    manner().add(quiet=quiet, verbose=verbose, as_json=as_json)
    from charrobust.cli.logs import shown_logs

    # Options before the command, and those behind it, come one after the other: the latter know of all.
    manner().closing.close()
    manner().closing.enter_context(shown_logs(verbose=manner().verbose))


def tell_result(result: Result | None) -> None:
    """Print the result where a program is to read it.

    Args:
        result: The result; None where there is nothing to tell, as in all processes of a run but the first.
    """
    if manner().as_json and result is not None:
        print(result_line(manner().command, result, manner().notes))  # noqa: T201
        sys.stdout.flush()
