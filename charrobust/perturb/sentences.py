"""Sentences of running texts, and texts as a whole: the units of noise above the word.

A sentence ends behind a mark that ends sentences, with the quotes and brackets that close there, where a blank and no
lower-case letter follow: the core of the sentence boundaries of UAX 29. Titles and initials, which that leaves to
tailoring, end none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import regex

from charrobust.perturb.code_points import CLUSTERED, CodePointBuffer
from charrobust.perturb.edits import Span
from charrobust.perturb.words import Words, in_clusters, texts_with

_FULL_WIDTH = "。！？"
# A run of marks, the quotes and brackets that close behind it, and blanks. Possessive, and from the start of a run
# alone, so that a long row of marks is looked at once.
_MARKS = regex.compile(rf"(?<![.!?…।؟{_FULL_WIDTH}])([.!?…।؟{_FULL_WIDTH}]++)['\"’”»)\]]*+(\s*+)")
_OPENING = regex.compile(r"['\"‘“«¿¡(\[]*+")
# English for the most part; where one of another language is missing, a sentence is cut in two.
_TITLES = frozenset(
    "mr mrs ms dr prof st jr sr gen col capt lt rev hon vs no nr inc ltd co corp e.g i.e cf bzw".split()  # noqa: SIM905
)
_LAST_WORD = regex.compile(r"(?:^|[\s(\['\"])([\w.]{1,8})$")


def sentence_spans(text: str) -> list[Span]:
    """Split a text into sentences.

    Args:
        text: The text.

    Returns:
        (start, end) of each sentence, without the blanks around it; the marks that end it are in it.
    """
    spans = []
    start = len(text) - len(text.lstrip())
    for found in _MARKS.finditer(text):
        if _ends_sentence(text, found):
            spans.append((start, found.start(2)))
            start = found.end()
    end = len(text.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


def _ends_sentence(text: str, found: regex.Match[str]) -> bool:
    """Tell whether a run of marks ends a sentence."""
    marks, blanks = found[1], found[2]
    if not blanks:
        return marks[-1] in _FULL_WIDTH
    if marks == "." and _is_shortened(text[max(0, found.start() - 12) : found.start()]):
        return False
    opening = _OPENING.match(text, found.end())
    following = text[opening.end() : opening.end() + 1] if opening else ""
    return not following.islower()


def _is_shortened(before: str) -> bool:
    """Tell whether the word at the end of a text is a title or an initial, with which a full stop goes."""
    last = _LAST_WORD.search(before)
    return last is not None and (last[1].lower() in _TITLES or (len(last[1]) == 1 and last[1].isupper()))


def find_sentences(buffer: CodePointBuffer, texts: Sequence[str], words: Words) -> Words:
    """Find the sentences of a batch that hold a word.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts.
        words: Their words.

    Returns:
        The sentences, in the form of words; each text is an example.
    """
    return _units(buffer, texts, words, list(map(sentence_spans, texts)))


def whole_texts(buffer: CodePointBuffer, texts: Sequence[str], words: Words) -> Words:
    """Take each text that holds a word for one unit.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts.
        words: Their words.

    Returns:
        The texts, without the blanks around them, in the form of words.
    """
    spans = [[(len(text) - len(text.lstrip()), len(text.rstrip()))] for text in texts]
    return _units(buffer, texts, words, spans)


def _units(buffer: CodePointBuffer, texts: Sequence[str], words: Words, spans: Sequence[Sequence[Span]]) -> Words:
    """Put units of texts into the form of words, but for those that hold none."""
    text = np.repeat(np.arange(len(texts)), np.fromiter(map(len, spans), np.int64, len(spans)))
    # The reshaping is for texts without units, whose empty list has no columns.
    borders = np.array([span for of_text in spans for span in of_text], np.int64).reshape(-1, 2)
    start, end = (borders + buffer.starts[text][:, None]).T
    word_starts = words.at(words.start)
    first_word = np.searchsorted(word_starts, start)
    holds_word = first_word < np.searchsorted(word_starts, end)
    start, end, text, first_word = start[holds_word], end[holds_word], text[holds_word], first_word[holds_word]
    first = np.searchsorted(text, np.arange(len(texts)))
    units = in_clusters(buffer, texts, Words(start, end, text, text, first), texts_with(buffer, CLUSTERED))
    return replace(units, logged=words.rank(first_word))
