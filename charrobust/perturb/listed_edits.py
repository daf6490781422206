"""Every edit that an operator may make of a batch, in place of one that is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.alignment import changed_runs
from charrobust.perturb.code_points import ranges
from charrobust.perturb.engine import Job, protected_places
from charrobust.perturb.joining import joining_alone
from charrobust.perturb.letter_edits import LetterEdits
from charrobust.perturb.operators.base import (
    LetterOperator,
    Operator,
    Replacements,
    UnitOperator,
    WordOperator,
)
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.rewrites import LONGEST_REWRITTEN, WrittenEdits, forms_of
from charrobust.perturb.unit_edits import unfit_edits, units_at
from charrobust.perturb.word_classes import WordClasses
from charrobust.perturb.words import Index, Mask, Words


@dataclass(frozen=True)
class ListedEdits:
    """The edits of one operator, each of which may be made alone.

    Attributes:
        operator: Number of the operator in its recipe.
        words: The words of the batch, or its sentences, as the recipe edits them.
        numbers: The word of each edit.
        replacements: The edits, in buffer positions; they may overlap.
    """

    operator: int
    words: Words
    numbers: Index
    replacements: Replacements

    def select(self, mask: Mask) -> ListedEdits:
        """Return the edits of a mask alone."""
        # So it is nearly always: nothing has to be copied.
        if mask.all():
            return self
        return ListedEdits(self.operator, self.words, self.numbers[mask], self.replacements.select(mask))


def edits_of_part(
    job: Job, recipe: Recipe, words: Words, word_classes: WordClasses, eligible: Index
) -> Iterator[ListedEdits]:
    """Go through the edits of each operator of a recipe.

    Args:
        job: The batch.
        recipe: The recipe: that of the job, or a part of its mixture.
        words: The words of the batch, or its sentences, as the recipe edits them.
        word_classes: Tells their classes.
        eligible: Numbers of the words that the recipe may edit, ascending.

    Yields:
        The edits of an operator, in the order of the words.
    """
    for number, operator in enumerate(recipe.operators):
        numbers = _fit_words(operator, words, word_classes, eligible)
        # An operator need not know what to do without words.
        if not len(numbers):
            continue
        if isinstance(operator, WordOperator):
            yield _rewritings(job, number, operator, words, numbers)
            continue
        if isinstance(operator, LetterOperator):
            made = LetterEdits.of(operator, job.buffer, words, numbers)
            edits = ListedEdits(number, words, numbers[made.row], made.edits)
        elif isinstance(operator, UnitOperator):
            edits = _edits_of_units(job, number, operator, words, numbers)
        if operator.keeps_form:
            edits = edits.select(~joining_alone(edits.replacements, job.buffer, words))
        yield edits


def _fit_words(operator: Operator, words: Words, word_classes: WordClasses, numbers: Index) -> Index:
    """Return the words that an operator may edit."""
    for word_class in operator.skip:
        numbers = numbers[~word_classes.has(word_class, numbers)]
    if operator.min_length > 1:
        numbers = numbers[words.end[numbers] - words.start[numbers] >= operator.min_length]
    return numbers


def _edits_of_units(job: Job, number: int, operator: UnitOperator, words: Words, numbers: Index) -> ListedEdits:
    """List what is made of each word, sentence or text."""
    units = units_at(job.buffer, words, numbers, np.zeros(len(numbers), np.uint64))
    applies = operator.applies(units)
    numbers, units = numbers[applies], units.take(applies)
    outcomes = operator.outcomes(units)
    rows = np.repeat(np.arange(len(numbers)), outcomes)
    bits = operator.bits_of(ranges(np.zeros(len(outcomes), np.int64), outcomes), outcomes[rows])
    units = units_at(job.buffer, words, numbers[rows], bits)
    edits = ListedEdits(number, words, numbers[rows], operator.replace(units))
    for _, is_unfit in unfit_edits(words, protected_places(job)):
        edits = edits.select(~is_unfit(edits.replacements))
    return edits


def _rewritings(job: Job, number: int, operator: WordOperator, words: Words, numbers: Index) -> ListedEdits:
    """List the forms of each word, one edit each: from the first letter that changes to the last."""
    numbers = numbers[words.end[numbers] - words.start[numbers] <= LONGEST_REWRITTEN]
    starts, ends = words.at(words.start[numbers]).tolist(), words.at(words.end[numbers]).tolist()
    owners: list[int] = []
    runs = _Runs()
    for owner, start, end in zip(numbers.tolist(), starts, ends, strict=True):
        word = job.buffer.joined[start:end]
        for form in forms_of(word, operator, job.whole_tokens):
            runs.add(start, word, form)
            owners.append(owner)
    edits = ListedEdits(number, words, np.array(owners, np.int64), runs.whole.replacements())
    if not operator.keeps_form:
        return edits
    # Letters may join by any of the changes of a form, as these are told apart where a form is drawn.
    joins = joining_alone(runs.single.replacements(), job.buffer, words)
    return edits.select(np.bincount(np.array(runs.form, np.int64), weights=joins, minlength=len(owners)) == 0)


class _Runs:
    """What changes between words and their forms.

    Attributes:
        whole: For each form, all that changes as one edit.
        single: Its changes.
        form: The number of the form that each change is of.
    """

    def __init__(self) -> None:
        self.whole = WrittenEdits()
        self.single = WrittenEdits()
        self.form: list[int] = []

    def add(self, offset: int, word: str, form: str) -> None:
        """Add a form of the word that starts at an offset."""
        changed = changed_runs(word, form)
        for (start, end), new in changed:
            self.form.append(len(self.whole.new))
            self.single.add(offset + start, offset + end, new)
        start, end = changed[0][0][0], changed[-1][0][1]
        # What stands before the first change and behind the last one is the same in both forms.
        self.whole.add(offset + start, offset + end, form[start : len(form) - (len(word) - end)])
