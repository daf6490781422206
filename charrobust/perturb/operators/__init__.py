"""Operators: ways to edit a word. A new one is a class in a file of its own and a place in this table.

Other packages add theirs by the entry point group ``charrobust.operators``, programs with ``OPERATORS.register``.
"""

from __future__ import annotations

from charrobust.perturb.operators.base import LetterOperator, Operator, WordOperator
from charrobust.perturb.operators.keyboard import Keyboard
from charrobust.perturb.operators.letters import Add, Drop, Swap
from charrobust.perturb.operators.nlpaug import Nlpaug
from charrobust.plugins import Registry

_HERE = "charrobust.perturb.operators"
# Those that load when a recipe names them.
_LATER = {
    "double": f"{_HERE}.doubling:Double",
    "undouble": f"{_HERE}.doubling:Undouble",
    "substitute": f"{_HERE}.substitution:Substitute",
    "vowels": f"{_HERE}.vowels:Vowels",
    "capitals": f"{_HERE}.capitals:Capitals",
    "diacritics": f"{_HERE}.diacritics:Diacritics",
    "leet": f"{_HERE}.tables:Leet",
    "phonetic": f"{_HERE}.rewriting:Phonetic",
    "homoglyph": f"{_HERE}.homoglyphs:Homoglyph",
    "invisible": f"{_HERE}.invisible:Invisible",
    "reorder": f"{_HERE}.controls:Reorder",
    "backspace": f"{_HERE}.controls:Backspace",
    "full-width": f"{_HERE}.forms:FullWidth",
    "normal-form": f"{_HERE}.forms:NormalForm",
    "misspelt": f"{_HERE}.misspelt:Misspelt",
    "hunspell": f"{_HERE}.hunspell:Hunspell",
}
_SHIPPED: dict[str, type[Operator] | str] = {
    operator.name: operator for operator in (Drop, Add, Swap, Keyboard, Nlpaug)
}
OPERATORS: Registry[type[Operator]] = Registry("operator", _SHIPPED | _LATER)

__all__ = ["OPERATORS", "Add", "Drop", "Keyboard", "LetterOperator", "Nlpaug", "Operator", "Swap", "WordOperator"]
