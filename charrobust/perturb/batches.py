"""Cutting examples into batches for the engine, and putting the results of batches together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from charrobust.perturb.perturbed import Column, EditTable, Tally
from charrobust.perturb.words import Index

# About how many code points go through the engine at once: enough that the cost of calling NumPy does not show,
# few enough that the arrays of a batch stay in the processor's caches.
BATCH_SIZE = 200_000

_COLUMNS = ("example", "word", "operator", "old_start", "old_end", "new_start", "new_end", "slot")

T = TypeVar("T")


@dataclass(frozen=True)
class BatchResult:
    """What came of one batch.

    Attributes:
        example_numbers: The number that each example of the batch has in the whole, shape (examples,).
        slot_numbers: The number that each of its strings (texts or tokens) has in the whole, shape (strings,).
        texts: The edited strings.
        edits: The edit log, with numbers that count within the batch.
        tally: What happened to the words.
    """

    example_numbers: Column
    slot_numbers: Column
    texts: list[str]
    edits: EditTable
    tally: Tally


def text_batches(texts: Sequence[str]) -> Iterator[Index]:
    """Cut texts into batches; yields the numbers of the texts of each, ascending.

    Texts beyond ASCII are perturbed apart: one of them in a batch would make the whole buffer four times as wide
    (see :class:`CodePointBuffer`), and slower.
    """
    is_ascii = np.fromiter(map(str.isascii, texts), bool, len(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    for group in (np.flatnonzero(is_ascii), np.flatnonzero(~is_ascii)):
        for first, last in stretches(lengths[group]):
            yield group[first:last]


def stretches(sizes: Index) -> list[tuple[int, int]]:
    """Cut a sequence into stretches of about ``BATCH_SIZE`` code points.

    Args:
        sizes: The code points of each element.

    Returns:
        (first, last) of each stretch, ``last`` exclusive; none is empty.
    """
    # A stretch ends wherever the running total enters another multiple of the batch size.
    stretch_numbers = np.cumsum(sizes) // BATCH_SIZE
    # A difference stands at the element before the change; the stretch begins with the one after it.
    cuts = np.flatnonzero(np.diff(stretch_numbers)) + 1
    # Without any element both edges are 0, which makes no stretch.
    edges = [0, *cuts.tolist(), len(sizes)]
    return [(first, last) for first, last in pairwise(edges) if first < last]


def pick(values: Sequence[T], numbers: Index) -> list[T]:
    """Return the values of some numbers, which ascend."""
    # Mostly a batch is a whole stretch of its source, and a slice is many times faster than single look-ups.
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return list(values[numbers[0] : numbers[-1] + 1])
    return list(map(values.__getitem__, numbers.tolist()))


def join_batches(
    batches: Sequence[BatchResult], sources: Sequence[str], operators: tuple[str, ...]
) -> tuple[list[str], EditTable, Tally]:
    """Put the results of batches together, in the order of the sources.

    Args:
        batches: The results.
        sources: All original strings.
        operators: Labels of the operators.

    Returns:
        The edited strings, the edit log and the tally of the whole.
    """
    tally = Tally()
    for batch in batches:
        tally.add(batch.tally)
    texts = _texts_in_source_order(batches)
    columns = _joined_columns(batches)
    return texts, EditTable(**columns, operators=operators, sources=sources, texts=texts), tally


def _texts_in_source_order(batches: Sequence[BatchResult]) -> list[str]:
    texts: list[str] = []
    slot_numbers = [np.zeros(0, np.int32)]
    for batch in batches:
        texts += batch.texts
        slot_numbers.append(batch.slot_numbers)
    slots = np.concatenate(slot_numbers)
    if _ascends(slots):
        return texts
    # slots[i] is where texts[i] belongs; sorting the slots gives the texts in the order of their slots.
    return list(map(texts.__getitem__, np.argsort(slots).tolist()))


def _joined_columns(batches: Sequence[BatchResult]) -> dict[str, Column]:
    """Return the columns of the whole edit log, ordered by slot; within a slot the order of its batch stays."""
    pieces: dict[str, list[Column]] = {name: [np.zeros(0, np.int32)] for name in _COLUMNS}
    for batch in batches:
        for name in _COLUMNS:
            pieces[name].append(getattr(batch.edits, name))
        # These two count within the batch, and are turned into numbers of the whole.
        pieces["example"][-1] = batch.example_numbers[batch.edits.example]
        pieces["slot"][-1] = batch.slot_numbers[batch.edits.slot]
    columns = {name: np.concatenate(column) for name, column in pieces.items()}
    if _ascends(columns["slot"]):
        return columns
    order = np.argsort(columns["slot"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _ascends(numbers: Column) -> bool:
    return bool(np.all(numbers[1:] >= numbers[:-1]))
