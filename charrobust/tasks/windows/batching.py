"""Batches of windows: of like length, padded to the longest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrobust.tasks.windows.windower import Window

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Padding:
    """How batches are filled up.

    Attributes:
        token: The padding token.
        segment: Its segment.
        left: Whether it goes before a text.
    """

    token: int
    segment: int
    left: bool

    @classmethod
    def of(cls, tokenizer: Any) -> Padding:
        """Return the padding of a tokenizer."""
        token = tokenizer.pad_token_id
        if token is None:
            # GPT-2 and its like have no padding token. Which one fills up does not matter: the mask hides it.
            token = tokenizer.eos_token_id
        return cls(token or 0, tokenizer.pad_token_type_id, tokenizer.padding_side == "left")

    def __call__(self, windows: Sequence[Window]) -> dict[str, Tensor]:
        """Return the inputs of a model, each of shape (windows, length of the longest)."""
        longest = max(map(len, windows))
        ids: list[list[int]] = []
        masks: list[list[int]] = []
        segments: list[list[int]] = []
        for window in windows:
            ids.append(window.ids)
            masks.append([1] * len(window))
            if window.segments is not None:
                segments.append(window.segments)
        inputs = {
            "input_ids": self._filled(ids, self.token, longest),
            "attention_mask": self._filled(masks, 0, longest),
        }
        # A window of a text without tokens has no segments; then the model's own default stands for all of the batch.
        if len(segments) == len(windows):
            inputs["token_type_ids"] = self._filled(segments, self.segment, longest)
        return inputs

    def _filled(self, rows: Sequence[list[int]], value: int, length: int) -> Tensor:
        filled = []
        for row in rows:
            padding = [value] * (length - len(row))
            filled.append(padding + row if self.left else row + padding)
        return torch.tensor(filled)

    def displacement(self, window: Window, length: int) -> int:
        """Return how far the tokens of a window are moved in a batch of a length."""
        if not self.left:
            return 0
        return length - len(window)


@dataclass(frozen=True, eq=False)
class Batches:
    """Makes batches of windows for a model.

    Attributes:
        padding: How they are filled up.
        device: Where they are put.
        windows: Windows of a batch at most.
        tokens: Tokens of a batch at most, padding included.
        equal: Whether the windows of a batch must be of one length.
    """

    padding: Padding
    device: torch.device
    windows: int
    tokens: int
    equal: bool

    def __call__(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], dict[str, Tensor]]]:
        """Yield the numbers of the windows of each batch, and the inputs of a model; the longest windows first."""
        for numbers in by_length(windows, self.windows, self.tokens, equal=self.equal):
            inputs = self.padding([windows[number] for number in numbers])
            yield numbers, {name: value.to(self.device) for name, value in inputs.items()}

    def without_padding(self, rows: Rows, window: Window) -> Rows:
        """Return what there is for the tokens of a window, of a row for each token of its batch."""
        first = self.padding.displacement(window, len(rows))
        return rows[first : first + len(window)]


def by_length(
    windows: Sequence[Window], batch_size: int, most_tokens: int, *, equal: bool = False
) -> Iterator[list[int]]:
    """Yield the numbers of windows, batch by batch, the longest first.

    Args:
        windows: The windows.
        batch_size: Windows of a batch at most.
        most_tokens: Tokens of a batch at most, padding included; a batch holds one window or more.
        equal: Whether the windows of a batch must be of one length, so that nothing is padded.

    Yields:
        The numbers of a batch's windows.
    """
    batch: list[int] = []
    longest = 0
    # The longest first: a batch that is too large for the memory fails at once, not hours later.
    for number in sorted(range(len(windows)), key=lambda number: -len(windows[number])):
        length = len(windows[number])
        # All rows are padded to the first, which is the longest.
        full = len(batch) == batch_size or (len(batch) + 1) * longest > most_tokens
        if batch and (full or (equal and length != longest)):
            yield batch
            batch = []
        if not batch:
            longest = length
        batch.append(number)
    if batch:
        yield batch
