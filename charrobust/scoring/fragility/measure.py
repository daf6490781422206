"""Fragility: what a tokenizer makes of words, and of the same words after an edit (Ma et al. 2020, section 1).

The measures of the paper: a word is *split* if it is more than one sub-token; after an edit its sub-tokens may be
*replaced* (none of those before is among those after), and their number may change (*recounted*). Beside them the
*overlap*: the share of the sub-tokens before that are among those after, counted with repetitions. Words are running
words, each as often as it occurs, read as they are behind a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.environment import package_versions
from charrobust.errors import DataError, hint
from charrobust.progress import Progress, no_progress
from charrobust.scoring.clusters import mean_over_words
from charrobust.scoring.fragility.results import (
    ALL,
    EditFragility,
    Fragility,
    GroupFragility,
    TokenizerFragility,
)
from charrobust.scoring.intervals import Interval, check_confidence, wilson
from charrobust.scoring.noised import NoisedSentences
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
    trust_remote_code: bool = False,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Fragility:
    """Measure the fragility of tokenizers on the same words.

    Args:
        tokenizers: Tokenizers of the transformers library by the name that tables show, in memory or by path or hub
            id (``minilm``, ``e5-small``, a channel, a directory).
        noised: Sentences of these words.
        groups: Kinds of words: for each sentence, which of its words belong; see :func:`tag_groups`.
        data: Name of the data set.
        trust_remote_code: Whether code that lies with a tokenizer is run.
        confidence: Level of the intervals.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of the tokenizer that is done.

    Returns:
        What was measured, with intervals.

    Raises:
        DataError: There is no word, or a group has none or does not line up with the sentences.
        UserError: There is no such tokenizer, or `confidence` does not lie between 0 and 1.
    """
    check_confidence(confidence)
    masks = {ALL: np.ones(noised.words, bool)}
    for group, belongs in (groups or {}).items():
        masks[group] = _mask(group, belongs, noised)
    if not noised.words:
        raise DataError(f"fragility needs words, and there is none in {len(noised.pairs)} sentences; give more text")
    measured = []
    for name, tokenizer in tokenizers.items():
        if isinstance(tokenizer, str | Path):
            tokenizer = load_tokenizer(tokenizer, trust_remote_code=trust_remote_code)
        measured.append(_tokenizer(name, tokenizer, noised, masks=masks, confidence=confidence))
        progress(name, len(measured), len(tokenizers), {})
    return Fragility(
        data=data,
        attack=noised.attack,
        severity=noised.severity,
        seed=noised.seed,
        confidence=confidence,
        tokenizers=tuple(measured),
        versions=package_versions(),
    )


def _tokenizer(
    name: str, tokenizer: Any, noised: NoisedSentences, *, masks: Mapping[str, Mask], confidence: float
) -> TokenizerFragility:
    """Measure one tokenizer on groups of words.

    Args:
        name: Its name.
        tokenizer: The tokenizer.
        noised: The sentences.
        masks: The words of each group, shape (words,).
        confidence: Level of the intervals.

    Raises:
        DataError: A group has no word with sub-tokens.
    """
    pieces = WordPieces.of(tokenizer, noised)
    groups = []
    for group, mask in masks.items():
        # A word that is nothing to the tokenizer, such as a lone control character, can neither split nor change.
        kept = mask & pieces.in_both
        groups.append(_group(group, pieces, kept, confidence=confidence))
    return TokenizerFragility(
        tokenizer=name,
        vocabulary=len(tokenizer),
        dropped=int((~pieces.in_both).sum()),
        groups=tuple(groups),
    )


def tag_groups(patterns: Sequence[str], tags: Sequence[Sequence[str]]) -> dict[str, list[list[bool]]]:
    """Return the words whose tags match patterns.

    Args:
        patterns: Shell patterns such as ``NN*``; ``entities`` for every tag but ``O``.
        tags: The tags of each sentence.

    Returns:
        For each pattern and sentence, which of the words belong.

    Raises:
        DataError: No tag matches a pattern.
    """
    known = set(chain.from_iterable(tags))
    groups = {}
    for pattern in patterns:
        # Patterns are matched with the few different tags, and not with the tag of every word.
        matching = {tag for tag in known if _matches(tag, pattern)}
        if not matching:
            raise DataError(f"no tag matches {pattern!r}; {hint(pattern, known)}")
        groups[pattern] = [_membership(sentence, matching) for sentence in tags]
    return groups


def _membership(sentence: Sequence[str], tags: Collection[str]) -> list[bool]:
    return [tag in tags for tag in sentence]


def _matches(tag: str, pattern: str) -> bool:
    if pattern == ENTITIES:
        return tag != _OUTSIDE
    return fnmatchcase(tag, pattern)


def _mask(name: str, group: Sequence[Sequence[bool]], noised: NoisedSentences) -> Mask:
    """Return a group as a mask over all words.

    Raises:
        DataError: It does not line up with the sentences, or holds no word.
    """
    words_of_sentences = [len(pair.spans) for pair in noised.pairs]
    if list(map(len, group)) != words_of_sentences:
        raise DataError(
            f"the group {name!r} must say for each word of each sentence whether it belongs; it does not line up"
        )
    # In the order in which `WordPieces.of` goes through the words.
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
        clean: list[str] = []
        edited: list[str] = []
        operators: list[str | None] = []
        sentence: list[int] = []
        for number, pair in enumerate(noised.pairs):
            clean += pair.words
            edited += pair.noised_words
            operators += pair.operators
            sentence += [number] * len(pair.spans)
        # Running words repeat, most of them often: each form is tokenized once.
        pieces = pieces_of(tokenizer, [*clean, *edited])
        before, after, shared = [], [], []
        for word, other in zip(clean, edited, strict=True):
            before.append(len(pieces[word]))
            after.append(len(pieces[other]))
            shared.append(_shared(pieces[word], pieces[other]))
        return cls(
            sentence=np.array(sentence, np.int64),
            operators=np.array(operators, object),
            before=np.array(before, np.int64),
            after=np.array(after, np.int64),
            shared=np.array(shared, np.int64),
        )

    @cached_property
    def in_both(self) -> Mask:
        """Which words have sub-tokens before and after."""
        return (self.before > 0) & (self.after > 0)

    @cached_property
    def edited(self) -> Mask:
        """Which words are edited."""
        return np.array([operator is not None for operator in self.operators], bool)


def _shared(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    """Return how many sub-tokens two words share, with repetitions: the size of the intersection of multisets."""
    if before == after:  # most running words are untouched
        return len(before)
    return (Counter(before) & Counter(after)).total()


def _group(name: str, pieces: WordPieces, mask: Mask, *, confidence: float) -> GroupFragility:
    """Measure the words of a mask.

    Raises:
        DataError: None of them has sub-tokens.
    """
    words = int(mask.sum())
    if not words:
        raise DataError(
            f"none of the words of the group {name!r} has sub-tokens; give other words or another tokenizer"
        )
    before = pieces.before[mask]
    return GroupFragility(
        group=name,
        words=words,
        split=_share(before > 1, pieces.sentence[mask], confidence=confidence),
        pieces=float(before.mean()),
        edits=tuple(_edits(pieces, mask & pieces.edited, confidence=confidence)),
    )


def _edits(pieces: WordPieces, edited: Mask, *, confidence: float) -> Iterator[EditFragility]:
    """Go through the operators of edited words, all of them first; nothing where no word is edited."""
    if not edited.any():
        return
    yield _edit(ALL, pieces, edited, confidence=confidence)
    # Only of edited words: None, which untouched ones have, cannot be sorted among names.
    for operator in sorted(set(pieces.operators[edited])):
        yield _edit(operator, pieces, edited & (pieces.operators == operator), confidence=confidence)


def _edit(operator: str, pieces: WordPieces, mask: Mask, *, confidence: float) -> EditFragility:
    """Measure the edited words of a mask, which holds one at least."""
    before, after, shared = pieces.before[mask], pieces.after[mask], pieces.shared[mask]
    sentence = pieces.sentence[mask]
    return EditFragility(
        operator=operator,
        words=int(mask.sum()),
        replaced=_share(shared == 0, sentence, confidence=confidence),
        recounted=_share(before != after, sentence, confidence=confidence),
        overlap=mean_over_words(shared / before, sentence, confidence=confidence),
    )


def _share(holds: Mask, sentence: Counts, *, confidence: float) -> Interval:
    """Return the share of the words of which something holds, with an interval over sentences."""
    share = mean_over_words(holds, sentence, confidence=confidence)
    if share.low < share.high:
        return share
    # Where it holds of all words or of none, nothing deviates, which is no proof for other sentences: each is a trial.
    sentences = len(np.unique(sentence))
    return wilson(share.value * sentences, sentences, confidence=confidence)
