"""What a task asks of a model: windows, what is learnt of them, losses, and how scores become predictions.

A room's ``head.py`` makes a subclass; it is loaded on use, as it needs torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from charrobust.errors import UserError
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower

_CHUNK = 512  # examples that are handed to the tokenizer at once
# The number that PyTorch's cross-entropy passes over by default.
IGNORED = -100  # the label of tokens that nothing is predicted for


@dataclass(frozen=True)
class TaskHead(ABC):
    """How a model is asked and taught; fields of a subclass, all with defaults, are options kept with the model.

    Attributes:
        labels: Names of the classes or tags, by number; none for tasks without labels.
        auto_class: The class of the transformers library that loads a model with the head.
        probe_class: The linear probe (:mod:`charrobust.models.probes`) with the same output; None where there is none.
        max_length: Tokens of a window at most, where nobody says otherwise.
        stride: Tokens that neighbouring windows of a long example share, where nobody says otherwise.
        needs_offsets: Whether the tokenizer must tell where its tokens stand in a text.
        needs_head: Whether a model must have been trained for the task; else an encoder without a head can be asked.
        has_log_odds: Whether margins are leads of logarithms or logits, on the scale of log odds.
        outputs: Names of the outputs of a model that are read.
    """

    labels: tuple[str, ...] = ()

    auto_class: ClassVar[Any]
    probe_class: ClassVar[Any] = None
    max_length: ClassVar[int] = 256
    stride: ClassVar[int] = 0
    needs_offsets: ClassVar[bool] = False
    needs_head: ClassVar[bool] = True
    has_log_odds: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("logits",)

    # The model.

    @classmethod
    @abstractmethod
    def serves(cls, config: Any) -> bool:
        """Tell whether a model has this head, from its configuration."""

    @classmethod
    def labels_of(cls, config: Any) -> tuple[str, ...]:
        """Return the names of a model's classes or tags; none for tasks without labels."""
        return ()

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """Return options of the configuration of a new model.

        Args:
            labels: Names of the classes or tags.

        Returns:
            The options by name.
        """
        return label_options(labels)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the options that are kept with a model, each with its default."""
        return {declared.name: declared.default for declared in fields(cls) if declared.name != "labels"}

    @classmethod
    def options_beside(cls, folder: Path) -> dict[str, Any]:
        """Return options (and a ``max_length``) that the files of a model tell which was trained by another program.

        Args:
            folder: The directory of the model.

        Returns:
            Options of the head by name; none where the files tell nothing.
        """
        return {}

    @classmethod
    def prepare(cls, model: Any) -> Any:
        """Return a loaded model as it is asked; by default as it is."""
        return model

    # Windows.

    def check_tokenizer(self, task: str, tokenizer: Any) -> None:
        """Check that the tokenizer tells where its tokens stand, where that is needed.

        Args:
            task: Name of the task.
            tokenizer: A tokenizer of the transformers library.

        Raises:
            UserError: It does not.
        """
        if self.needs_offsets and not tokenizer.is_fast:
            raise UserError(
                f"the task {task!r} must know where tokens stand in a text, which {type(tokenizer).__name__} does not "
                "tell; give a model with a fast tokenizer (tokenizer.json)"
            )

    def windows(self, windower: Windower, examples: Sequence[Example]) -> list[Window]:
        """Return the windows of examples, in order.

        Args:
            windower: What makes windows.
            examples: The examples.

        Returns:
            The windows, those of an example one after the other.
        """
        windows: list[Window] = []
        for first in range(0, len(examples), _CHUNK):
            windows += self.cut(windower, first, examples[first : first + _CHUNK])
        return windows

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """Yield the windows of some examples, of which the first has the number ``first``; by default one each."""
        return windower.texts(first, examples)

    # Learning.

    def partners(self, windower: Windower, examples: Sequence[Example]) -> list[Window] | None:
        """Return what is read beside each example in training, such as a relevant passage; None for nothing.

        Their rows follow those of the windows of a batch, in the same order.
        """
        return None

    @abstractmethod
    def lesson(self, window: Window, example: Example) -> Any:
        """Return what is to be learnt of a window: a number, an array, or a tuple of places."""

    def batch_labels(
        self, lessons: Sequence[Any], windows: Sequence[Window], displacements: Sequence[int], *, length: int
    ) -> Tensor:
        """Return what is to be learnt of a batch; by default a number a window, shape (windows,).

        Args:
            lessons: What :meth:`lesson` returned of each window.
            windows: The windows.
            displacements: How far the tokens of each are moved by padding on the left.
            length: Tokens of each window of the batch, padding among them.

        Returns:
            The labels, shape (windows, ...).
        """
        return torch.tensor(lessons)

    @abstractmethod
    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of a batch, shape ().

        Args:
            outputs: What the model returned.
            batch: The inputs of the model, and ``labels`` as :meth:`batch_labels` made them.

        Returns:
            The loss.
        """

    @abstractmethod
    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """Return the mean distance between the predictions for noised and clean forms, shape ().

        Args:
            outputs: What the model returned.
            pairs: The rows of (noised, clean) forms, at least one pair, shape (pairs, 2).
            places: The tokens of each at which the same is predicted, -1 behind them, shape (pairs, 2, places).

        Returns:
            The distance; 0 where both forms have the same predictions.
        """

    # Predictions.

    @abstractmethod
    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """Return what a model says of each window of a batch.

        Args:
            outputs: What the model returned.
            windows: The windows.
            padding: How they were filled up.

        Returns:
            What it says of each, in a form of the head's own that :meth:`predictions` takes.
        """

    def class_scores(self, outputs: Any) -> Tensor | None:
        """Return how probable each class is, shape (windows, classes); None where a window has no class of its own."""
        return None

    def predictions(
        self, windows: Sequence[Window], readings: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        """Return the prediction for each example; by default that of its only window.

        Args:
            windows: The windows of all examples, in order.
            readings: What :meth:`read` returned of each.
            examples: The examples.

        Returns:
            A prediction for each example.
        """
        return list(readings)

    def predictions_beside(
        self,
        windows: Sequence[Window],
        readings: Sequence[Any],
        examples: Sequence[Example],
        *,
        ask: Callable[[Sequence[Example]], list[Any]],
        kept: dict[str, Any],
    ) -> list[Prediction]:
        """Return the prediction for each example, where the model must read more than examples, such as a corpus.

        By default nothing more is read.

        Args:
            windows: As for :meth:`predictions`.
            readings: See there.
            examples: See there.
            ask: Returns what :meth:`read` returns of further examples.
            kept: What earlier calls for the same model have put there.

        Returns:
            A prediction for each example.
        """
        return self.predictions(windows, readings, examples)

    # Margins.

    def evidence(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """Return what margins are computed from.

        Args:
            outputs: As for :meth:`read`.
            windows: See there.
            padding: See there.

        Returns:
            For each window what :meth:`margins` takes; by default the scores of its classes, None where it has none.
        """
        scores = self.class_scores(outputs)
        return [None] * len(windows) if scores is None else list(scores.double().cpu().numpy())

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array | None:
        """Return how surely the target of each example wins (:mod:`charrobust.tasks.margins`).

        Args:
            windows: As for :meth:`predictions`.
            evidence: What :meth:`evidence` returned of each.
            examples: The examples, whose targets hold labels in the words of this head.
            kept: As for :meth:`predictions_beside`, which was called with these examples.

        Returns:
            Shape (examples,), NaN where a target is not known; None where the task tells by predictions and the scores
            of classes (:meth:`charrobust.tasks.base.Task.margins`), as by default.
        """
        return None

    def reading(self, windows: Sequence[Window], example: Example) -> Hashable:
        """Return all that the prediction for an example depends on; by default the contents of its windows.

        Args:
            windows: The windows of the example.
            example: The example.

        Returns:
            What equals that of another example only where predictions are equal.
        """
        return tuple(window.content for window in windows)


def label_options(labels: Sequence[str]) -> dict[str, Any]:
    """Return the options of a configuration that name a model's outputs."""
    numbered = dict(enumerate(labels))
    return {"id2label": numbered, "label2id": {label: number for number, label in numbered.items()}}


def names_of_outputs(config: Any) -> tuple[str, ...]:
    """Return the names of a model's outputs; those that the library made up are numbers."""
    names = [str(config.id2label[number]) for number in range(config.num_labels)]
    made_up = [f"LABEL_{number}" for number in range(len(names))]
    return tuple(map(str, range(len(names)))) if names == made_up else tuple(names)


def architecture(config: Any) -> str:
    """Return the names of the classes that a configuration was written by."""
    return " ".join(getattr(config, "architectures", None) or [])


def divergence(scores: Tensor, others: Tensor) -> Tensor:
    """Return the mean of the two Kullback-Leibler divergences between distributions.

    Args:
        scores: Scores before the softmax, shape (..., choices).
        others: Same shape.

    Returns:
        Shape (...), in nats.
    """
    one, other = scores.log_softmax(-1), others.log_softmax(-1)
    # the sum of both divergences is that of (p - q) (log p - log q)
    apart: Tensor = ((one.exp() - other.exp()) * (one - other)).sum(-1)
    return apart / 2


def place_labels(
    lessons: Sequence[np.ndarray[Any, Any]], windows: Sequence[Window], displacements: Sequence[int], *, length: int
) -> Tensor:
    """Return a label for each token: that of its place, else the ignored one; shape (windows, length).

    Args:
        lessons: The label of each place of each window.
        windows: The windows.
        displacements: How far the tokens of each are moved by padding on the left.
        length: Tokens of each window of the batch.

    Returns:
        The labels, int64.
    """
    labels = torch.full((len(windows), length), IGNORED)
    for row, (lesson, window, displacement) in enumerate(zip(lessons, windows, displacements, strict=True)):
        tokens = torch.from_numpy(window.places.astype(np.int64) + displacement)
        labels[row, tokens] = torch.from_numpy(lesson)
    return labels


def paired_places(scores: Tensor, pairs: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Return the scores of noised and of clean forms at the places that they share, each (places in all, choices).

    Args:
        scores: Shape (rows, length, choices).
        pairs: As for :meth:`TaskHead.distance`.
        places: See there.

    Returns:
        The scores of the noised forms, and those of the clean ones.
    """
    # Both forms of a pair share as many places: -1 fills up the same ones in both.
    there = places[:, 0] >= 0
    # Rows and places index together, shape (pairs, 2, places). -1 becomes a token that exists, and is dropped below.
    rows = pairs.unsqueeze(-1).expand_as(places)
    noised, clean = scores[rows, places.clamp(min=0)].unbind(1)
    return noised[there], clean[there]


def numbers_of(labels: Sequence[str]) -> Mapping[str, int]:
    """Return the number of each label."""
    return {label: number for number, label in enumerate(labels)}
