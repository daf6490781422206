"""Words with their languages and counts, from a file: what a warm start is taught, and a channel is to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xxhash

from charrobust.errors import DataError, UserError
from charrobust.perturb.languages import language_codes

_HEADER = ("word", "language", "count")
_FORM = "expected lines of a word in lower case, its language and its count, with tabs between, under " + repr(
    "\t".join(_HEADER)
)


@dataclass(frozen=True)
class WordList:
    """Words in some order; one that several languages have is there once for each.

    Attributes:
        words: The words.
        languages: The code of the language of each; empty where it is not known.
        counts: How often each occurs in its language.
    """

    words: Sequence[str]
    languages: Sequence[str]
    counts: Sequence[int]

    @classmethod
    def of_counts(cls, counts: Mapping[str, int]) -> WordList:
        """Return words whose languages are not known."""
        return cls(list(counts), [""] * len(counts), list(counts.values()))

    @property
    def digest(self) -> str:
        """A digest of the list, by which a changed file is noticed."""
        rows = list(zip(self.words, self.languages, self.counts, strict=True))
        return xxhash.xxh3_128_hexdigest(repr(rows).encode())

    def totals(self) -> dict[str, int]:
        """Return how often each word occurs, in all languages together; in order."""
        totals: dict[str, int] = {}
        for word, count in zip(self.words, self.counts, strict=True):
            totals[word] = totals.get(word, 0) + count
        return totals


def read_word_list(path: str | Path) -> WordList:
    """Read a word list.

    Args:
        path: A file of tab-separated values, UTF-8: word, language, count, under a line with these names.

    Returns:
        The words.

    Raises:
        UserError: It cannot be read.
        DataError: A line is something else, with its number.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(f"word list {path} cannot be read: {error.strerror}; {_FORM}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"word list {path} is not UTF-8: {error}; {_FORM}") from error
    if not lines or tuple(lines[0].split("\t")) != _HEADER:
        raise DataError(f"{path}, line 1: {_FORM}, got {''.join(lines[:1])[:60]!r}")
    known = set(language_codes())
    rows = [_row(line, known, f"{path}, line {number}") for number, line in enumerate(lines[1:], start=2)]
    if not rows:
        raise DataError(f"{path} holds no word; {_FORM}")
    words, languages, counts = zip(*rows, strict=True)
    return WordList(words, languages, counts)


def _row(line: str, known: set[str], place: str) -> tuple[str, str, int]:
    """Return the values of a line.

    Raises:
        DataError: They are not what they should be.
    """
    values = line.split("\t")
    if len(values) != len(_HEADER) or not values[2].isdecimal():
        raise DataError(f"{place}: {_FORM}, got {line[:60]!r}")
    word, language, count = values
    if not word.isalpha() or word != word.lower():
        raise DataError(f"{place}: expected a word of letters in lower case, got {word[:60]!r}")
    if language not in known:
        raise DataError(f"{place}: expected a language of {', '.join(sorted(known))}, got {language[:20]!r}")
    return word, language, int(count)
