"""Windows of sentences of tokens: the words of a sentence, located; long sentences are cut between words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.windows.windower import Places, Window, Windower


def sentence_windows(windower: Windower, first: int, sentences: Sequence[Sequence[str]]) -> Iterator[Window]:
    """Yield the windows of sentences; those that are too long are cut between words.

    Args:
        windower: What makes windows.
        first: Number of the first of the sentences.
        sentences: The words of each.

    Yields:
        The windows, those of a sentence one after the other.
    """
    lists = [list(words) for words in sentences]
    encoded, words_of_tokens = _located(windower, lists)
    for row, ids in enumerate(encoded["input_ids"]):
        if len(ids) <= windower.max_length:
            yield _sentence(windower, first + row, encoded, row, words_of_tokens[row])
        else:
            yield from _pieces(windower, first + row, lists[row], words_of_tokens[row], len(ids))


def _located(windower: Windower, sentences: list[list[str]]) -> tuple[Any, list[Places]]:
    """Encode sentences; return with them the word that each token belongs to, -1 for none.

    A word that the tokenizer leaves nothing of is read as an unknown one.
    """
    encoded, located = _encoded(windower, sentences)
    unknown = windower.tokenizer.unk_token or "?"
    is_complete = True
    for row, words_of_tokens in enumerate(located):
        # Tokenizers drop control characters and the like. Every word needs a token, as its tag is asked for there.
        lost = set(range(len(sentences[row]))).difference(words_of_tokens.tolist())
        for number in lost:
            sentences[row][number] = unknown
            is_complete = False
    # Else the lists hold unknown words now, and all of them are encoded once more.
    if is_complete:
        return encoded, located
    return _encoded(windower, sentences)


def _encoded(windower: Windower, sentences: list[list[str]]) -> tuple[Any, list[Places]]:
    # Joined by blanks, as running text is: RoBERTa and its like write the blank before a word into its first token,
    # and would read words without blanks as parts of one. The offsets then tell to which word a token belongs.
    joined = [" ".join(words) for words in sentences]
    encoded = windower.encoded(joined, return_offsets_mapping=True)
    words_of_tokens = list(map(_words_of, sentences, encoded["offset_mapping"]))
    return encoded, words_of_tokens


def _sentence(windower: Windower, example: int, encoded: Any, row: int, words: Places) -> Window:
    keys, places = np.unique(words, return_index=True)  # the first token of each word
    is_word = keys >= 0
    return Window(
        example,
        encoded["input_ids"][row] or windower.nothing(),
        windower.segments_of(encoded, row),
        places[is_word].astype(np.int32),
        keys[is_word],
    )


def _pieces(windower: Windower, example: int, sentence: list[str], words: Places, length: int) -> Iterator[Window]:
    """Yield the windows of a long sentence: as many words as fit, each word where it has most words around."""
    # What belongs to no word is special tokens, which each window has anew; sizes are tokens of each word.
    special = length - int((words >= 0).sum())
    sizes = np.bincount(words[words >= 0], minlength=len(sentence))
    spans, encoded, located = _fitting(windower, sentence, sizes, windower.max_length - special)
    owner = _owners(spans, len(sentence))
    for row, (begin, _) in enumerate(spans):
        cut = _cut(encoded, row, windower.max_length)
        # The words of tokens are cut where the ids are.
        window = _sentence(windower, example, cut, 0, located[row][: windower.max_length])
        # Windows share words, so that each has some around it; but only its owner answers for a word.
        keys = window.keys + begin
        is_owned = owner[keys] == row
        yield Window(example, window.ids, window.segments, window.places[is_owned], keys[is_owned].astype(np.int32))


def _fitting(
    windower: Windower, sentence: list[str], sizes: NDArray[np.int64], room: int
) -> tuple[list[tuple[int, int]], Any, list[Places]]:
    """Return stretches of a sentence that fit windows, encoded; only a word alone may be too long."""
    spans = _stretches(sizes, room, min(windower.stride, room // 2))
    stretches = [sentence[begin:end] for begin, end in spans]
    encoded, located = _located(windower, stretches)
    excess = 0
    for ids, (begin, end) in zip(encoded["input_ids"], spans, strict=True):
        if end - begin > 1:
            excess = max(excess, len(ids) - windower.max_length)
    if excess > 0:
        # A word takes more tokens where nothing stands before it: once more, with less room. That ends, as a stretch
        # of one word is never in excess.
        return _fitting(windower, sentence, sizes, room - excess)
    return spans, encoded, located


def _cut(encoded: Any, row: int, length: int) -> dict[str, list[list[int]]]:
    """Return a text of several, cut where one word alone is longer than a window."""
    cut = {}
    for name in ("input_ids", "token_type_ids"):
        if name in encoded:
            cut[name] = [encoded[name][row][:length]]
    return cut


def _words_of(words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Places:
    """Return the word that each token of a sentence belongs to, with the blank before the word; -1 for none."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    ends = np.cumsum(lengths + 1) - 1  # words are joined by one blank each
    starts, stops = np.array(spans, np.int64).reshape(-1, 2).T
    # The first word that ends behind the start of the token; a token that starts with the blank counts to the next.
    number = np.searchsorted(ends, starts, side="right")
    # special tokens have empty spans
    return np.where((number < len(words)) & (stops > starts), number, -1).astype(np.int32)


def _stretches(sizes: NDArray[np.int64], room: int, shared: int) -> list[tuple[int, int]]:
    """Return stretches of words of no more than some tokens each, that share about as many tokens as wanted."""
    # ends[n] is the number of tokens of the first n words, so that words i to j have ends[j] - ends[i].
    ends = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    spans: list[tuple[int, int]] = []
    begin, count = 0, len(sizes)
    while True:
        # As many words as fit, but at least one: a word that is too long alone is cut.
        end = max(begin + 1, bisect_right(ends, ends[begin] + room) - 1)
        spans.append((begin, min(end, count)))
        if end >= count:
            return spans
        # Back by the shared tokens, but on by one word at least, or this would never end; and no word is skipped.
        back = bisect_right(ends, max(ends[end] - shared, 0)) - 1
        begin = min(end, max(begin + 1, back + 1))


def _owners(spans: list[tuple[int, int]], count: int) -> NDArray[np.int64]:
    """Return the stretch in which each word has most words on its poorer side, shape (count,)."""
    words = np.arange(count)
    around = []
    for begin, end in spans:
        # at the sentence's own ends nothing is missing: there the side counts as the longest
        before = behind = np.full(count, count)
        if begin > 0:
            before = words - begin
        if end < count:
            behind = end - 1 - words
        inside = (words >= begin) & (words < end)
        around.append(np.where(inside, np.minimum(before, behind), -1))
    # Of equally good stretches the first; -1 keeps those out that do not hold the word.
    best: NDArray[np.int64] = np.argmax(np.stack(around), axis=0)
    return best
