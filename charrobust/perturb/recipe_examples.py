"""A short example of what a recipe does: the first stretch of a sentence that it changes, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from charrobust.packages import is_installed

if TYPE_CHECKING:
    from charrobust.perturb import Attack, EditedText
    from charrobust.perturb.operators.base import Operator

# Words of many kinds, so that nearly every recipe finds one to edit; the others are for other scripts and spellings.
SENTENCES = (
    "Their new café is quite good. I would not have believed it, but the weather helps! Don't ask me why.",
    "今天天气很好，我们去公园散步。",
    "Its colour is that of a cafe\u0301.",
)
_SEEDS = 30
_LONGEST = 40


def can_run(operator: Operator) -> bool:
    """Tell whether what an operator needs is installed."""
    return not operator.package or is_installed(operator.package)


def example_of(attack: Attack, sentence: str | None = None) -> str:
    """Return what an attack does to a sentence, in short.

    Args:
        attack: The attack.
        sentence: The sentence, which is then shown whole; None takes one of the program's.

    Returns:
        The sentence as it is then, or ``before -> after`` of a stretch of it; empty where nothing changes.
    """
    if sentence is not None:
        return attack.text(sentence).text
    return " -> ".join(changed_stretch(attack, SENTENCES))


def changed_stretch(attack: Attack, sentences: Iterable[str]) -> tuple[str, ...]:
    """Return the first stretch that an attack changes.

    Args:
        attack: The attack, with its seed and those after it.
        sentences: The sentences, tried one after the other.

    Returns:
        The stretch before and after; nothing where no sentence changes.
    """
    for sentence in sentences:
        for seed in range(_SEEDS):
            edited = attack.__class__(attack.recipe, attack.seed + seed).text(sentence)
            if edited.edits:
                return _stretch(edited)
    return ()


def _stretch(edited: EditedText) -> tuple[str, str]:
    """Return the words around the first edit, before and after."""
    edit = edited.edits[0]
    return _words(edited.source, *edit.old), _words(edited.text, *edit.new)


def _words(text: str, start: int, end: int) -> str:
    """Return the words that a span touches, or the words beside it where it is empty; shortened where it is long."""
    first = text.rfind(" ", 0, start) + 1
    last = text.find(" ", end)
    words = text[first : len(text) if last < 0 else last].strip()
    return words if len(words) <= _LONGEST else words[: _LONGEST - 3] + "..."
