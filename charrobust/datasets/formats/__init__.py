"""Formats by file name. A new one is a class in a file of its own and a line in each of these tables."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.formats.base import Block, Format, TextFormat
from charrobust.datasets.formats.beir import Beir, is_beir
from charrobust.datasets.formats.conll import Conll, ConllU
from charrobust.datasets.formats.delimited import Delimited
from charrobust.datasets.formats.hub import Hub
from charrobust.datasets.formats.json_array import JsonArray, json_file
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.datasets.formats.parquet import Parquet
from charrobust.datasets.formats.squad import Squad
from charrobust.errors import UserError, hint

# What makes a format of a path and options, by the name that a user can give.
NAMED: dict[str, Callable[..., Format]] = {
    "jsonl": JsonLines,
    "json": json_file,
    "records": JsonArray,
    "squad": Squad,
    "csv": Delimited,
    "tsv": partial(Delimited, delimiter="\t", quoted=False),
    "conll": Conll,
    "conllu": ConllU,
    "parquet": Parquet,
    "hub": Hub,
    "beir": Beir,
}

# The same by suffix.
FORMATS: dict[str, Callable[..., Format]] = {
    ".jsonl": NAMED["jsonl"],
    ".ndjson": NAMED["jsonl"],
    ".csv": NAMED["csv"],
    ".tsv": NAMED["tsv"],
    ".parquet": NAMED["parquet"],
    ".json": NAMED["json"],
    ".conll": NAMED["conll"],
    ".bio": NAMED["conll"],
    ".iob": NAMED["conll"],
    ".conllu": NAMED["conllu"],
}


def suffix_of(path: Path) -> str:
    """Return the suffix that tells a file's format, without ``.gz``."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def name_of(source: Format) -> str | None:
    """Return the name of a file's format; None where it has none of its own."""
    for name, maker in NAMED.items():
        # TSV is made by a function, so that a delimited file is called csv, which it is with another delimiter.
        if maker is type(source):
            return name
    return None


def maker_of(path: Path, format: str | None = None) -> Callable[..., Format] | None:  # noqa: A002 - as users say
    """Return what makes the format of a file; None where that is not known.

    Args:
        path: The file.
        format: Name of the format; None tells it by the file's name.

    Returns:
        What takes the path and the options of the format, or None.
    """
    if format:
        return NAMED.get(format)
    return FORMATS.get(suffix_of(path))


def format_of(path: Path, format: str | None = None, **options: Any) -> Format:  # noqa: A002 - as users say
    """Return the format of a file, told by its name; a directory is a saved data set, or a BEIR folder.

    Args:
        path: The file; ``.gz`` behind the suffix means compressed.
        format: Name of the format, such as ``csv``; None tells it by the file's name.
        options: Options of the format, such as ``tag_column`` of :class:`Conll`.

    Returns:
        The format, of that file.

    Raises:
        UserError: The suffix or name is of no known format, or the format does not take an option.
    """
    if format is not None and format not in NAMED:
        raise UserError(f"unknown format {format!r}; {hint(format, NAMED)}")
    if path.is_dir():
        if format not in (None, "hub", "beir"):
            raise UserError(f"{path}: a folder, which cannot be read as {format!r}; name a file in it")
        if format is None:
            format = "beir" if is_beir(path) else "hub"  # noqa: A001 - as users say
        return _with_options(format, NAMED[format], path, options)
    if format is not None:
        return _with_options(format, NAMED[format], path, options)
    suffix = suffix_of(path)
    if suffix not in FORMATS:
        raise UserError(
            f"{path}: unknown file extension {suffix!r}; {hint(suffix, FORMATS)} (each also with .gz behind it); "
            f"or name its `format`: {', '.join(NAMED)}"
        )
    return _with_options(suffix, FORMATS[suffix], path, options)


def _with_options(name: str, factory: Callable[..., Format], path: Path, options: dict[str, Any]) -> Format:
    """Make a format, of which some options were given.

    Raises:
        UserError: It does not take one of them.
    """
    # The parameters of a dataclass are its fields: formats need no second list of their options.
    known = [option for option in inspect.signature(factory).parameters if option != "path"]
    for option in options:
        if option not in known:
            raise UserError(f"{path}: the format {name} has no option `{option}`; {hint(option, known)}")
    return factory(path, **options)


__all__ = [
    "FORMATS",
    "NAMED",
    "Beir",
    "Block",
    "Conll",
    "ConllU",
    "Delimited",
    "Format",
    "Hub",
    "JsonArray",
    "JsonLines",
    "Parquet",
    "Squad",
    "TextFormat",
    "format_of",
    "maker_of",
    "name_of",
    "suffix_of",
]
