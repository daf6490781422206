"""Files that ship with the package: recipes, keyboard layouts, stop words, data set cards and sample sets.

They live in the top-level folders ``attacks/`` and ``data/`` of a checkout, and beside this module in an
installed wheel; this module is the only place that knows the difference.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from charrobust.errors import RecipeError, UserError, hint

_PACKAGE = Path(__file__).parent
_ENDINGS = (".toml", ".txt", ".json", ".tsv", ".jsonl", ".aff")


def shipped(folder: str) -> Path:
    """Return the directory of a shipped folder.

    Args:
        folder: A path below the top level, such as ``attacks/keyboards`` or ``data``.

    Returns:
        The directory, in a checkout or in an installed package.
    """
    installed = _PACKAGE / "_shipped" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def names(folder: str, suffix: str = ".toml") -> list[str]:
    """Return the sorted names (file names without their suffix) of what ships in a folder."""
    return sorted(path.name.removesuffix(suffix) for path in shipped(folder).glob(f"*{suffix}"))


def is_path(name: str) -> bool:
    """Tell the path of a user's file from the name of one that ships."""
    return "/" in name or name.endswith(_ENDINGS)


def find(name: str, folder: str, kind: str, suffix: str = ".toml") -> Path:
    """Find a shipped file by its name, or a user's own file by its path.

    Args:
        name: A shipped name such as ``charbert``, or a path that ends in ``suffix``.
        folder: Where the shipped ones live.
        kind: What it is, for the error message: ``recipe``, ``layout``, ...
        suffix: How such files end.

    Returns:
        The path of the file.

    Raises:
        RecipeError: Neither a shipped name nor an existing file; the message lists the shipped ones.
    """
    if name.endswith(suffix) or "/" in name:
        path = Path(name)
        if path.is_file():
            return path
        raise RecipeError(f"{kind} file not found: {name} (give an existing {suffix} file or a shipped name)")
    path = shipped(folder) / f"{name}{suffix}"
    if not path.is_file():
        raise RecipeError(f"unknown {kind} {name!r}; {hint(name, names(folder, suffix))}")
    return path


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: The file.

    Returns:
        Its tables and values.

    Raises:
        UserError: The file cannot be read, is not UTF-8 or not valid TOML; the message holds the file and the place.
    """
    try:
        return tomllib.loads(
            path.read_text(encoding="utf-8-sig")
        )  # a byte order mark, as some editors write one, is no part of it
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    # The parser calls itself for what stands within brackets; numbers of thousands of digits are a plain ValueError.
    except (ValueError, RecursionError) as error:
        problem = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UserError(f"{path} is not a valid TOML file: {problem}") from error
