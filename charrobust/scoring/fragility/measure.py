"""Fragility: what a tokenizer makes of words, and of the same words after an edit (Ma et al. 2020, section 1).

The measures of the paper: a word is *split* if it is more than one sub-token; after an edit its sub-tokens may be
*replaced* (none of those before is among those after), and their number may change (*recounted*). Beside them the
*overlap*: the share of the sub-tokens before that are among those after, counted with repetitions. Words are running
words, each as often as it occurs, read as they are behind a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import DataError, hint
from charrobust.scoring.clusters import mean_over_words
from charrobust.scoring.fragility.results import (
    ALL,
    EditFragility,
    Fragility,
    GroupFragility,
    TokenizerFragility,
)
from charrobust.scoring.intervals import wilson
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.stored import package_versions
from charrobust.scoring.tokens import pieces_of
from charrobust.systems.loading import load_tokenizer

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

ENTITIES = "entities"
_OUTSIDE = "O"


def measure_fragility(
    tokenizers: Mapping[str, Any],
    noised: NoisedSentences,
    *,
    groups: Mapping[str, Sequence[Sequence[bool]]] | None = None,
    data: str = "",
    confidence: float = 0.95,
    progress: Callable[[str], object] = lambda _: None,
) -> Fragility:
    """Measure the fragility of tokenizers on the same words.

    Args:
        tokenizers: Tokenizers of the transformers library by the name that tables show, in memory or by path or hub
            id (``minilm``, a channel, a directory).
        noised: Sentences of these words.
        groups: Kinds of words: for each sentence, which of its words belong; see :func:`tag_groups`.
        data: Name of the data set.
        confidence: Level of the intervals.
        progress: Called with the name of each tokenizer when it is done.

    Raises:
        DataError: There is no word, or a group has none or does not line up with the sentences.
        UserError: There is no such tokenizer.
    """
    masks = {ALL: np.ones(noised.words, bool)} | {
        name: _mask(name, group, noised) for name, group in (groups or {}).items()
    }
    if not noised.words:
        raise DataError(f"fragility needs words, and there is none in {len(noised.pairs)} sentences; give more text")
    found = []
    for name, given in tokenizers.items():
        tokenizer = load_tokenizer(given) if isinstance(given, str | Path) else given
        pieces = WordPieces.of(tokenizer, noised)
        measured = (_group(group, pieces, mask & pieces.there, confidence) for group, mask in masks.items())
        found.append(TokenizerFragility(name, len(tokenizer), int((~pieces.there).sum()), tuple(measured)))
        progress(name)
    return Fragility(data, noised.attack, noised.severity, noised.seed, confidence, tuple(found), package_versions())


def tag_groups(patterns: Sequence[str], tags: Sequence[Sequence[str]]) -> dict[str, list[list[bool]]]:
    """Return the words whose tags match patterns.

    Args:
        patterns: Shell patterns such as ``NN*``; ``entities`` for every tag but ``O``.
        tags: The tags of each sentence.

    Raises:
        DataError: No tag matches a pattern.
    """
    known = {tag for sentence in tags for tag in sentence}
    found = {}
    for pattern in patterns:
        matching = {tag for tag in known if _matches(tag, pattern)}
        if not matching:
            raise DataError(f"no tag matches {pattern!r}; {hint(pattern, known)}")
        found[pattern] = [[tag in matching for tag in sentence] for sentence in tags]
    return found


def _matches(tag: str, pattern: str) -> bool:
    return tag != _OUTSIDE if pattern == ENTITIES else fnmatchcase(tag, pattern)


def _mask(name: str, group: Sequence[Sequence[bool]], noised: NoisedSentences) -> Mask:
    """Return a group as a mask over all words.

    Raises:
        DataError: It does not line up with the sentences, or holds no word.
    """
    if list(map(len, group)) != [len(pair.spans) for pair in noised.pairs]:
        raise DataError(
            f"the group {name!r} must say for each word of each sentence whether it belongs; it does not line up"
        )
    mask = np.fromiter(chain.from_iterable(group), bool, noised.words)
    if not mask.any():
        raise DataError(f"the group {name!r} holds no word")
    return mask


@dataclass(frozen=True, eq=False)
class WordPieces:
    """The sub-tokens of running words before and after their edits.

    Attributes:
        sentence: The sentence of each word, shape (words,).
        operators: What edited each word; None for untouched ones.
        before: Number of sub-tokens of each word, shape (words,).
        after: The same after the edit.
        shared: Number of sub-tokens that both have, with repetitions.
    """

    sentence: Counts
    operators: NDArray[np.object_]
    before: Counts
    after: Counts
    shared: Counts

    @classmethod
    def of(cls, tokenizer: Any, noised: NoisedSentences) -> WordPieces:
        """Tokenize the words of sentences."""
        words = [word for pair in noised.pairs for word in pair.words]
        others = [word for pair in noised.pairs for word in pair.noised_words]
        known = pieces_of(tokenizer, [*words, *others])
        sets = {word: Counter(pieces) for word, pieces in known.items()}
        shared = [
            len(known[word]) if word == other else (sets[word] & sets[other]).total()
            for word, other in zip(words, others, strict=True)
        ]
        return cls(
            sentence=np.repeat(np.arange(len(noised.pairs)), [len(pair.spans) for pair in noised.pairs]),
            operators=np.array([operator for pair in noised.pairs for operator in pair.operators], object),
            before=np.array([len(known[word]) for word in words], np.int64),
            after=np.array([len(known[other]) for other in others], np.int64),
            shared=np.array(shared, np.int64),
        )

    @cached_property
    def there(self) -> Mask:
        """Which words have sub-tokens before and after."""
        return (self.before > 0) & (self.after > 0)

    @cached_property
    def edited(self) -> Mask:
        """Which words are edited."""
        return np.array([operator is not None for operator in self.operators], bool)


def _group(name: str, pieces: WordPieces, mask: Mask, confidence: float) -> GroupFragility:
    """Measure the words of a mask.

    Raises:
        DataError: None of them has sub-tokens.
    """
    words = int(mask.sum())
    if not words:
        raise DataError(
            f"none of the words of the group {name!r} has sub-tokens; give other words or another tokenizer"
        )
    split = wilson(int((pieces.before[mask] > 1).sum()), words, confidence=confidence)
    edits = tuple(_edits(pieces, mask & pieces.edited, confidence))
    return GroupFragility(name, words, split, float(pieces.before[mask].mean()), edits)


def _edits(pieces: WordPieces, edited: Mask, confidence: float) -> Iterator[EditFragility]:
    """Go through the operators of edited words, all of them first."""
    operators = sorted(set(pieces.operators[edited]))
    masks = {ALL: edited} | {operator: edited & (pieces.operators == operator) for operator in operators}
    for operator, mask in masks.items():
        words = int(mask.sum())
        if words:
            before, after, shared = pieces.before[mask], pieces.after[mask], pieces.shared[mask]
            yield EditFragility(
                operator,
                words,
                wilson(int((shared == 0).sum()), words, confidence=confidence),
                wilson(int((before != after).sum()), words, confidence=confidence),
                mean_over_words(shared / before, pieces.sentence[mask], confidence=confidence),
            )
