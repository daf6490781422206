"""The options that say how a data set is to be read, the same for every command that reads one."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from charrobust.datasets.options import DataOptions
from charrobust.settings import DeclaredOption, declared_options

_PLACE = "reading"  # the parameter of a command that the options take the place of


def takes_data(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its parameter ``reading``, an option for each field of :class:`DataOptions`.

    The command gets the :class:`DataOptions` that they say.
    """
    signature = inspect.signature(command, eval_str=True)
    options = {option.path: option for option in declared_options(DataOptions)}
    parameters: list[Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name == _PLACE:
            parameters += [_parameter(option) for option in options.values()]
        else:
            parameters.append(parameter)

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        given = {name: values.pop(name) for name in options}
        command(**values, **{_PLACE: DataOptions.of(**given)})

    by_keyword = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
    with_options.__signature__ = Signature(by_keyword)  # type: ignore[attr-defined]
    return with_options


def _parameter(option: DeclaredOption) -> Parameter:
    """Return the parameter of a command that an option fills."""
    is_list = typing.get_origin(option.type) is tuple
    kind = list[str] if is_list else option.type
    metavar = f"[{'|'.join(option.choices)}]" if option.choices else None
    declared = typer.Option(*option.names, help=option.help, metavar=metavar)
    default = True if option.type is bool else None
    return Parameter(option.path, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind | None, declared])
