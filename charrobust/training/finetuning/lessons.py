"""The order in which training examples are seen, with what is to be learnt of each: batches made while training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from charrobust.systems.batching import Padding
from charrobust.systems.encoding import Encoder, Window
from charrobust.tasks.examples import Example
from charrobust.training.finetuning.augmentation import Noise

IGNORED = -100  # the label of tokens that nothing is predicted for
_SORTED = 50  # batches whose windows are sorted by length together

# What is to be learnt of a window: the number of its class, a value, the numbers of its tags, the tokens (first, last)
# of its answer.
Lesson = int | float | NDArray[np.int64] | tuple[int, int]


@dataclass(frozen=True, eq=False)
class Material:
    """Training examples, and how they are read.

    Attributes:
        examples: The examples, each with its target.
        encode: Makes windows of them.
        labels: Names of the classes or tags.
        noise: Noise on them, if any.
        consistent: Whether each noised example comes with its clean form.
    """

    examples: Sequence[Example]
    encode: Encoder
    labels: Sequence[str] = ()
    noise: Noise | None = None
    consistent: bool = False


@dataclass(frozen=True, eq=False)
class _Item:
    """A window with what is to be learnt of it, and the window of the clean form if it is to be compared."""

    window: Window
    lesson: Lesson
    clean: _Item | None = None


@dataclass(eq=False)
class Lessons(Dataset[dict[str, Tensor]]):
    """All batches of a run, to be read in order; each depends on its number and the seed alone.

    An epoch has as many batches as the clean examples fill. Where noise makes more windows, some are passed over in
    that epoch, and where it makes fewer, some are seen twice.

    Attributes:
        material: Training examples, and how they are read.
        padding: How batches are filled up.
        batch_size: Windows of a batch.
        epochs: Number of epochs.
        seed: The seed of the order.
    """

    material: Material
    padding: Padding
    batch_size: int
    epochs: int
    seed: int
    _epoch: int = field(default=-1, init=False)
    _batches: list[list[_Item]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Read all examples in their clean form."""
        self._numbers = {name: number for number, name in enumerate(self.material.labels)}
        self._clean = self._items(self.material.examples)
        self.per_epoch = -(-sum(map(len, self._clean)) // self.batch_size)

    def __len__(self) -> int:
        return self.epochs * self.per_epoch

    @property
    def windows(self) -> int:
        """Number of windows of the clean examples."""
        return sum(map(len, self._clean))

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Return a batch: the inputs of a model, ``labels``, and what is compared (see :mod:`.task_losses`).

        Raises:
            IndexError: The number is outside the run.
        """
        epoch, place = divmod(range(len(self))[number], self.per_epoch)
        if epoch != self._epoch:
            self._batches, self._epoch = self._ordered(epoch), epoch
        return self._batch(self._batches[place])

    def _items(self, examples: Sequence[Example]) -> list[list[_Item]]:
        """Return the windows of each example with their lessons."""
        found: list[list[_Item]] = [[] for _ in examples]
        lesson = _LESSONS[self.material.encode.task]
        for window in self.material.encode(examples):
            found[window.example].append(_Item(window, lesson(window, examples[window.example], self._numbers)))
        return found

    def _ordered(self, epoch: int) -> list[list[_Item]]:
        """Return the batches of an epoch: random, of windows of like length."""
        items = [item for mine in self._of_epoch(epoch) for item in mine]
        rng = np.random.default_rng([self.seed, epoch, 0])
        order = rng.permutation(len(items))[: self.per_epoch * self.batch_size]
        order = np.resize(order, self.windows) if len(order) < self.windows else order
        lengths = np.array([len(item.window) for item in items])
        batches = []
        for first in range(0, len(order), _SORTED * self.batch_size):
            some = order[first : first + _SORTED * self.batch_size]
            some = some[np.argsort(-lengths[some], kind="stable")]
            batches += [some[start : start + self.batch_size] for start in range(0, len(some), self.batch_size)]
        return [[items[number] for number in batches[place]] for place in rng.permutation(len(batches))]

    def _of_epoch(self, epoch: int) -> list[list[_Item]]:
        """Return the items of each example, noised where the epoch has it so."""
        noise = self.material.noise
        if noise is None:
            return self._clean
        found = list(self._clean)
        drawn = noise.drawn(len(found), epoch)
        noised = self._items(noise.applied([self.material.examples[number] for number in drawn], epoch))
        for number, mine in zip(drawn, noised, strict=True):
            if self.material.consistent:
                clean = self._clean[number]
                last = len(clean) - 1
                mine = [_Item(item.window, item.lesson, clean[min(n, last)]) for n, item in enumerate(mine)]
            found[number] = mine
        return found

    def _batch(self, items: Sequence[_Item]) -> dict[str, Tensor]:
        pairs = [(row, item.clean) for row, item in enumerate(items) if item.clean is not None]
        rows = [*items, *(clean for _, clean in pairs)]
        windows = [item.window for item in rows]
        batch = self.padding(windows)
        length = batch["input_ids"].size(1)
        shifts = [self.padding.shift(window, length) for window in windows]
        batch["labels"] = _labels(rows, shifts, length)
        if self.material.consistent:
            twins = [(row, len(items) + number) for number, (row, _) in enumerate(pairs)]
            batch["pairs"] = torch.tensor(twins, dtype=torch.long).view(-1, 2)
            batch["places"] = _places(windows, shifts, twins)
        return batch


def _labels(items: Sequence[_Item], shifts: Sequence[int], length: int) -> Tensor:
    """Return what is to be learnt: shape (rows,), for tagging (rows, length), for question answering (rows, 2)."""
    lessons: list[Any] = [item.lesson for item in items]
    if isinstance(lessons[0], tuple):
        return torch.tensor([[place + shift for place in span] for span, shift in zip(lessons, shifts, strict=True)])
    if not isinstance(lessons[0], np.ndarray):
        return torch.tensor(lessons)
    labels = torch.full((len(items), length), IGNORED)
    for row, (item, shift) in enumerate(zip(items, shifts, strict=True)):
        labels[row, torch.from_numpy(item.window.places.astype(np.int64) + shift)] = torch.from_numpy(lessons[row])
    return labels


def _places(windows: Sequence[Window], shifts: Sequence[int], twins: Sequence[tuple[int, int]]) -> Tensor:
    """Return the tokens of each pair of windows at which the same is predicted, -1 behind them.

    Returns:
        Shape (pairs, 2, places); no places where texts as a whole are compared.
    """
    common = []
    for one, other in twins:
        _, here, there = np.intersect1d(windows[one].keys, windows[other].keys, return_indices=True)
        places = np.stack([windows[one].places[here] + shifts[one], windows[other].places[there] + shifts[other]])
        if len(windows[one].ends):  # the answer "none" is compared too
            nulls = [[windows[one].null + shifts[one]], [windows[other].null + shifts[other]]]
            places = np.concatenate([nulls, places], axis=1)
        common.append(places)
    most = max((places.shape[1] for places in common), default=0)
    found = torch.full((len(common), 2, most), -1)
    for row, places in enumerate(common):
        found[row, :, : places.shape[1]] = torch.from_numpy(places.astype(np.int64))
    return found


def _class(_: Window, example: Example, numbers: dict[str, int]) -> Lesson:
    return numbers[str(example.target)]


def _value(_: Window, example: Example, __: dict[str, int]) -> Lesson:
    return float(example.target)  # type: ignore[arg-type]


def _tags(window: Window, example: Example, numbers: dict[str, int]) -> Lesson:
    tags: tuple[str, ...] = example.target  # type: ignore[assignment]
    return np.array([numbers[tags[word]] for word in window.keys.tolist()], np.int64)


def _span(window: Window, example: Example, _: dict[str, int]) -> Lesson:
    """Return the first and last token of the first answer that the window holds whole; else the place of "none"."""
    for start, end in example.spans:
        if len(window.keys) and window.keys[0] <= start and end <= window.ends[-1]:
            first = int(np.searchsorted(window.keys, start, side="right")) - 1
            last = int(np.searchsorted(window.ends, end, side="left"))
            return int(window.places[first]), int(window.places[max(first, last)])
    return window.null, window.null


_LESSONS: dict[str, Callable[[Window, Example, dict[str, int]], Lesson]] = {
    "classification": _class,
    "regression": _value,
    "tagging": _tags,
    "qa": _span,
}
