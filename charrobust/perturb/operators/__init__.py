"""Operators: ways to edit a word. A new one is a class in a file of its own and a place in this table.

Other packages add theirs by the entry point group ``charrobust.operators``, programs with ``OPERATORS.register``.
"""

from __future__ import annotations

from charrobust.perturb.operators.base import LetterOperator, Operator, WordOperator
from charrobust.perturb.operators.homophones import Homophones
from charrobust.perturb.operators.keyboard import Keyboard
from charrobust.perturb.operators.letters import Add, Drop, Swap
from charrobust.perturb.operators.nlpaug import Nlpaug
from charrobust.plugins import Registry

_SHIPPED = {operator.name: operator for operator in (Drop, Add, Swap, Keyboard, Homophones, Nlpaug)}
OPERATORS: Registry[type[Operator]] = Registry("operator", _SHIPPED)

__all__ = [
    "OPERATORS",
    "Add",
    "Drop",
    "Homophones",
    "Keyboard",
    "LetterOperator",
    "Nlpaug",
    "Operator",
    "Swap",
    "WordOperator",
]
