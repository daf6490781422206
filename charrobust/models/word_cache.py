"""What the characters of words tell, kept from call to call: in running text most words are read again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import torch
from torch import Tensor
from torch.nn import functional

from .characters import BLANK
from .recognition import Plausible
from .recording import values_are_known
from .shapes import Bool, Int

# With keys of 128 numbers, 14 megabytes.
_MOST = 20_000
# Words that are read at once. Always as many, so that rounding is the same whichever other words are new.
_BLOCK = 64

Read = Callable[[Tensor, Tensor], Plausible]


def may_be_kept(weights: Sequence[Tensor]) -> bool:
    """Tell whether what a call without a gradient reads in full precision may serve later calls: nothing is recorded.

    Args:
        weights: All weights that reading depends on.

    Returns:
        Whether it may.
    """
    # Inference tensors do not count changes.
    return values_are_known() and not any(map(Tensor.is_inference, weights))


class WordCache:
    """The known words that words may stand for, by the words' characters, as long as no weight changes.

    Only for calls in which nothing is trained: what is kept has no gradient.
    """

    def __init__(self, most: int = _MOST) -> None:
        """Begin with nothing.

        Args:
            most: The most words that are kept; beyond, all are forgotten.
        """
        self._most = most
        self._weights: list[tuple[Tensor, int]] = []
        self._places: dict[bytes, int] = {}
        self._kept: list[Tensor] = []

    def __reduce__(self) -> tuple[type[WordCache], tuple[int]]:
        """Let copies of a model, and files of it, begin with nothing."""
        return WordCache, (self._most,)

    def __len__(self) -> int:
        """Return the number of words that are kept."""
        return len(self._places)

    def forget(self) -> None:
        """Forget all words."""
        self._weights, self._places, self._kept = [], {}, []

    def look_up(
        self,
        letters: Int[Tensor, "words characters"],
        single: Bool[Tensor, " words"],
        *,
        weights: Sequence[Tensor],
        read: Read,
    ) -> Plausible:
        """Return the known words that words may stand for, reading only the words that are new.

        Args:
            letters: Character ids of distinct words, the blank behind them, shape (words, characters).
            single: Whether a word is one token, shape (words,).
            weights: All weights that reading depends on.
            read: Tells of words by their characters, and whether they are one token.

        Returns:
            What ``read`` tells of each word.
        """
        if self._have_changed(weights):
            self.forget()
            # Detached, they share memory and number of changes with the weights; as long as they live, no other
            # tensor can have their memory.
            self._weights = [(weight.detach(), weight._version) for weight in weights]
        keys = _keys(letters, single)
        new = [number for number, key in enumerate(keys) if key not in self._places]
        if len(self) + len(new) > self._most:
            self._places, new = {}, list(range(len(keys)))
        if len(new) > self._most:
            return read(letters, single)
        # Words of like length together, since a recurrent network takes a step a character of the longest.
        new.sort(key=lambda number: len(keys[number]))
        for begin in range(0, len(new), _BLOCK):
            block = new[begin : begin + _BLOCK]
            self._keep(read(*_filled(letters[block], single[block])), [keys[number] for number in block])
        places = torch.tensor([self._places[key] for key in keys], device=letters.device)
        return Plausible(*(values[places] for values in self._kept))

    def _have_changed(self, weights: Sequence[Tensor]) -> bool:
        """Tell whether weights are others than before, or were written to."""
        if len(weights) != len(self._weights):
            return True
        for weight, (before, version) in zip(weights, self._weights, strict=True):
            if weight.data_ptr() != before.data_ptr() or weight._version != version:
                return True
        return False

    def _keep(self, plausible: Plausible, keys: Sequence[bytes]) -> None:
        """Keep what was read of words; rows behind them are left out."""
        told = [getattr(plausible, field.name) for field in fields(plausible)]
        if not self._kept:
            # No inference tensors, into which a later call could not write outside of inference mode.
            with torch.inference_mode(mode=False):
                self._kept = [values.new_empty(self._most, *values.shape[1:]) for values in told]
        begin, end = len(self), len(self) + len(keys)
        for kept, values in zip(self._kept, told, strict=True):
            kept[begin:end] = values[: len(keys)]
        self._places.update(zip(keys, range(begin, end), strict=True))


def _keys(letters: Int[Tensor, "words characters"], single: Bool[Tensor, " words"]) -> list[bytes]:
    """Return a key for each word, whichever number of blanks stands behind it."""
    # Characters have ids of 1 or more, so that zeros at the end of a row tell nothing but its width.
    rows = torch.cat([single.unsqueeze(1), letters], dim=1).to(torch.int32).cpu().numpy()
    return [row.tobytes().rstrip(b"\0") for row in rows]


def _filled(
    letters: Int[Tensor, "words characters"], single: Bool[Tensor, " words"]
) -> tuple[Int[Tensor, "block longest"], Bool[Tensor, " block"]]:
    """Return words, as wide as the longest, with blank ones behind them to make a block."""
    gap = _BLOCK - len(letters)
    longest = max(1, int((letters != BLANK).sum(1).max()))
    return functional.pad(letters[:, :longest], (0, 0, 0, gap)), functional.pad(single, (0, gap))
