"""Queries of one encoder against an index of another's vectors, which stays as it is.

A character channel leaves clean text where the plain encoder has it: documents that the plain encoder has read need not
be read again, while queries get the channel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from charrobust.errors import UserError
from charrobust.systems.naming import ON_INDEX
from charrobust.systems.predictor import Predictor
from charrobust.tasks.examples import Example


class OnIndex(Predictor):
    """An encoder that reads queries alone, and searches the vectors that another has made of the documents.

    Attributes:
        index: The encoder of the documents.
    """

    def __init__(self, queries: Predictor, index: Predictor) -> None:
        """Put two encoders together.

        Args:
            queries: Reads the queries.
            index: Reads the documents.

        Raises:
            UserError: Their task ranks no documents, or their vectors are of different sizes.
        """
        head = queries.settings.head
        if head.needs_head:
            raise UserError(
                f"an `index` holds vectors of documents, and the task {queries.task.name!r} has none; leave it out"
            )
        sizes = [encoder.model.config.hidden_size for encoder in (queries, index)]
        if sizes[0] != sizes[1]:
            raise UserError(
                f"model {queries.name!r} makes vectors of {sizes[0]} numbers, the index of {index.name!r} holds "
                f"vectors of {sizes[1]}; give an encoder of the same space, such as the channel of that encoder"
            )
        super().__init__(
            queries.model,
            queries.tokenizer,
            queries.settings,
            name=queries.name,
            batch_size=queries.batch_size,
            source=f"{queries.source}{ON_INDEX}{index.source}",
            segmentation=queries._segmentation,
        )
        self.index = index

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on, the index among it."""
        both = f"{super().fingerprint} {self.index.fingerprint}"
        return hashlib.sha256(both.encode()).hexdigest()

    def _ask(self, examples: Sequence[Example]) -> list[Any]:
        """See the base class: what is asked besides queries are documents."""
        return self.index._ask(examples)
