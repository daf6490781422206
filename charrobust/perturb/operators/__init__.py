"""Operators: ways to edit a word. A new one is a class in a file of its own and a place in this table.

Other packages add theirs by the entry point group ``charrobust.operators``, programs with ``OPERATORS.register``.
"""

from __future__ import annotations

from charrobust.perturb.operators.base import LetterOperator, Operator, UnitOperator, WordOperator
from charrobust.perturb.operators.keyboard import Keyboard
from charrobust.perturb.operators.letters import Add, Drop, Swap
from charrobust.perturb.operators.nlpaug import Nlpaug
from charrobust.plugins import Registry

_FOLDER = "charrobust.perturb.operators"
# Those that most recipes need, and where the others lie, which are loaded when they are named.
_SHIPPED: dict[str, type[Operator] | str] = {
    **{operator.name: operator for operator in (Drop, Add, Swap, Keyboard, Nlpaug)},
    "double": f"{_FOLDER}.doubling:Double",
    "undouble": f"{_FOLDER}.doubling:Undouble",
    "substitute": f"{_FOLDER}.substitution:Substitute",
    "vowels": f"{_FOLDER}.vowels:Vowels",
    "capitals": f"{_FOLDER}.capitals:Capitals",
    "diacritics": f"{_FOLDER}.diacritics:Diacritics",
    "leet": f"{_FOLDER}.tables:Leet",
    "phonetic": f"{_FOLDER}.rewriting:Phonetic",
    "homoglyph": f"{_FOLDER}.homoglyphs:Homoglyph",
    "invisible": f"{_FOLDER}.invisible:Invisible",
    "reorder": f"{_FOLDER}.controls:Reorder",
    "backspace": f"{_FOLDER}.controls:Backspace",
    "full-width": f"{_FOLDER}.forms:FullWidth",
    "normal-form": f"{_FOLDER}.forms:NormalForm",
    "misspelt": f"{_FOLDER}.misspelt:Misspelt",
    "hunspell": f"{_FOLDER}.hunspell:Hunspell",
    "pinyin": f"{_FOLDER}.pinyin:Pinyin",
    "split": f"{_FOLDER}.spacing:Split",
    "join": f"{_FOLDER}.spacing:Join",
    "drop-word": f"{_FOLDER}.units:DropWord",
    "double-word": f"{_FOLDER}.units:DoubleWord",
    "swap-words": f"{_FOLDER}.units:SwapWords",
    "drop-sentence": f"{_FOLDER}.units:DropSentence",
    "double-sentence": f"{_FOLDER}.units:DoubleSentence",
    "swap-sentences": f"{_FOLDER}.units:SwapSentences",
    "drop-final-mark": f"{_FOLDER}.marks:DropFinalMark",
    "drop-marks": f"{_FOLDER}.marks:DropMarks",
    "distractor": f"{_FOLDER}.distractor:Distractor",
    "ocr-glyphs": f"{_FOLDER}.ocr:OcrGlyphs",
    "homophones": f"{_FOLDER}.other_words:Homophones",
    "lost-case": f"{_FOLDER}.transcripts:LostCase",
    "lost-marks": f"{_FOLDER}.transcripts:LostMarks",
    "transcript": f"{_FOLDER}.transcripts:Transcript",
    "pieces": f"{_FOLDER}.subwords:Pieces",
    "confusion-sets": f"{_FOLDER}.other_words:ConfusionSets",
    "inflections": f"{_FOLDER}.other_words:Inflections",
    "dialect": f"{_FOLDER}.other_words:Dialect",
}
OPERATORS: Registry[type[Operator]] = Registry("operator", _SHIPPED)

__all__ = [
    "OPERATORS",
    "Add",
    "Drop",
    "Keyboard",
    "LetterOperator",
    "Nlpaug",
    "Operator",
    "Swap",
    "UnitOperator",
    "WordOperator",
]
