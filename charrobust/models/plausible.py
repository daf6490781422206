"""Whether a configuration can be that of a model's files, looked at before anything large or endless is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.json_text import read_json

CONFIG = "config.json"
_REMEDY = "copy the directory of the model anew"
# Numbers of parts that are made one by one; the deepest encoders have some hundreds of layers.
_MOST = {"layer": 1_000, "group": 1_000, "num_labels": 1_000_000}


def check_config(folder: Path, *, trust_remote_code: bool = False) -> None:
    """Refuse a configuration that is damaged, that would make parts without end, or that names code of others.

    Args:
        folder: Directory of the model; nothing is checked where it has no configuration.
        trust_remote_code: Whether it may name code of others.

    Raises:
        UserError: It does.
    """
    path = folder / CONFIG
    if not path.is_file():
        return
    content = read_json(path, _REMEDY)
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold an object, got {content!r:.60}; {_REMEDY}")
    for name, value in _entries(content):
        _check_count(path, name, value)
        # "owner/kernel" is fetched from the hub and run.
        if name.endswith("attn_implementation") and "/" in str(value) and not trust_remote_code:
            raise UserError(
                f"{path}: {name} names code that would be fetched, {value!r:.60}; read that code, and if you trust it, "
                "run it with `trust_remote_code`"
            )


def _check_count(path: Path, name: str, value: Any) -> None:
    """Refuse a number of parts that no model has.

    Raises:
        UserError: With the most that there can be.
    """
    for part, most in _MOST.items():
        if part in name and isinstance(value, int) and value > most:
            raise UserError(f"{path}: {name} is {value}, expected {most:,} at most; {_REMEDY}")


def _entries(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the values of an object and of those within it by name."""
    # No recursion: what JSON could just be read from may be nested too deep for it.
    waiting: list[Any] = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
