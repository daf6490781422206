"""The engine: which words of a batch are edited, how often, and what comes of it; all words at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.assembly import Draft, Drafted, assemble
from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.counter_random import Keys, draw, word_streams
from charrobust.perturb.drafting import Drafting
from charrobust.perturb.joining import joining_edits
from charrobust.perturb.mixing import drawn_parts
from charrobust.perturb.operators.base import UnitOperator, labels
from charrobust.perturb.overlaps import meeting
from charrobust.perturb.perturbed import EditTable, Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.sentences import find_sentences, whole_texts
from charrobust.perturb.word_classes import NO_LETTER, WordClasses
from charrobust.perturb.word_limit import limit_of
from charrobust.perturb.words import Index, Mask, Words, overlapping

_JOINS = "would join its neighbours"
_MEETS = "meets another edit"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A batch on its way through the engine.

    Attributes:
        recipe: What to do.
        buffer: The texts.
        words: Their words.
        keys: The key of each example, shape (examples,).
        protected: Buffer spans that stay, (starts, ends).
        is_tokenised: Whether words are given tokens, among which may be punctuation.
        whole_tokens: Whether each text is one token, which must stay one.
    """

    recipe: Recipe
    buffer: CodePointBuffer
    words: Words
    keys: Keys
    protected: tuple[Index, Index]
    is_tokenised: bool = False
    whole_tokens: bool = False


