"""Spans by way of tags: a tag for each word and mark of a text, and spans of what the tags mark."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array
from charrobust.tasks.spans.tags import pieces_of, spans_of, tagged
from charrobust.tasks.tagging.head import TaggingHead
from charrobust.tasks.windows.windower import Window, Windower


@dataclass(frozen=True)
class SpansHead(TaggingHead):
    """Asks a token classifier whose tags mark spans, in any scheme; it learns ``B-`` and ``I-`` of each type."""

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class: a plain token classifier is one for tagging; its record says that a model is of spans."""
        return False

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """See the base class: the pieces of texts, the long ones cut between pieces."""
        return super().cut(windower, first, list(map(_as_sentence, examples)))

    def lesson(self, window: Window, example: Example) -> NDArray[np.int64]:
        """See the base class: the number of the tag of each piece."""
        return super().lesson(window, _as_sentence(example))

    def predictions(
        self, windows: Sequence[Window], readings: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        """See the base class: the spans that the tags mark, in the offsets of each text."""
        sentences = list(map(_as_sentence, examples))
        tags = super().predictions(windows, readings, sentences)
        pieces = [pieces_of(example.texts[0]) for example in examples]
        return list(spans_of(pieces, tags, self.labels))

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array:
        """See the base class: the lead of tags that mark the right spans, at the piece where it is least."""
        sentences = list(map(_as_sentence, examples))
        chosen = [scores.argmax(-1) for scores in evidence]
        tags = super().predictions(windows, chosen, sentences)
        spans = self.predictions(windows, chosen, examples)
        pairs = zip(spans, examples, strict=True)
        is_right = np.array([set(found) == set(example.target or ()) for found, example in pairs], bool)
        # In some schemes several sequences of tags mark the same spans: where spans are right, so are their tags.
        for row in np.flatnonzero(is_right):
            if sentences[row].target is not None:
                sentences[row] = replace(sentences[row], target=tags[row])
        margins = super().margins(windows, evidence, sentences, kept)
        # And some spans cannot be marked by any: then the tags that were learnt win, and the spans are not right.
        return np.where(is_right, margins, np.minimum(margins, 0))

    def reading(self, windows: Sequence[Window], example: Example) -> Hashable:
        """See the base class: also where the pieces stand, as spans are told by offsets."""
        return super().reading(windows, example), tuple(pieces_of(example.texts[0]))


def _as_sentence(example: Example) -> Example:
    """Return an example of the tagging of a text's pieces."""
    text = example.texts[0]
    pieces = pieces_of(text)
    words = tuple(text[start:end] for start, end in pieces)
    tags = None
    if example.target is not None:
        tags = tagged(pieces, example.target)
    return replace(example, texts=words, target=tags)
