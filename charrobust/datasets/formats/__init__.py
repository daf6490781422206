"""Formats by file name. A new one is a class in a file of its own and a line in this table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.formats.base import Block, Format, final_name
from charrobust.datasets.formats.conll import Conll
from charrobust.datasets.formats.delimited import Delimited
from charrobust.datasets.formats.hub import Hub
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.datasets.formats.parquet import Parquet
from charrobust.datasets.formats.squad import Squad
from charrobust.errors import UserError, hint

FORMATS: dict[str, Callable[..., Format]] = {
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".csv": Delimited,
    ".tsv": partial(Delimited, delimiter="\t"),
    ".parquet": Parquet,
    ".json": Squad,
    ".conll": Conll,
    ".bio": Conll,
    ".iob": Conll,
    ".conllu": partial(Conll, token_column=1, tag_column=3, comments=True),
}


def suffix_of(path: Path) -> str:
    """Return the suffix that tells a file's format, without ``.gz``."""
    return Path(final_name(path).removesuffix(".gz")).suffix.lower()


def format_of(path: Path, **options: Any) -> Format:
    """Return the format of a file, told by its name; a directory is a saved data set.

    Args:
        path: The file; ``.gz`` behind the suffix means compressed.
        options: Options of the format, such as ``tag_column`` of :class:`Conll`.

    Raises:
        UserError: The suffix is of no known format, or the format does not take an option.
    """
    if path.is_dir():
        return _with_options(Hub, path, options)
    suffix = suffix_of(path)
    if suffix not in FORMATS:
        raise UserError(
            f"{path}: unknown file extension {suffix!r}; {hint(suffix, FORMATS)} (each also with .gz behind it)"
        )
    return _with_options(FORMATS[suffix], path, options)


def _with_options(kind: Callable[..., Format], path: Path, options: dict[str, Any]) -> Format:
    try:
        return kind(path, **options)
    except TypeError as error:
        names = ", ".join("--" + name.replace("has_header", "no_header").replace("_", "-") for name in options)
        raise UserError(f"{path}: its format does not take all of the options {names}") from error


__all__ = [
    "FORMATS",
    "Block",
    "Conll",
    "Delimited",
    "Format",
    "Hub",
    "JsonLines",
    "Parquet",
    "Squad",
    "format_of",
    "suffix_of",
]
