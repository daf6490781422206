"""The options of the command line that fields declare, and their help: the strings below the fields."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from charrobust.settings.reading import alternatives_of, annotations_of


@dataclass(frozen=True)
class DeclaredOption:
    """A field that has an option on the command line.

    Attributes:
        path: Its dotted name in the settings.
        names: The names of the option, the long one first.
        type: What its value is; the first of several types.
        default: Its value where the option is not given.
        choices: All that it may be; none where that is not limited.
        help: What stands below the field.
    """

    path: str
    names: tuple[str, ...]
    type: Any
    default: Any
    choices: tuple[str, ...]
    help: str


def declared_options(kind: type, prefix: str = "") -> Iterator[DeclaredOption]:
    """Go through the options that the fields of a dataclass and of its tables declare."""
    annotations, texts = annotations_of(kind), field_texts(kind)
    for field in fields(kind):
        declared = annotations[field.name]
        if is_dataclass(declared):
            yield from declared_options(declared, f"{prefix}{field.name}.")  # type: ignore[arg-type]
        elif field.metadata.get("options"):
            yield DeclaredOption(
                path=prefix + field.name,
                names=tuple(field.metadata["options"]),
                type=alternatives_of(declared)[0],
                default=field.default,
                choices=tuple(field.metadata["choices"]),
                help=texts.get(field.name, "").replace("``", ""),
            )


@functools.cache
def field_texts(kind: type) -> dict[str, str]:
    """Return the strings below the fields of a class, each as one line.

    Python drops these strings when it runs, so that they are read from the source; without it there are none.
    """
    try:
        module = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    except (OSError, TypeError):
        return {}
    texts: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            texts |= _texts_below(node.body)
    return texts


def _texts_below(body: Sequence[ast.stmt]) -> dict[str, str]:
    texts = {}
    for statement, following in itertools.pairwise(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            match following:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    texts[statement.target.id] = " ".join(text.split())
    return texts
