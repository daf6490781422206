"""Windows of tokens, and the tokenizer that makes them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.examples import Example

Places = NDArray[np.int32]

_HALVES = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """Return a text with a sign in the place of each half of a surrogate pair, which tokenizers refuse."""
    # One sign for one half, so that offsets into the text stay right.
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def _nowhere() -> Places:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Window:
    """What a model reads of an example at once.

    Attributes:
        example: Number of the example.
        ids: Token ids, special ones included.
        segments: Segment of each token; None where the model has no segments.
        places: Tokens at which something is predicted: for tagging the first of each word that this window answers
            for, for question answering those of the context; none for texts as a whole. Shape (places,).
        keys: What stands at each place: the number of the word in its sentence, or where in the context the token
            begins. Shape (places,).
        ends: Question answering: where in the context the token ends. Shape (places,).
        null: Question answering: the place of the answer "none".
    """

    example: int
    ids: list[int]
    segments: list[int] | None = None
    places: Places = field(default_factory=_nowhere)
    keys: Places = field(default_factory=_nowhere)
    ends: Places = field(default_factory=_nowhere)
    null: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def content(self) -> Hashable:
        """All that a model is given and asked of it, whatever example it is of: equal ones have equal answers."""
        segments = self.segments and tuple(self.segments)
        if not len(self.places):
            return tuple(self.ids), segments, self.null
        asked = (self.places.tobytes(), self.keys.tobytes(), self.ends.tobytes())
        return tuple(self.ids), segments, self.null, *asked


@dataclass(frozen=True, eq=False)
class Windower:
    """Turns texts into windows.

    Attributes:
        tokenizer: A tokenizer of the transformers library.
        max_length: Tokens of a window at most, special ones included.
        stride: Tokens that neighbouring windows share.
        segments: Whether the model tells the two texts of a pair by segments.
    """

    tokenizer: Any
    max_length: int
    stride: int
    segments: bool

    def encoded(self, *texts: Sequence[str], **options: Any) -> Any:
        """Return what the tokenizer makes of a column of texts, or of two."""
        columns = [list(map(readable, column)) for column in texts]
        # The mask follows from the padding; and no warning of long texts, which are cut by whoever asks.
        return self.tokenizer(*columns, return_attention_mask=False, verbose=False, **options)

    def segments_of(self, encoded: Any, row: int) -> list[int] | None:
        """Return the segments of an encoded text; None where the model has none."""
        # A tokenizer may give segments that the model has no embeddings of.
        if not self.segments or "token_type_ids" not in encoded:
            return None
        segments: list[int] = encoded["token_type_ids"][row]
        return segments

    def nothing(self) -> list[int]:
        """Return what stands for a text without tokens, where the tokenizer adds no special ones."""
        # No model reads an input of length 0.
        for token in (self.tokenizer.unk_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id):
            if token is not None:
                return [token]
        return [0]

    def texts(self, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """Yield a window for each text or pair; what is too long is cut.

        Args:
            first: Number of the first of the examples.
            examples: The examples, all of as many texts.

        Yields:
            The windows, in the order of the examples.
        """
        # What a defence makes of many forms of a text is often one and the same: it is encoded once.
        distinct = dict.fromkeys(example.texts for example in examples)
        rows = {texts: row for row, texts in enumerate(distinct)}
        # From texts by example to examples by text: the tokenizer takes a column of first and one of second texts.
        columns = list(zip(*rows, strict=True))
        encoded = self.encoded(*columns, truncation=True, max_length=self.max_length)
        all_ids = encoded["input_ids"]
        for number, example in enumerate(examples, first):
            row = rows[example.texts]
            if all_ids[row]:
                yield Window(number, all_ids[row], self.segments_of(encoded, row))
            else:
                yield Window(number, self.nothing())
