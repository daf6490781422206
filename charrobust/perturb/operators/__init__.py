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
_SHIPPED: dict[str, type[Operator] | str] = {
    **{operator.name: operator for operator in (Drop, Add, Swap, Keyboard, Nlpaug)},
    "ocr-glyphs": f"{_HERE}.ocr:OcrGlyphs",
    "homophones": f"{_HERE}.exchanges:Homophones",
    "lost-case": f"{_HERE}.transcripts:LostCase",
    "lost-marks": f"{_HERE}.transcripts:LostMarks",
    "pieces": f"{_HERE}.subwords:Pieces",
    "confusion-sets": f"{_HERE}.exchanges:ConfusionSets",
    "inflections": f"{_HERE}.exchanges:Inflections",
    "dialect": f"{_HERE}.exchanges:Dialect",
}
OPERATORS: Registry[type[Operator]] = Registry("operator", _SHIPPED)

__all__ = ["OPERATORS", "Add", "Drop", "Keyboard", "LetterOperator", "Nlpaug", "Operator", "Swap", "WordOperator"]
