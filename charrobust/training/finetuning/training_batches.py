"""The order in which training examples are seen, with what is to be learnt of each: batches made while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from charrobust.tasks.examples import Example
from charrobust.tasks.head import TaskHead
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower
from charrobust.training.finetuning.adversary import Adversary
from charrobust.training.finetuning.augmentation import Noise
from charrobust.training.finetuning.behind import Behind

_SORTED = 50  # batches whose windows are sorted by length together


@dataclass(frozen=True, eq=False)
class Material:
    """Training examples, and how they are read.

    Attributes:
        examples: The examples, each with its target.
        windower: Makes windows of them.
        head: How the task is learnt.
        noise: Noise on them, if any.
        consistent: Whether each noised example comes with its clean form.
        adversary: What looks for forms that the model reads worse, if anything does.
        behind: The defences through which they are read, if there are any.
    """

    examples: Sequence[Example]
    windower: Windower
    head: TaskHead
    noise: Noise | None = None
    consistent: bool = False
    adversary: Adversary | None = None
    behind: Behind | None = None


@dataclass(frozen=True, eq=False)
class Item:
    """A window with what is to be learnt of it.

    Attributes:
        window: The window.
        lesson: What is to be learnt; see :meth:`TaskHead.lesson`.
        partner: What is read beside it, if anything.
        clean: The item of the clean form, if the two are to be compared.
        searched: Of an example that is to be searched, its number, and that of the window among its windows.
    """

    window: Window
    lesson: Any
    partner: Window | None = None
    clean: Item | None = None
    searched: tuple[int, int] | None = None


@dataclass(eq=False)
class TrainingBatches(Dataset[dict[str, Tensor]]):
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
    _batches: list[list[Item]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Read all examples in their clean form."""
        # Kept for the whole run, as every epoch needs all or most of them.
        self._clean = self._items(self.material.examples)
        self.per_epoch = -(-sum(map(len, self._clean)) // self.batch_size)

    def __len__(self) -> int:
        return self.epochs * self.per_epoch

    @property
    def windows(self) -> int:
        """Number of windows of the clean examples."""
        return sum(map(len, self._clean))

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Return a batch: the inputs of a model, ``labels``, and what is compared (see :mod:`.losses`).

        Args:
            number: Number of the batch in the run.

        Returns:
            The tensors by name, each with a row a window.

        Raises:
            IndexError: The number is outside the run.
        """
        return self.tensors(self.items(number))

    def items(self, number: int) -> list[Item]:
        """Return what is in a batch.

        Args:
            number: Number of the batch in the run.

        Returns:
            The items; those that are to be searched are clean.

        Raises:
            IndexError: The number is outside the run.
        """
        epoch, place = divmod(range(len(self))[number], self.per_epoch)
        # Batches are read in order, so that one epoch at a time is laid out; another place lays its own out anew.
        if epoch != self._epoch:
            self._batches, self._epoch = self._ordered(epoch), epoch
        return self._batches[place]

    def hardened(self, items: Sequence[Item], forms: Mapping[int, Example]) -> list[Item]:
        """Return items with worse forms of some examples in the place of the clean ones.

        Args:
            items: The items of a batch.
            forms: The worse forms, by the numbers of the examples.

        Returns:
            The items.
        """
        read = dict(zip(forms, self._items(list(forms.values())), strict=True))
        hardened = []
        for item in items:
            number, place = item.searched or (-1, 0)
            if number not in read:
                hardened.append(item)
                continue
            # Edits may change how many windows an example has: the last one stands for those that are gone.
            form = read[number][min(place, len(read[number]) - 1)]
            hardened.append(replace(form, clean=item if self.material.consistent else None))
        return hardened

    def _items(self, examples: Sequence[Example]) -> list[list[Item]]:
        """Return the windows of each example with their lessons."""
        head, windower = self.material.head, self.material.windower
        # Here, for clean, noised and searched examples all pass here: a model reads none but behind its defences.
        behind = self.material.behind
        read = examples if behind is None else behind.read(examples)
        partners = head.partners(windower, read)
        items: list[list[Item]] = [[] for _ in read]
        for window in head.windows(windower, read):
            number = window.example
            partner = None if partners is None else partners[number]
            items[number].append(Item(window, head.lesson(window, read[number]), partner))
        return items

    def _ordered(self, epoch: int) -> list[list[Item]]:
        """Return the batches of an epoch: random, of windows of like length."""
        items = list(chain.from_iterable(self._of_epoch(epoch)))
        rng = np.random.default_rng([self.seed, epoch, 0])
        # One permutation, cut or repeated: as many windows as fill `per_epoch` batches, whatever noise made of them.
        order = rng.permutation(len(items))[: self.per_epoch * self.batch_size]
        order = np.resize(order, self.windows) if len(order) < self.windows else order
        lengths = np.array([len(item.window) for item in items])
        batches = []
        for first in range(0, len(order), _SORTED * self.batch_size):
            some = order[first : first + _SORTED * self.batch_size]
            # Windows of a batch are of like length, so that little is padded; which of them meet is still random, as
            # only some are sorted at a time, and the batches are shuffled.
            by_length = some[np.argsort(-lengths[some], kind="stable")]
            chosen = [items[number] for number in by_length]
            batches += [chosen[start : start + self.batch_size] for start in range(0, len(chosen), self.batch_size)]
        return [batches[place] for place in rng.permutation(len(batches))]

    def _of_epoch(self, epoch: int) -> list[list[Item]]:
        """Return the items of each example, noised where the epoch has it so, or marked to be searched."""
        items = list(self._clean)
        if self.material.noise is not None:
            self._make_noise(items, self.material.noise, epoch)
        adversary = self.material.adversary
        for number in [] if adversary is None else adversary.drawn(len(items), epoch):
            marked = enumerate(self._clean[number])
            items[number] = [replace(item, searched=(number, place)) for place, item in marked]
        return items

    def _make_noise(self, items: list[list[Item]], noise: Noise, epoch: int) -> None:
        """Put noised items in the place of some."""
        drawn = noise.drawn(len(items), epoch)
        noised = self._items(noise.applied([self.material.examples[number] for number in drawn], epoch))
        for number, noised_items in zip(drawn, noised, strict=True):
            if self.material.consistent:
                items[number] = _with_clean(noised_items, self._clean[number])
            else:
                items[number] = noised_items

    def tensors(self, items: Sequence[Item]) -> dict[str, Tensor]:
        """Return the inputs of a model: first the items, then their partners, then the clean forms of some.

        Args:
            items: The items of a batch.

        Returns:
            See :meth:`__getitem__`.
        """
        partners = [item.partner for item in items if item.partner is not None]
        noised = [row for row, item in enumerate(items) if item.clean is not None]
        clean = [item.clean for item in items if item.clean is not None]
        windows = [item.window for item in items] + partners
        first_clean = len(windows)
        windows += [item.window for item in clean]
        batch = self.padding(windows)
        length = batch["input_ids"].size(1)
        # Fewer rows than windows: partners have no lesson.
        batch["labels"] = self._labels([*items, *clean], length)
        if self.material.consistent:
            # The rows of each noised form and its clean one.
            twins = [(row, first_clean + number) for number, row in enumerate(noised)]
            displacements = [self.padding.displacement(window, length) for window in windows]
            batch["pairs"] = torch.tensor(twins, dtype=torch.long).view(-1, 2)
            batch["places"] = _places(windows, displacements, twins)
        return batch

    def _labels(self, items: Sequence[Item], length: int) -> Tensor:
        """Return what is to be learnt of the items of a batch whose windows have some length, padding among it."""
        windows = [item.window for item in items]
        displacements = [self.padding.displacement(window, length) for window in windows]
        lessons = [item.lesson for item in items]
        return self.material.head.batch_labels(lessons, windows, displacements, length=length)


def _with_clean(noised: Sequence[Item], clean: Sequence[Item]) -> list[Item]:
    """Return noised items with the clean ones that they are compared with, the last one for all that are more."""
    last = len(clean) - 1
    return [replace(item, clean=clean[min(number, last)]) for number, item in enumerate(noised)]


def _places(windows: Sequence[Window], displacements: Sequence[int], twins: Sequence[tuple[int, int]]) -> Tensor:
    """Return the tokens of each pair of windows at which the same is predicted, -1 behind them.

    Returns:
        Shape (pairs, 2, places); no places where texts as a whole are compared.
    """
    common = []
    for one, other in twins:
        # Noise changes how many tokens a word has, so that windows may end at other words: those that both hold count.
        _, here, there = np.intersect1d(windows[one].keys, windows[other].keys, return_indices=True)
        first, second = windows[one].places[here], windows[other].places[there]
        if len(windows[one].ends):  # the answer "none" is compared too
            first, second = np.append(windows[one].null, first), np.append(windows[other].null, second)
        common.append(np.stack([first + displacements[one], second + displacements[other]]))
    most = max((places.shape[1] for places in common), default=0)
    padded = torch.full((len(common), 2, most), -1)
    for row, places in enumerate(common):
        padded[row, :, : places.shape[1]] = torch.from_numpy(places.astype(np.int64))
    return padded