def run(job: Job, sources: Sequence[str]) -> tuple[list[str], EditTable, Tally]:
    """Perturb a batch.

    Args:
        job: The batch.
        sources: Its texts, or its tokens.

    Returns:
        The edited texts, the edit log and the tally.
    """
    tally = Tally(words=len(job.words.start))
    # Letters are edited inside words, each word by one recipe: such edits cannot meet, nor change what stands beside.
    goes_across = any(isinstance(operator, UnitOperator) for operator in job.recipe.operators)
    protected = protected_places(job) if goes_across else None
    units = _units_of(job, sources)
    chosen: list[_Chosen] = []
    drafting: list[Drafting] = []
    for number, mixed in enumerate(job.recipe.parts):
        part = _choose(job, number, units[mixed.recipe.unit], tally)
        chosen.append(part)
        drafting.append(
            Drafting(
                recipe=part.recipe,
                buffer=job.buffer,
                words=part.words,
                word_classes=part.word_classes,
                chosen=part.numbers,
                streams=part.streams,
                whole_tokens=job.whole_tokens,
                protected=protected,
                limit=limit_of(job.recipe, part.recipe),
            )
        )
        drafting[-1].edit(part.bits)
    joining = joining_edits(_drafts(drafting), job.buffer, job.words, _may_join(drafting, chosen))
    _leave(drafting, joining, _JOINS)
    if goes_across:
        _leave(drafting, _meeting(drafting, chosen), _MEETS)
    for drafted in drafting:
        drafted.leave_unfit_words()
    if job.recipe.edited_words is not None:
        # How many words can be edited is known only when all have been tried.
        drafting[0].keep_first(job.recipe.edited_words, chosen[0].bits)
    for drafted in drafting:
        drafted.count(tally)
    texts, edits = assemble(
        buffer=job.buffer,
        drafted=_drafted(drafting, chosen),
        operators=labels(job.recipe.operators),
        sources=sources,
    )
    return texts, edits, tally


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The words of a batch that one recipe is to edit.

    Attributes:
        recipe: The recipe: that of the job, or a part of its mixture.
        words: The words of the batch, or its sentences, as the recipe edits them.
        word_classes: Tells their classes.
        numbers: Which of them are to be edited, ascending.
        streams: The random stream of each of these.
        bits: The random number by which each was chosen.
    """

    recipe: Recipe
    words: Words
    word_classes: WordClasses
    numbers: Index
    streams: Keys
    bits: Keys


def _choose(job: Job, number: int, units: _Units, tally: Tally) -> _Chosen:
    """Choose the words that a part of the recipe is to edit."""
    recipe, whole, words = job.recipe.parts[number].recipe, job.recipe, units.words
    word_classes = WordClasses(job.buffer, words, recipe.known_stop_words)
    numbers = np.arange(len(words.start))
    if units.parts is not None:
        numbers = numbers[units.parts == number]
    numbers = eligible_words(job, recipe, words, word_classes, numbers, tally=tally)
    tally.eligible += len(numbers)
    streams = _streams(words, job.keys, numbers)
    bits = draw(streams, 0)
    # A share of 1 takes every word, and its bound, 2**64, would not fit into 64 bits.
    if whole.edited_words is None and whole.share < 1:
        # A word is edited if its random number, as a fraction of 2**64, is below the share. So the words edited at a
        # lower share are among those edited at a higher one, and severities can be compared word by word.
        mask = bits < np.uint64(int(whole.share * 2**64))
        numbers, streams, bits = numbers[mask], streams[mask], bits[mask]
    return _Chosen(recipe=recipe, words=words, word_classes=word_classes, numbers=numbers, streams=streams, bits=bits)


@dataclass(frozen=True)
class _Units:
    """What some parts of a recipe edit: words, sentences or texts.

    Attributes:
        words: The units, in the form of words.
        parts: The part of the mixture that each falls to, shape (units,); None where there is no mixture.
    """

    words: Words
    parts: Index | None


def _units_of(job: Job, sources: Sequence[str]) -> dict[str, _Units]:
    """Find each kind of unit that the recipe edits, once for all parts that edit it."""
    found = {}
    for unit in dict.fromkeys(part.recipe.unit for part in job.recipe.parts):
        words = units_in(job, sources, unit)
        found[unit] = _Units(words, _falls_to(job.recipe, words, job.keys) if job.recipe.mixture else None)
    return found


def units_in(job: Job, sources: Sequence[str], unit: str) -> Words:
    """Return the words of a batch, or the larger units that a recipe edits.

    Args:
        job: The batch.
        sources: Its texts, or its tokens.
        unit: ``word``, ``sentence`` or ``text``.

    Returns:
        The units, in the form of words.
    """
    if unit == "sentence":
        return find_sentences(job.buffer, sources, job.words)
    if unit == "text":
        return whole_texts(job.buffer, sources, job.words)
    return job.words


def _streams(words: Words, keys: Keys, numbers: Index) -> Keys:
    # Ranks count all words of an example, so that a word which is skipped or protected shifts no other word's stream.
    return word_streams(keys[words.example[numbers]], words.rank(numbers))


def _falls_to(recipe: Recipe, words: Words, keys: Keys) -> Index:
    """Return the part of a mixture that each word falls to, shape (words,)."""
    if recipe.mix == "text":
        # The stream of an example, which is none of its words' (see `word_streams`).
        return drawn_parts(recipe.mixture, keys)[words.example]
    return drawn_parts(recipe.mixture, _streams(words, keys, np.arange(len(words.start))))


def _drafts(drafting: Sequence[Drafting]) -> list[Draft]:
    return [draft for part in drafting for draft in part.drafts]


def _may_join(drafting: Sequence[Drafting], chosen: Sequence[_Chosen]) -> list[bool]:
    """Tell for each draft whether letters may join by its edits."""
    may_join: list[bool] = []
    for drafts, part in zip(drafting, chosen, strict=True):
        may_join += [not part.recipe.operators[draft.operator].keeps_form for draft in drafts.drafts]
    return may_join


def _drafted(drafting: Sequence[Drafting], chosen: Sequence[_Chosen]) -> list[Drafted]:
    """Return the edits of all parts; their operators are numbered through."""
    drafted = []
    first = 0
    for drafts, part in zip(drafting, chosen, strict=True):
        drafted.append(Drafted(part.words, part.numbers, drafts.drafts, first))
        first += len(part.recipe.operators)
    return drafted


def _meeting(drafting: Sequence[Drafting], chosen: Sequence[_Chosen]) -> list[Mask]:
    """Tell which edits meet another one, for each draft."""
    bits = [part.bits[draft.words] for drafts, part in zip(drafting, chosen, strict=True) for draft in drafts.drafts]
    return meeting(_drafts(drafting), bits)


def _leave(drafting: Sequence[Drafting], masks: Sequence[Mask], reason: str) -> None:
    """Take back edits of all parts; no masks at all take back none."""
    for part in drafting:
        count = len(part.drafts)
        part.leave(masks[:count], reason)
        masks = masks[count:]


def protected_places(job: Job) -> Mask | None:
    """Return which places of the buffer stay, shape (code points,); None where all may change."""
    starts, ends = job.protected
    if not len(starts):
        return None
    # +1 where a span begins and -1 behind its end: the running sum counts the spans on each place.
    steps = np.zeros(len(job.buffer.code_points) + 1, np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, ends, -1)
    return np.cumsum(steps)[:-1] > 0


def eligible_words(
    job: Job, recipe: Recipe, words: Words, word_classes: WordClasses, candidates: Index, *, tally: Tally
) -> Index:
    """Return the words that a recipe of the job may edit, by its own rules and by those of the mixture that it is of.

    Args:
        job: The batch.
        recipe: The recipe: that of the job, or a part of its mixture.
        words: The words of the batch, or its sentences, as the recipe edits them.
        word_classes: Tells their classes, by the recipe's stop words.
        candidates: The numbers of those that are looked at.
        tally: Where the others are counted, by the reason.

    Returns:
        Numbers of words, ascending.
    """
    numbers = _eligible(job, recipe, words, word_classes, candidates, tally)
    if job.recipe.mixture:
        # The rules of the mixture itself, which hold for all parts.
        classes = WordClasses(job.buffer, words, job.recipe.known_stop_words)
        numbers = _eligible(job, job.recipe, words, classes, numbers, tally)
    return numbers


def _eligible(
    job: Job, recipe: Recipe, words: Words, word_classes: WordClasses, candidates: Index, tally: Tally
) -> Index:
    """Return the numbers of the words that a recipe may edit, and count why others may not."""
    eligible = candidates

    def exclude(mask: Mask, reason: str) -> None:
        nonlocal eligible
        if mask.any():
            tally.excluded[reason] += int(np.count_nonzero(mask))
            eligible = eligible[~mask]

    # What larger units hold is looked at by the edits themselves.
    if recipe.unit != "word":
        return eligible
    # From cheap to dear: each test looks only at the words that the ones before have left.
    # Words of running text hold a letter or a digit by definition, tokens may be punctuation.
    if job.is_tokenised:
        exclude(word_classes.has(NO_LETTER, eligible), NO_LETTER)
    lengths = words.end[eligible] - words.start[eligible]
    exclude(lengths < recipe.min_length, f"shorter than {recipe.min_length} letters")
    for word_class in recipe.only:
        exclude(~word_classes.has(word_class, eligible), f"none of {word_class}")
    for word_class in recipe.skip:
        exclude(word_classes.has(word_class, eligible), word_class)
    protected_starts, protected_ends = job.protected
    if len(protected_starts):
        start, end = words.at(words.start), words.at(words.end)
        exclude(overlapping(start, end, protected_starts, protected_ends)[eligible], "protected")
    return eligible
