"""Candidates: every single edit that a recipe allows, as the engine would draw it, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.errors import RecipeError
from charrobust.perturb import engine
from charrobust.perturb.code_points import decode
from charrobust.perturb.counter_random import text_key
from charrobust.perturb.listed_edits import ListedEdits, edits_of_part
from charrobust.perturb.operators.base import labels
from charrobust.perturb.perturbed import Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.word_classes import WordClasses
from charrobust.perturb.words import Index

_ARRAYS = ("slot", "example", "word", "start", "end", "operator", "part")


@dataclass(frozen=True, eq=False)
class Candidates:
    """Every single edit that a recipe allows in some strings: texts, or tokens of sentences.

    In the order of the strings and of the places in them; of edits that lead to the same string there is the first
    alone. All arrays have the shape (candidates,).

    Attributes:
        slot: Number of the string.
        example: Number of the text, or of the sentence whose token it is.
        word: Number of the word in it, as in an edit log.
        start: Start of the edit in the string.
        end: Its end.
        new: What it writes.
        operator: Index into ``operators``.
        part: The part of the recipe's mixture that makes it; 0 where there is none.
        place: Number of the place: candidates of one place differ in what they write alone.
        operators: Labels of the operators.
        tally: The words, and those that may be edited.
    """

    slot: Index
    example: Index
    word: Index
    start: Index
    end: Index
    new: list[str]
    operator: Index
    part: Index
    place: Index
    operators: tuple[str, ...]
    tally: Tally

    def __len__(self) -> int:
        return len(self.new)

    def texts(self, sources: Sequence[str]) -> list[str]:
        """Return what each candidate makes of its string.

        Args:
            sources: The strings.

        Returns:
            A string for each candidate.
        """
        columns = zip(self.slot.tolist(), self.start.tolist(), self.end.tolist(), self.new, strict=True)
        return [sources[slot][:start] + new + sources[slot][end:] for slot, start, end, new in columns]


def check_enumerable(recipe: Recipe) -> None:
    """Refuse a recipe whose edits cannot be enumerated.

    Args:
        recipe: The recipe.

    Raises:
        RecipeError: With its operators that do not say what they may write.
    """
    silent = dict.fromkeys(operator.label for operator in recipe.operators if not operator.enumerable)
    if silent:
        raise RecipeError(
            f"recipe {recipe.name!r} cannot be searched: all that it may write cannot be enumerated, because of "
            f"{', '.join(silent)}; take a recipe without, such as ladder-any, or draw edits with this one"
        )


def enumerated(job: engine.Job, sources: Sequence[str]) -> Candidates:
    """List every single edit that a recipe allows in a batch; how many words it edits does not count.

    Args:
        job: The batch.
        sources: Its texts, or its tokens.

    Returns:
        The candidates.

    Raises:
        RecipeError: The recipe cannot be enumerated.
    """
    recipe = job.recipe
    check_enumerable(recipe)
    tally = Tally(words=len(job.words.start))
    columns = _Columns.empty()
    first_operator = 0
    for number, part in enumerate(recipe.parts):
        words = engine.units_in(job, sources, part.recipe.unit)
        word_classes = WordClasses(job.buffer, words, part.recipe.known_stop_words)
        numbers = np.arange(len(words.start))
        counts = Tally()
        numbers = engine.eligible_words(job, part.recipe, words, word_classes, numbers, tally=counts)
        if not number:
            # Words that another part alone may edit are counted as left out by the first one.
            tally.excluded, tally.eligible = counts.excluded, len(numbers)
        for edits in edits_of_part(job, part.recipe, words, word_classes, numbers):
            columns.add(job, edits, part=number, first_operator=first_operator)
        first_operator += len(part.recipe.operators)
    return columns.joined(sources, labels(recipe.operators), tally)


@dataclass
class _Columns:
    """Columns of candidates, in pieces of one operator each."""

    arrays: dict[str, list[Index]]
    new: list[str]

    @classmethod
    def empty(cls) -> _Columns:
        # An array of nothing in each, lest there be none to join.
        return cls({name: [np.zeros(0, np.int64)] for name in _ARRAYS}, [])

    def add(self, job: engine.Job, edits: ListedEdits, *, part: int, first_operator: int) -> None:
        """Add the edits of one operator."""
        words, numbers, replacements = edits.words, edits.numbers, edits.replacements
        slot = words.text[numbers]
        columns = (
            slot,
            words.example[numbers],
            words.number(numbers),
            replacements.start - job.buffer.starts[slot],
            replacements.end - job.buffer.starts[slot],
            np.full(len(numbers), first_operator + edits.operator),
            np.full(len(numbers), part),
        )
        for name, column in zip(_ARRAYS, columns, strict=True):
            self.arrays[name].append(column)
        written, ends = decode(replacements.new), np.cumsum(replacements.lengths)
        for first, last in zip((ends - replacements.lengths).tolist(), ends.tolist(), strict=True):
            self.new.append(written[first:last])

    def joined(self, sources: Sequence[str], operators: tuple[str, ...], tally: Tally) -> Candidates:
        """Return all candidates, in order."""
        arrays = {name: np.concatenate(pieces) for name, pieces in self.arrays.items()}
        # Of equal places the operators are in the order of the recipe (lexsort's last key is the first, and it is
        # stable).
        order = np.lexsort((arrays["end"], arrays["start"], arrays["slot"]))
        spans = (arrays[name][order].tolist() for name in ("slot", "start", "end"))
        new = list(map(self.new.__getitem__, order.tolist()))
        kept = np.fromiter(_first_of_each(sources, zip(*spans, new, strict=True)), np.int64)
        arrays = {name: column[order[kept]] for name, column in arrays.items()}
        return Candidates(
            **arrays,
            new=list(map(new.__getitem__, kept.tolist())),
            place=_places(arrays["slot"], arrays["start"], arrays["end"]),
            operators=operators,
            tally=tally,
        )


def _first_of_each(sources: Sequence[str], edits: Iterator[tuple[int, int, int, str]]) -> Iterator[int]:
    """Go through the numbers of the edits that lead to a new string, of each string the first."""
    # By a hash, lest all strings of a long text be kept.
    seen = {(slot, text_key(source)) for slot, source in enumerate(sources)}
    for number, (slot, start, end, new) in enumerate(edits):
        source = sources[slot]
        key = (slot, text_key(source[:start] + new + source[end:]))
        if key not in seen:
            seen.add(key)
            yield number


def _places(slot: Index, start: Index, end: Index) -> Index:
    """Number the places of edits that are in order."""
    is_new = np.zeros(len(slot), bool)
    is_new[1:] = (np.diff(slot) != 0) | (np.diff(start) != 0) | (np.diff(end) != 0)
    return np.cumsum(is_new)
