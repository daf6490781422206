"""How tags mark spans: IOB1, IOB2, IOE, IOBES, BILOU, BMES, BMEWO, with the letter before or behind the type.

Sources: Ramshaw and Marcus 1995 (IOB), Ratinov and Roth 2009 (BILOU). No letter means two things in two schemes, so
that a tag is read without knowing which of them it is of; but whether tags mark spans at all, and where their letter
stands, is told from all tags together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

OUTSIDE = "O"
BEGIN = frozenset("B")
END = frozenset("EL")
SINGLE = frozenset("SUW")
INSIDE = frozenset("IM")
_LETTERS = BEGIN | INSIDE | END | SINGLE
# The letters of each scheme: IOB and IOE (both in IOBES), BILOU, BMES, BMEWO.
_SCHEMES = (frozenset("BIES"), frozenset("BILU"), frozenset("BMES"), frozenset("BMEW"), frozenset("BIEW"))
_STARTS = frozenset("BI")
_SEPARATORS = ("-", "_")


@dataclass(frozen=True)
class Reading:
    """Where the letter of a tag stands.

    Attributes:
        separator: What stands between letter and type: ``-`` or ``_``.
        letter_first: ``B-PER``, rather than ``PER-B``.
    """

    separator: str = "-"
    letter_first: bool = True

    def split(self, tag: str) -> tuple[str, str]:
        """Return the letter and the type of a tag; a lone letter has the type ``_``.

        Tags of other kinds, which a model may give beside those of the data, are taken as of the type that they name.
        """
        if self.separator not in tag and tag in _LETTERS | {OUTSIDE}:
            return tag, "_"
        if self.letter_first:
            # As seqeval takes tags apart: the first letter, whatever it is, and what follows the separator.
            return tag[:1] or OUTSIDE, tag[1:].split(self.separator, 1)[-1] or "_"
        kind, _, letter = tag.rpartition(self.separator)
        return letter[:1] or OUTSIDE, kind or "_"

    def tag(self, letter: str, kind: str) -> str:
        """Write a tag of a letter and a type; the reverse of :meth:`split`."""
        if kind == "_":
            return letter
        return self.separator.join((letter, kind) if self.letter_first else (kind, letter))

    def letters(self, tags: Collection[str]) -> frozenset[str] | None:
        """Return the letters of tags other than ``O``; None if one of the tags is not of this reading."""
        letters = set()
        for tag in tags:
            parts = tag.partition(self.separator) if self.letter_first else tag.rpartition(self.separator)
            letter, kind = (parts[0], parts[2]) if self.letter_first else (parts[2], parts[0])
            is_lone = tag in _LETTERS
            if not is_lone and (letter not in _LETTERS or not kind):
                return None
            letters.add(tag if is_lone else letter)
        return frozenset(letters)


def reading_of(tags: Collection[str]) -> Reading | None:
    """Tell where the letter stands in tags that mark spans.

    Args:
        tags: All tags that occur.

    Returns:
        The reading; None if the tags mark no spans, as parts of speech do not.
    """
    inner = set(tags) - {OUTSIDE}
    for letter_first in (True, False):
        for separator in _SEPARATORS:
            reading = Reading(separator, letter_first)
            letters = reading.letters(inner)
            if letters is None or not any(letters <= scheme for scheme in _SCHEMES):
                continue
            # Types may be called as letters are: in "S-B" and "S-I" the letters are B and I, one of which no scheme
            # lacks. A lone S is no scheme either (it may be a subject), where S-PER may be a sentence's only span.
            kinds = {reading.split(tag)[1] for tag in inner}
            if not inner or letters & _STARTS or not kinds <= _LETTERS | {"_"}:
                return reading
    return None
