"""Rules that write a group of letters as another one, read from TOML files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed

FOLDER = "attacks/phonetic"
_KEYS = {"summary": str, "source": str, "rules": dict}
START, END = "^", "$"


@dataclass(frozen=True)
class RewriteRule:
    """One rule.

    Attributes:
        pattern: The letters that are rewritten, lower-case.
        forms: What may be written for them.
        at_start: Whether they must stand at the start of a word.
        at_end: Whether they must stand at its end.
    """

    pattern: str
    forms: tuple[str, ...]
    at_start: bool = False
    at_end: bool = False


def rewrite_rule(pattern: str, forms: Sequence[str]) -> RewriteRule:
    """Read a rule as files write it.

    Args:
        pattern: The letters; behind ``^`` at the start of a word alone, before ``$`` at its end alone.
        forms: What may be written for them.

    Returns:
        The rule.

    Raises:
        RecipeError: The pattern holds no letters, or a form is empty, holds a blank, or is the pattern again.
    """
    at_start, at_end = pattern.startswith(START), pattern.endswith(END)
    bare = composed(pattern.removeprefix(START).removesuffix(END).lower())
    if not bare or _has_blank(bare):
        raise RecipeError(f"{pattern!r}: expected letters, as in '{START}kn' or 'mb{END}'")
    for form in forms:
        if not form or _has_blank(form):
            raise RecipeError(f"{pattern!r}: {form!r} would make a word vanish or break; write one letter at least")
        if composed(form) == bare:
            raise RecipeError(f"{pattern!r}: {form!r} is what stands there already; leave it out")
    return RewriteRule(bare, tuple(map(composed, forms)), at_start, at_end)


def _has_blank(text: str) -> bool:
    return any(map(str.isspace, text)) or len(f"a{text}a".splitlines()) > 1


def load_rules(name: str) -> tuple[RewriteRule, ...]:
    """Read rules from a file.

    Args:
        name: A shipped list of rules such as ``en``, or the path of a TOML file.

    Returns:
        The rules.

    Raises:
        RecipeError: There is no such file, or a rule is none.
    """
    path = resources.find(name, FOLDER, "list of rules")
    content = resources.read_toml(path)
    for key, value in content.items():
        if not isinstance(value, _KEYS.get(key, ())):
            raise RecipeError(f"{path}: expected the keys {', '.join(_KEYS)}, got {key} = {value!r:.60}")
    rules = content.get("rules")
    if not rules:
        raise RecipeError(f"{path}: expected [rules], such as ph = ['f']")
    return tuple(_entry(path, rules, pattern) for pattern in rules)


def _entry(path: Path, rules: Mapping[str, Any], pattern: str) -> RewriteRule:
    forms = rules[pattern]
    if not isinstance(forms, list) or not forms or not all(isinstance(form, str) for form in forms):
        raise RecipeError(f"{path}: [rules] {pattern} must be a list of strings, got {forms!r:.60}")
    try:
        return rewrite_rule(pattern, forms)
    except RecipeError as error:
        raise RecipeError(f"{path}: [rules] {error}") from error
