"""Folding in a tokenizer's own normaliser: look-alikes, invisible characters, backspaces and full width are undone.

What the defence :mod:`charrobust.systems.folding` does before any model, as far as normalisers of the tokenizers
library can say it: saved with the tokenizer, it serves wherever that is loaded, without this package. Such a normaliser
replaces whatever a regular expression finds by one and the same string. So one expression finds all letters that are to
be folded, and puts a mark behind each; then a table replaces letters with marks.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from tokenizers import Regex
from tokenizers.normalizers import Normalizer, Precompiled, Replace, Sequence
from transformers import PreTrainedTokenizerFast

from charrobust.models.charsmap import compiled
from charrobust.perturb.operators.tables import load_table

# A combining character, as the table is asked for graphemes. Text of a normal form does not have it: it is the double
# of another one.
_MARK = "\u0343"
# So many characters to each side are looked at; without bounds, texts of look-alikes would take the square of their
# length. Added tokens cut texts for the normaliser, too: it does not look beyond them.
_WORD, _TEXT = 24, 100
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_NARROWED = 0xFEE0  # by so much code points of full width are greater than those of ASCII
_LATIN, _SMALL = r"\p{Latin}", r"\p{Ll}"
_OTHERS = r"\p{Greek}\p{Cyrillic}\p{Armenian}\p{Cherokee}"  # the scripts of the table, but for Latin
# As in the defence: characters that are not seen, and joiners where they join nothing.
_UNSEEN = (
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
    r"|(?<=\A|[\p{Latin}\p{Georgian}\p{Hebrew}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Nd}\p{P}\s" + _OTHERS +
    "\u0300-\u036f])[\u200c\u200d]+"
)  # fmt: skip
_DELETED = r"[^\s\x08]\x08"
_LETTER = r"[\p{L}\p{M}\p{N}'’]"  # what words consist of
_REST = f"{_LETTER}{{0,{_WORD}}}"
# What a tokenizer was made of, which its backend holds.
_OF_FILES = ("tokenizer_file", "vocab_file", "merges_file", "vocab", "merges", "tokenizer_object", "tokenizer_class")


def folds(tokenizer: Any) -> bool:
    """Tell whether a tokenizer folds already.

    Args:
        tokenizer: A fast tokenizer of the transformers library.

    Returns:
        Whether it does.
    """
    own = tokenizer.backend_tokenizer.normalizer
    # As it is pickled: the text of the whole tokenizer would hold its vocabulary.
    normalizer = {} if own is None else json.loads(own.__getstate__())
    steps = normalizer.get("normalizers", [normalizer])
    return any(step.get("content") == _MARK for step in steps)


def folded(tokenizer: Any) -> Any:
    """Return a tokenizer that folds texts before it does anything else; one that folds already, as it is.

    What is saved of it keeps the folding, and offsets point into the text as it was.

    Args:
        tokenizer: A tokenizer of the transformers library, which is left as it is.

    Returns:
        The tokenizer.

    Raises:
        ValueError: It has no fast backend.
    """
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise ValueError(f"{type(tokenizer).__name__} has no fast backend; folding is written into its normaliser")
    if folds(tokenizer):
        return tokenizer
    # Of this class and no other: those of families make a normaliser of their own when they are loaded.
    names = {"model_input_names": tokenizer.model_input_names, "name_or_path": tokenizer.name_or_path}
    settings = {key: value for key, value in tokenizer.init_kwargs.items() if key not in _OF_FILES}
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer.backend_tokenizer, **settings | names)
    own = made.backend_tokenizer.normalizer
    made.backend_tokenizer.normalizer = Sequence([*folding(), *([own] if own else [])])
    return made


@functools.cache
def folding() -> tuple[Normalizer, ...]:
    """Return the normalisers that fold a text, in order."""
    targets = look_alikes()
    table = {chr(wide) + _MARK: chr(wide - _NARROWED) for wide in _WIDE}
    table |= {letter + _MARK: choices[0] for letter, choices in targets.items()}
    # A capital I and a small l have the same look-alikes: within a word that has small letters, it is the small one.
    either = "".join(letter for letter, choices in targets.items() if len(choices) > 1)
    small = rf"(?<={_LETTER})[{either}]{_MARK}{_beside(_SMALL)}"
    return (
        Replace(Regex(_DELETED), ""),
        Replace(Regex(_UNSEEN), ""),
        Replace(Regex(_behind_folded("".join(targets))), _MARK),
        Replace(Regex(small), "l"),
        Precompiled(compiled(table)),
    )


@functools.cache
def look_alikes() -> dict[str, str]:
    """Return for letters of other scripts the Latin ones that they look like, capitals first."""
    found: dict[str, str] = {}
    for letter, written in load_table("confusables").items():
        if letter.isascii():
            for other in written:
                found[other] = found.get(other, "") + letter
    return found


def _beside(letter: str) -> str:
    """Return an expression for places in whose word there is a certain letter."""
    return f"(?:(?<={letter}{_REST})|(?={_REST}{letter}))"


def _not_beside(letter: str) -> str:
    """Return an expression for places in whose word there is no such letter."""
    return f"(?<!{letter}{_REST})(?!{_REST}{letter})"


def _behind_folded(letters: str) -> str:
    """Return an expression for places behind what is to be replaced: full width, and look-alikes in words of Latin.

    A look-alike is folded where its word has Latin letters and no letter that is of another script for sure; a small
    Greek one, which may be a sign (``TNFα``), only beside small letters. In a word of look-alikes alone, it is folded
    where there are Latin letters around the word, and none that is of another script for sure; a Greek one that is all
    the letters of its word, never.
    """
    wide = "".join(map(chr, _WIDE))
    sure = rf"[{_OTHERS}]&&\p{{L}}&&[^{letters}]"  # of a class: what stands in its brackets
    sure_letter = f"[{sure}]"
    signs = rf"[[{letters}]&&\p{{Greek}}&&\p{{Ll}}]"
    small = rf"[[\p{{Latin}}{letters}]&&\p{{Ll}}&&[^\p{{Greek}}]]"
    greek = rf"[[{letters}]&&\p{{Greek}}]"
    in_latin = rf"{_beside(_LATIN)}(?:(?<!{signs})|{_beside(small)})"
    is_no_sign = rf"(?:(?<!{greek})|(?<=\p{{L}}{_REST}{greek})|(?={_REST}\p{{L}}))"
    around = rf"(?:(?<=\p{{Latin}}\P{{Latin}}{{0,{_TEXT}}})|(?=(?>\P{{Latin}}{{0,{_TEXT}}})\p{{Latin}}))"
    none_sure = f"(?!(?>[^{sure}]{{0,{_TEXT}}})[{sure}])(?<![{sure}][^{sure}]{{0,{_TEXT}}})"
    alone = rf"{_not_beside(_LATIN)}{is_no_sign}{around}{none_sure}"
    condition = rf"{_not_beside(sure_letter)}(?:{in_latin}|{alone})"
    return rf"(?<=[{wide}{letters}])(?!\p{{M}})(?:(?<=[{wide}])|{condition})"
