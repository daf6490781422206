"""What random numbers depend on of a recipe or an operator: fields that were set, and what files say that they name."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.perturb.counter_random import text_key

# Options that name a shipped file, or one of the user's by its path.
FILES = (
    "layout",
    "stop_words",
    "recipe",
    "glyphs",
    "sets",
    "tokenizer",
    "table",
    "rules",
    "pairs",
    "affix",
    "homophones",
    "dictionary",
)


def changed_fields(owner: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from their defaults, so that a new field changes no draw.

    A file that is named stands for what it holds, so that the place where it lies changes no draw either.
    """
    changed = {}
    for field in fields(owner):
        value = getattr(owner, field.name)
        if value != _default(field):
            changed[field.name] = _file_content(value) if field.name in FILES else value
    return changed


def _file_content(name: str) -> str:
    """Return what a user's own file holds; a shipped file stands for itself."""
    path = Path(name)
    if resources.is_path(name) and path.is_dir():
        path /= "tokenizer.json"  # nothing else is named by its directory
    if not resources.is_path(name) or not path.is_file():
        return name
    # Files of Hunspell may be in another encoding, and are the same draws all the same.
    content = path.read_text(encoding="utf-8", errors="surrogateescape")
    # Tokenizers are large; what draws depend on is a hash of it all anyway.
    return f"{text_key(content):016x}" if path.suffix == ".json" else content


def _default(field: Any) -> Any:
    return field.default_factory() if callable(field.default_factory) else field.default
