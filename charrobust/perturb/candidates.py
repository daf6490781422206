"""Candidates: every single edit that a recipe allows, as the engine would draw it, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.errors import RecipeError
from charrobust.perturb import engine
from charrobust.perturb.code_points import CodePoints, decode
from charrobust.perturb.limited_words import LimitedWords
from charrobust.perturb.listed_edits import ListedEdits, edits_of_part
from charrobust.perturb.operators.base import Replacements, labels
from charrobust.perturb.perturbed import Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.text_hashes import Hashes, TextHashes
from charrobust.perturb.word_classes import WordClasses
from charrobust.perturb.word_limit import limit_of
from charrobust.perturb.words import Index

_ARRAYS = ("slot", "example", "word", "word_start", "word_end", "start", "end", "operator", "part")
_PLACES = ("word_start", "word_end", "start", "end")


@dataclass(frozen=True, eq=False)
class Candidates:
    """Every single edit that a recipe allows in some strings: texts, or tokens of sentences.

    In the order of the strings and of the places in them; of edits that lead to the same string there is the first
    alone. All arrays have the shape (candidates,).

    Attributes:
        slot: Number of the string.
        example: Number of the text, or of the sentence whose token it is.
        word: Number of the word in it, as in an edit log.
        word_start: Start of the word, or of the larger unit that is edited, in the string.
        word_end: Its end.
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
    word_start: Index
    word_end: Index
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
    columns = _Columns(job)
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
        limit, start, end = limit_of(recipe, part.recipe), words.at(words.start), words.at(words.end)
        limited = LimitedWords(limit, job.buffer, start, end, counts=1)
        for edits in edits_of_part(job, part.recipe, words, word_classes, numbers):
            within = edits.select(limited.allows(edits.numbers, edits.replacements))
            columns.add(within, part=number, operator=first_operator + edits.operator)
        first_operator += len(part.recipe.operators)
    return columns.joined(labels(recipe.operators), tally)


class _Columns:
    """Columns of candidates, in pieces of one operator each."""

    def __init__(self, job: engine.Job) -> None:
        self._buffer = job.buffer
        # An array of nothing in each, lest there be none to join.
        self._pieces: dict[str, list[Index]] = {name: [np.zeros(0, np.int64)] for name in (*_ARRAYS, "length")}
        self._new = [np.zeros(0, np.uint32)]

    def add(self, edits: ListedEdits, *, part: int, operator: int) -> None:
        """Add the edits of one operator, by its number in the recipe."""
        words, numbers, replacements = edits.words, edits.numbers, edits.replacements
        columns = {
            "slot": words.text[numbers],
            "example": words.example[numbers],
            "word": words.number(numbers),
            "word_start": words.at(words.start[numbers]),
            "word_end": words.at(words.end[numbers]),
            "start": replacements.start,
            "end": replacements.end,
            "operator": np.full(len(numbers), operator),
            "part": np.full(len(numbers), part),
            "length": replacements.lengths,
        }
        for name, column in columns.items():
            self._pieces[name].append(column)
        self._new.append(replacements.new.astype(np.uint32))

    def joined(self, operators: tuple[str, ...], tally: Tally) -> Candidates:
        """Return all candidates, in order."""
        arrays = {name: np.concatenate(pieces) for name, pieces in self._pieces.items()}
        slot, length = arrays["slot"], arrays.pop("length")
        edits = Replacements(arrays["start"], arrays["end"], np.concatenate(self._new), length)
        # Of equal places the operators are in the order of the recipe (lexsort's last key is the first, and it is
        # stable).
        order = np.lexsort((edits.end, edits.start, slot))
        hashes = TextHashes.of(self._buffer.code_points)
        text_start = self._buffer.starts[slot]
        text_end = text_start + self._buffer.lengths[slot]
        edited, plain = hashes.edited(text_start, text_end, edits), hashes.plain(text_start, text_end)
        order = order[_first_of_each(edited[order], plain[order])]
        arrays = {name: column[order] for name, column in arrays.items()}
        arrays["place"] = _places(arrays["start"], arrays["end"])
        text_start = self._buffer.starts[arrays["slot"]]
        arrays |= {name: arrays[name] - text_start for name in _PLACES}
        last = np.cumsum(length)[order]
        new = _cut(edits.new, last - length[order], last)
        return Candidates(**arrays, new=new, operators=operators, tally=tally)


def _first_of_each(edited: Hashes, plain: Hashes) -> Index:
    """Return which edits lead to a new string, of each string the first, by the hashes of strings with and without."""
    _, first = np.unique(edited, return_index=True)
    first.sort()
    changes: Index = first[edited[first] != plain[first]]
    return changes


def _cut(written: CodePoints, first: Index, last: Index) -> list[str]:
    """Return stretches of what is written as strings."""
    joined = decode(written)
    return [joined[start:end] for start, end in zip(first.tolist(), last.tolist(), strict=True)]


def _places(start: Index, end: Index) -> Index:
    """Number the places of edits that are in order."""
    is_new = np.zeros(len(start), bool)
    is_new[1:] = (np.diff(start) != 0) | (np.diff(end) != 0)
    return np.cumsum(is_new)
