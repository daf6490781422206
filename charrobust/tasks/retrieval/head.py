"""Queries and documents as vectors of one encoder: the mean over tokens, compared by their cosine.

A model of sentence-transformers is asked as its files say: pooling, prompts, length, dot product instead of cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from charrobust.tasks.encoders import EncoderHead
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array
from charrobust.tasks.retrieval.corpus import Passages
from charrobust.tasks.retrieval.ranking import best_documents, relevance_margin, searched
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower

Vectors = NDArray[np.float32]

_TEMPERATURE = 0.05  # of in-batch negatives, as sentence-transformers trains (a scale of 20)
_QUERIES = 256  # queries scored at once: their scores of all documents are in memory


@dataclass(frozen=True)
class RetrievalHead(EncoderHead):
    """Asks an encoder, plain or of sentence-transformers.

    Attributes:
        similarity: ``cosine`` or ``dot``.
        query_prompt: What is put before a query.
        document_prompt: What is put before a document.
    """

    has_log_odds: ClassVar[bool] = False

    similarity: str = "cosine"
    query_prompt: str = ""
    document_prompt: str = ""

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """See the base class: queries and documents, the latter without a corpus, with their prompts."""
        prompted = []
        for example in examples:
            prompt = self.query_prompt
            if example.corpus is None:
                prompt = self.document_prompt
            prompted.append(replace(example, texts=(prompt + example.texts[0],)))
        return windower.texts(first, prompted)

    def partners(self, windower: Windower, examples: Sequence[Example]) -> list[Window]:
        """See the base class: the first relevant document of each query."""
        documents = []
        for example in examples:
            passages = searched(example).passages
            documents.append(_document(passages, self.lesson_number(example)))
        return self.windows(windower, documents)

    @staticmethod
    def lesson_number(example: Example) -> int:
        """Return the number of the document that is learnt for a query: the first relevant one."""
        return searched(example).passages.numbers[example.target[0][0]]

    def lesson(self, window: Window, example: Example) -> int:
        """See the base class: the number of the document, by which equal ones of a batch are known."""
        return self.lesson_number(example)

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: cross-entropy of each query's document among those of the batch.

        Henderson et al. 2017, "Efficient Natural Language Response Suggestion for Smart Reply", section 4.4.
        """
        vectors = self.vectors(outputs.last_hidden_state.float(), batch["attention_mask"])
        # the documents follow the queries, in the same order
        queries, documents = vectors.chunk(2)
        scores = queries @ documents.T
        # Cosines are at most 1: without a temperature, their softmax could not get near a sure choice.
        if self.similarity == "cosine":
            scores = scores / _TEMPERATURE
        numbers = batch["labels"]
        # Queries of one document each find it right: its other rows are no wrong answers.
        same = numbers.unsqueeze(0) == numbers.unsqueeze(1)
        others = same & ~torch.eye(len(numbers), dtype=torch.bool, device=same.device)
        scores = scores.masked_fill(others, -torch.inf)
        return functional.cross_entropy(scores, torch.arange(len(numbers), device=scores.device))

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class; the task refuses a consistency loss before.

        Args:
            outputs: Not read.
            pairs: Not read.
            places: Not read.

        Returns:
            Nothing.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("the task retrieval has no consistency loss")

    def predictions_beside(
        self,
        windows: Sequence[Window],
        readings: Sequence[Any],
        examples: Sequence[Example],
        *,
        ask: Callable[[Sequence[Example]], list[Any]],
        kept: dict[str, Any],
    ) -> list[Prediction]:
        """See the base class: the nearest documents of the corpus, whose vectors are computed once."""
        predictions: dict[int, Prediction] = {}
        for numbers in _by_corpus(examples):
            passages = searched(examples[numbers[0]]).passages
            # `kept` belongs to the predictor and outlives this call, so that no corpus is read twice.
            if passages.digest not in kept:
                documents = [_document(passages, number) for number in range(len(passages.ids))]
                kept[passages.digest] = np.stack(ask(documents))
            for number, scores in _scores_of(numbers, readings, kept[passages.digest]):
                predictions[number] = best_documents(scores, searched(examples[number]))
        return [predictions[number] for number in range(len(examples))]

    def evidence(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the vector of each query."""
        return self.read(outputs, windows, padding)

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array:
        """See the base class: the lead of the best relevant document."""
        margins = np.full(len(examples), np.nan)
        for numbers in _by_corpus(examples):
            vectors: Vectors = kept[searched(examples[numbers[0]]).passages.digest]
            for number, scores in _scores_of(numbers, evidence, vectors):
                margins[number] = relevance_margin(scores, examples[number])
        return margins

    def reading(self, windows: Sequence[Window], example: Example) -> Hashable:
        """See the base class: also what is searched."""
        return super().reading(windows, example), searched(example).digest

    def vectors(self, states: Tensor, mask: Tensor) -> Tensor:
        """See the base class: of length 1 where they are compared by their cosine."""
        vectors = super().vectors(states, mask)
        # Of vectors of length 1, the dot product is the cosine: from here on both similarities are one product.
        return functional.normalize(vectors, dim=-1) if self.similarity == "cosine" else vectors


def _by_corpus(examples: Sequence[Example]) -> list[list[int]]:
    """Return the numbers of the queries of each corpus."""
    # By content: several versions of a data set come in one call, and an attacked corpus has its own vectors.
    numbers: dict[str, list[int]] = {}
    for number, example in enumerate(examples):
        numbers.setdefault(searched(example).passages.digest, []).append(number)
    return list(numbers.values())


def _scores_of(numbers: Sequence[int], queries: Sequence[Any], vectors: Vectors) -> Iterator[tuple[int, Vectors]]:
    """Yield the numbers of queries, each with the scores of all documents."""
    for first in range(0, len(numbers), _QUERIES):
        chunk = numbers[first : first + _QUERIES]
        # (queries, size) @ (size, documents): one product for all queries of a chunk.
        # A query has one window, so that windows are numbered as examples are.
        scores = np.stack([queries[number] for number in chunk]) @ vectors.T
        yield from zip(chunk, scores, strict=True)


def _document(passages: Passages, number: int) -> Example:
    """Return a document as something to be read; without a corpus, it is no query."""
    return Example(passages.ids[number], (passages.full_text(number),), None)
