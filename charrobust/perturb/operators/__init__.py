"""Operators: ways to edit a word. A new one is a class in a file of its own and a line in this table."""

from __future__ import annotations

from charrobust.perturb.operators.base import LetterOperator, Operator, WordOperator
from charrobust.perturb.operators.keyboard import Keyboard
from charrobust.perturb.operators.letters import Add, Drop, Swap
from charrobust.perturb.operators.nlpaug import Nlpaug

OPERATORS: dict[str, type[Operator]] = {operator.name: operator for operator in (Drop, Add, Swap, Keyboard, Nlpaug)}

__all__ = ["OPERATORS", "Add", "Drop", "Keyboard", "LetterOperator", "Nlpaug", "Operator", "Swap", "WordOperator"]
