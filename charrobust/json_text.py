"""JSON read in one place: whatever is wrong with it is one kind of error, however it is damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from charrobust.errors import UserError


def parse_json(text: str | bytes) -> Any:
    """Return what JSON text says.

    Args:
        text: The text; bytes are UTF-8.

    Returns:
        Its values, as Python has them.

    Raises:
        ValueError: It is no JSON, no UTF-8, or nested deeper than Python follows.
    """
    try:
        return json.loads(text)
    # The parser calls itself for what stands within brackets: a few kilobytes of them are too many calls.
    except RecursionError as error:
        raise ValueError("lists and objects are nested too deep") from error


def read_json(path: Path, remedy: str = "") -> Any:
    """Return what a JSON file says.

    Args:
        path: The file.
        remedy: What to do where it cannot be read, for the message.

    Returns:
        Its values, as Python has them.

    Raises:
        UserError: It cannot be read, or as :func:`parse_json`.
    """
    after = f"; {remedy}" if remedy else ""
    try:
        return parse_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}{after}") from error
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}{after}") from error
