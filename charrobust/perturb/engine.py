"""The engine: which words of a batch are edited, how often, and what comes of it; all words at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.assembly import assemble
from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.counter_random import Keys, draw, word_streams
from charrobust.perturb.drafting import OPERATOR_COUNTER, Drafting
from charrobust.perturb.operators.base import labels
from charrobust.perturb.perturbed import EditTable, Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.word_classes import NO_LETTER, WordClasses
from charrobust.perturb.words import Index, Mask, Words, overlapping


@dataclass(frozen=True, kw_only=True)
class Job:
    """A batch on its way through the engine.

    Attributes:
        recipe: What to do.
        buffer: The texts.
        words: Their words.
        keys: The key of each example, shape (examples,).
        protected: Buffer spans that stay, (starts, ends).
        whole_tokens: Whether each text is one token, which must stay one.
    """

    recipe: Recipe
    buffer: CodePointBuffer
    words: Words
    keys: Keys
    protected: tuple[Index, Index]
    whole_tokens: bool = False


def run(job: Job, sources: Sequence[str]) -> tuple[list[str], EditTable, Tally]:
    """Perturb a batch.

    Args:
        job: The batch.
        sources: Its texts, or its tokens.

    Returns:
        The edited texts, the edit log and the tally.
    """
    recipe, words = job.recipe, job.words
    tally = Tally(words=len(words.start))
    word_classes = WordClasses(job.buffer, words, recipe.known_stop_words)
    chosen = _eligible(job, word_classes, tally)
    tally.eligible = len(chosen)
    # Ranks count all words of an example, so that a word which is skipped or protected shifts no other word's stream.
    streams = word_streams(job.keys[words.example[chosen]], words.rank(chosen))
    bits = draw(streams, 0)
    # A share of 1 takes every word, and its bound, 2**64, would not fit into 64 bits.
    if recipe.edited_words is None and recipe.share < 1:
        # A word is edited if its random number, as a fraction of 2**64, is below the share. So the words edited at a
        # lower share are among those edited at a higher one, and severities can be compared word by word.
        mask = bits < np.uint64(int(recipe.share * 2**64))
        chosen, streams, bits = chosen[mask], streams[mask], bits[mask]
    drafting = Drafting(
        recipe=recipe,
        buffer=job.buffer,
        words=words,
        word_classes=word_classes,
        chosen=chosen,
        streams=streams,
        whole_tokens=job.whole_tokens,
    )
    # The first round takes its operators from the low 32 bits of the same number: whether the word is edited hangs
    # on the high ones alone, but for 1 in 2**32.
    drafting.edit_round(0, bits)
    for round_number in range(1, recipe.edits_per_word):
        drafting.edit_round(round_number, draw(streams, OPERATOR_COUNTER + round_number))
    drafting.leave_joining()
    if recipe.edited_words is not None:
        # How many words can be edited is known only when all have been tried.
        drafting.keep_first(recipe.edited_words, bits)
    drafting.count(tally)
    texts, edits = assemble(
        buffer=job.buffer,
        words=words,
        chosen=chosen,
        drafts=drafting.drafts,
        operators=labels(recipe.operators),
        sources=sources,
    )
    return texts, edits, tally


def _eligible(job: Job, word_classes: WordClasses, tally: Tally) -> Index:
    """Return the numbers of the words that may be edited, and count why others may not."""
    words, recipe = job.words, job.recipe
    eligible = np.arange(len(words.start))

    def exclude(mask: Mask, reason: str) -> None:
        nonlocal eligible
        if mask.any():
            tally.excluded[reason] += int(np.count_nonzero(mask))
            eligible = eligible[~mask]

    # From cheap to dear: each test looks only at the words that the ones before have left.
    # Words of running text hold a letter or a digit by definition, tokens may be punctuation.
    if job.whole_tokens:
        exclude(word_classes.has(NO_LETTER, eligible), NO_LETTER)
    lengths = words.end[eligible] - words.start[eligible]
    exclude(lengths < recipe.min_length, f"shorter than {recipe.min_length} letters")
    for word_class in recipe.skip:
        exclude(word_classes.has(word_class, eligible), word_class)
    protected_starts, protected_ends = job.protected
    if len(protected_starts):
        start, end = words.at(words.start), words.at(words.end)
        exclude(overlapping(start, end, protected_starts, protected_ends)[eligible], "protected")
    return eligible
