"""Formats by name and suffix. A new one is a class in a file of its own and a line in each of these tables.

Other packages add theirs by the entry point group ``charrobust.formats``; such a name is that of the suffix, too.
"""

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
from charrobust.datasets.formats.plain_text import PlainText
from charrobust.datasets.formats.squad import Squad
from charrobust.errors import UserError, hint
from charrobust.plugins import Registry
from charrobust.settings.reading import annotations_of, converted

_SHIPPED: dict[str, Callable[..., Format]] = {
    "jsonl": JsonLines,
    "json": json_file,
    "records": JsonArray,
    "squad": Squad,
    "csv": Delimited,
    "tsv": partial(Delimited, delimiter="\t", quoted=False),
    "conll": Conll,
    "conllu": ConllU,
    "txt": PlainText,
    "parquet": Parquet,
    "hub": Hub,
    "beir": Beir,
}
# What makes a format of a path and options, by the name that a user can give.
FORMATS: Registry[Callable[..., Format]] = Registry("format", _SHIPPED)

# The names of formats by the suffixes of files; of a format that does not ship, the name is the suffix.
SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".json": "json",
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".conllu": "conllu",
    ".txt": "txt",
}


def suffix_of(path: Path) -> str:
    """Return the suffix that tells a file's format, without ``.gz``."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def name_of(source: Format) -> str | None:
    """Return the name of a file's format; None where it has none of its own."""
    for name in FORMATS.names():
        maker: Any = FORMATS.find(name)
        # TSV is made by a function, so that a delimited file is called csv, which it is with another delimiter.
        if maker is type(source):
            return name
    return None


def name_by_suffix(path: Path) -> str | None:
    """Return the name of the format that the suffix of a file's name says; None where it says none."""
    suffix = suffix_of(path)
    added = suffix.removeprefix(".")
    if suffix in SUFFIXES or added in _SHIPPED:
        return SUFFIXES.get(suffix)
    return added if FORMATS.find(added) else None


def maker_of(path: Path, format: str | None = None) -> Callable[..., Format] | None:  # noqa: A002 - as users say
    """Return what makes the format of a file; None where that is not known.

    Args:
        path: The file.
        format: Name of the format; None tells it by the file's name.

    Returns:
        What takes the path and the options of the format, or None.
    """
    name = format or name_by_suffix(path)
    return FORMATS.find(name) if name else None


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
    if format is not None and FORMATS.find(format) is None:
        raise UserError(f"unknown format {format!r}; {hint(format, FORMATS.names())}")
    if path.is_dir():
        if format not in (None, "hub", "beir"):
            raise UserError(f"{path}: a folder, which cannot be read as {format!r}; name a file in it")
        if format is None:
            format = "beir" if is_beir(path) else "hub"  # noqa: A001 - as users say
    maker = maker_of(path, format)
    if maker is None:
        suffix = suffix_of(path)
        raise UserError(
            f"{path}: unknown file extension {suffix!r}; {hint(suffix, SUFFIXES)} (each also with .gz behind it); "
            f"or name its `format`: {', '.join(FORMATS.names())}"
        )
    return _with_options(format or suffix_of(path), maker, path, options)


def _with_options(name: str, factory: Callable[..., Format], path: Path, options: dict[str, Any]) -> Format:
    """Make a format, of which some options were given.

    Raises:
        UserError: It does not take one of them, or not with such a value.
    """
    # The parameters of a dataclass are its fields: formats need no second list of their options.
    known = [option for option in inspect.signature(factory).parameters if option != "path"]
    for option in options:
        if option not in known:
            raise UserError(f"{path}: the format {name} has no option `{option}`; {hint(option, known)}")
    made: Any = factory.func if isinstance(factory, partial) else factory
    types, values = annotations_of(made), dict(options)
    try:
        for option, value in options.items():
            values[option] = converted(types.get(option, Any), value, option)
        return factory(path, **values)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


__all__ = [
    "FORMATS",
    "SUFFIXES",
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
    "PlainText",
    "Squad",
    "TextFormat",
    "format_of",
    "maker_of",
    "name_by_suffix",
    "name_of",
    "suffix_of",
]
