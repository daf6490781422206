"""Options that fields of settings declare, and messages that name options where the library names fields."""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer
from typer.models import OptionInfo

from charrobust.cli.result import Result
from charrobust.errors import UserError
from charrobust.settings import DeclaredOption, declared_options, parse_change

_FIELD = re.compile(r"`([\w.]+)`")  # how messages of the library mark the name of a field or parameter


Command = Callable[..., Result | None]


def settings_options(
    kind: type, *, parameter: str = "settings", show_defaults: bool = True, panel: str | None = None
) -> Callable[[Command], Command]:
    """Give a command, in place of one of its parameters, an option for each field that declares one.

    The command gets all values by dotted name, None where an option is not given. Errors of the library that it raises
    then name options, as with :func:`naming_options`.

    Args:
        kind: The dataclass of the settings.
        parameter: Name of the parameter that the options take the place of.
        show_defaults: Whether the help tells the defaults of the fields; not where a file has others.
        panel: The group of the options in the help; None for one for each table of the settings.

    Returns:
        A decorator of commands.
    """

    def decorate(command: Command) -> Command:
        # Annotations are strings here (`from __future__`), and Typer needs what they stand for.
        signature = inspect.signature(command, eval_str=True)
        declared = _declared(kind)
        options = _parameters(kind, show_defaults, panel)
        parameters: list[Parameter] = []
        # Typer reads a command's options off its signature; so it is given one with the declared options in it.
        for own in signature.parameters.values():
            parameters += options if own.name == parameter else [own]

        @functools.wraps(command)
        def with_settings(**values: Any) -> Result | None:
            settings = {option.path: values.pop(name) for name, option in declared.items()}
            return command(**values, **{parameter: settings})

        # By keyword, parameters without a default may follow some with one, as the options come in any order.
        by_keyword = [own.replace(kind=Parameter.KEYWORD_ONLY) for own in parameters]
        # Without it `wraps` would pass on the signature of the command, with `settings` in it.
        with_settings.__signature__ = Signature(by_keyword)  # type: ignore[attr-defined]
        paths = {option.path: option.names[0] for option in declared.values()}
        return naming_options(with_settings, paths)

    return decorate


@functools.cache
def _declared(kind: type) -> dict[str, DeclaredOption]:
    """Return the options that a dataclass declares, by the names of their parameters."""
    return {option.path.replace(".", "_"): option for option in declared_options(kind)}


# Kept, as several commands have the same ones, and the list of commands asks for all of them.
@functools.cache
def _parameters(kind: type, show_defaults: bool, panel: str | None) -> tuple[Parameter, ...]:
    """Return the parameters of commands that these options fill."""
    parameters = []
    for name, option in _declared(kind).items():
        table = option.path.rpartition(".")[0].replace("_", " ").capitalize()
        parameters.append(_parameter(name, option, show_default=show_defaults, panel=panel or table or None))
    return tuple(parameters)


def _parameter(name: str, option: DeclaredOption, *, show_default: bool, panel: str | None) -> Parameter:
    """Return the parameter of a command that an option fills."""
    text = option.help
    if show_default and option.default not in (None, "", ()) and option.type is not bool:
        text = f"{text.removesuffix('.')} (default {option.default})."
    metavar = f"[{'|'.join(option.choices)}]" if option.choices else None
    declared = typer.Option(*option.names, help=text, metavar=metavar, rich_help_panel=panel)
    # A tuple would be an option with a fixed number of values; a list is one that can be repeated.
    is_list = typing.get_origin(option.type) is tuple
    value_type = list[str] if is_list else option.type
    # None says that an option was not given, so that a file's value is kept.
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[value_type | None, declared])


def naming_options(command: Command, paths: Mapping[str, str] | None = None) -> Command:
    """Let errors of a command name options where the library names fields, which it writes in backticks.

    Args:
        command: The command.
        paths: Further options by what the library calls them.

    Returns:
        The command, with the same signature.
    """
    signature = inspect.signature(command, eval_str=True)
    options = {name: _option_of(parameter) for name, parameter in signature.parameters.items()} | dict(paths or {})

    @functools.wraps(command)
    def named(**values: Any) -> Result | None:
        try:
            return command(**values)
        except UserError as error:
            # The same class as before: a DataError stays one.
            raise type(error)(with_options(str(error), options)) from error

    named.__signature__ = signature  # type: ignore[attr-defined]
    return named


def _option_of(parameter: Parameter) -> str:
    """Return the option that fills a parameter: the one that it names, or else the one that it gets by its own name."""
    named = f"--{parameter.name.replace('_', '-')}"
    for part in typing.get_args(parameter.annotation)[1:]:
        if isinstance(part, OptionInfo):
            declared: Sequence[Any] = (part.default, *(part.param_decls or ()))  # typer keeps the first name as default
            return next((name for name in declared if isinstance(name, str)), named)
    return named


def with_options(message: str, options: Mapping[str, str]) -> str:
    """Put options in place of the names of fields; what has none stays.

    Args:
        message: A message of the library.
        options: Options by what the library calls them.

    Returns:
        The message in the words of the command line.
    """

    def option(match: re.Match[str]) -> str:
        # of a yes or no such as --freeze/--train, the first
        return options.get(match[1], match[0]).partition("/")[0]

    return _FIELD.sub(option, message)


def changes(settings: Mapping[str, Any], change: Sequence[str] | None) -> dict[str, Any]:
    """Return what options and ``--set KEY=VALUE`` change, by dotted name; the latter wins.

    Args:
        settings: Values of options by dotted name, None where not given.
        change: Changes as they were written; None for none.

    Returns:
        The new values by dotted name.

    Raises:
        UserError: A change has no ``=``.
    """
    return {**settings, **dict(map(parse_change, change or []))}
