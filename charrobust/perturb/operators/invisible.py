"""Invisible characters between letters: readers see nothing, tokenizers cut the word in two."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.perturb.operators.letters import Add

# Zero-width space, non-joiner, joiner, soft hyphen, word joiner: none is a blank or a line end to Python, so that
# tokens stay tokens and lines lines. (The byte order mark, which would vanish at the start of a file, is left out.)
INVISIBLE = "\u200b\u200c\u200d\u00ad\u2060"


@dataclass(frozen=True, kw_only=True)
class Invisible(Add):
    """Insert a character that is not displayed.

    Attributes:
        letters: The characters to draw from.
    """

    name = "invisible"
    level = "unicode"
    source = "Boucher, Shumailov, Anderson, Papernot: Bad characters: imperceptible NLP attacks, IEEE S&P 2022"
    keeps_form = False
    letters: str = INVISIBLE
    case: str = "lower"
