"""Queries and documents as vectors of one encoder: the mean over tokens, compared by their cosine.

A model of sentence-transformers is asked as its files say: pooling, prompts, length, dot product instead of cosine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import AutoModel

from charrobust.errors import UserError
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import TaskHead
from charrobust.tasks.retrieval.corpus import Passages
from charrobust.tasks.retrieval.ranking import best_documents, searched
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower

Vectors = NDArray[np.float32]

_TEMPERATURE = 0.05  # of in-batch negatives, as sentence-transformers trains (a scale of 20)
_QUERIES = 256  # queries scored at once: their scores of all documents are in memory
# The switches of older configurations, by the names that the head below has for the same poolings.
_POOLINGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}
_KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class RetrievalHead(TaskHead):
    """Asks an encoder, plain or of sentence-transformers.

    Attributes:
        pooling: What stands for a text: ``mean`` or ``max`` over its tokens, its first (``cls``) or its ``last``.
        similarity: ``cosine`` or ``dot``.
        query_prompt: What is put before a query.
        document_prompt: What is put before a document.
    """

    pooling: str = "mean"
    similarity: str = "cosine"
    query_prompt: str = ""
    document_prompt: str = ""

    auto_class: ClassVar[Any] = AutoModel
    needs_head: ClassVar[bool] = False
    outputs: ClassVar[tuple[str, ...]] = ("last_hidden_state",)

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class: any encoder can be asked, but none is known by its configuration."""
        return False

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class: none, as nothing is put on the encoder."""
        return {}

    @classmethod
    def options_beside(cls, folder: Path) -> dict[str, Any]:
        """See the base class: those of a model of sentence-transformers.

        Args:
            folder: The directory of the model.

        Returns:
            The options; none where the folder holds no such model.

        Raises:
            UserError: It has a module or a pooling that is not known here.
        """
        return sentence_transformers_options(folder)

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
        vectors = self._pooled(outputs.last_hidden_state.float(), batch["attention_mask"])
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

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the vector of each window."""
        states = outputs.last_hidden_state.float()
        # The mask of the model's inputs, once more: outputs do not hold it.
        mask = torch.zeros(states.shape[:2], dtype=torch.long)
        for row, window in enumerate(windows):
            start = padding.displacement(window, states.size(1))
            mask[row, start : start + len(window)] = 1
        return list(self._pooled(states, mask.to(states.device)).cpu().numpy())

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
        by_corpus: dict[str, list[int]] = {}
        for number, example in enumerate(examples):
            # By content: several versions of a data set come in one call, and an attacked corpus has its own vectors.
            by_corpus.setdefault(searched(example).passages.digest, []).append(number)
        predictions: dict[int, Prediction] = {}
        for digest, numbers in by_corpus.items():
            passages = searched(examples[numbers[0]]).passages
            # `kept` belongs to the predictor and outlives this call, so that no corpus is read twice.
            if digest not in kept:
                documents = [_document(passages, number) for number in range(len(passages.ids))]
                kept[digest] = np.stack(ask(documents))
            vectors: Vectors = kept[digest]
            for first in range(0, len(numbers), _QUERIES):
                chunk = numbers[first : first + _QUERIES]
                # (queries, size) @ (size, documents): one product for all queries of a chunk.
                # A query has one window, so that readings are numbered as examples are.
                scores = np.stack([readings[number] for number in chunk]) @ vectors.T
                for number, row in zip(chunk, scores, strict=True):
                    predictions[number] = best_documents(row, searched(examples[number]))
        return [predictions[number] for number in range(len(examples))]

    def _pooled(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return a vector a text; of length 1 where they are compared by their cosine.

        Args:
            states: Shape (texts, length, size).
            mask: 1 for tokens and 0 for padding, shape (texts, length).
        """
        weights = mask.unsqueeze(-1).to(states.dtype)
        if self.pooling == "mean":
            # Padding has weight 0; a row of padding alone would divide by 0.
            vectors = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        elif self.pooling == "max":
            # States may be negative all along: padding must lose against any of them.
            vectors = states.masked_fill(weights == 0, -torch.inf).amax(1)
        else:
            rows = torch.arange(len(states), device=states.device)
            # padding may stand before a text: its first token is the first of the mask
            place = mask.argmax(1)
            if self.pooling == "last":
                # Tokens stand in one stretch: the last is as far behind the first as there are others.
                place = place + mask.sum(1) - 1
            vectors = states[rows, place]
        if self.similarity == "cosine":
            # Of vectors of length 1, the dot product is the cosine: from here on both similarities are one product.
            return functional.normalize(vectors, dim=-1)
        return vectors


def _document(passages: Passages, number: int) -> Example:
    """Return a document as something to be read; without a corpus, it is no query."""
    return Example(passages.ids[number], (passages.full_text(number),), None)


def sentence_transformers_options(folder: Path) -> dict[str, Any]:
    """Return how a model of sentence-transformers is asked, from its files; nothing for another model.

    Args:
        folder: Its directory.

    Returns:
        Options of :class:`RetrievalHead` by name, and ``max_length`` where the files give one.

    Raises:
        UserError: It has a module or a pooling that is not known here.
    """
    if not (folder / "modules.json").is_file():
        return {}
    options: dict[str, Any] = {}
    modules = _read_json(folder / "modules.json")
    # Types are Python classes by their whole name, "sentence_transformers.models.Pooling"; modules have moved since.
    names = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    unknown = [name for name in names if name not in _KNOWN_MODULES]
    if unknown:
        raise UserError(
            f"{folder / 'modules.json'}: modules of the types {', '.join(unknown)} are not known; expected "
            f"{', '.join(_KNOWN_MODULES)}"
        )
    for module, name in zip(modules, names, strict=True):
        if name == "Pooling":
            options["pooling"] = _pooling(folder / str(module.get("path", "")) / "config.json")
    about = _read_json(folder / "config_sentence_transformers.json")
    # Vectors that a last module normalises have the same dot product and cosine.
    if about.get("similarity_fn_name") in ("dot", "dot_product") and "Normalize" not in names:
        options["similarity"] = "dot"
    prompts = about.get("prompts") or {}
    options["query_prompt"] = prompts.get("query") or ""
    # Some models call documents passages.
    options["document_prompt"] = prompts.get("document") or prompts.get("passage") or ""
    length = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    if isinstance(length, int):
        options["max_length"] = length
    return options


def _pooling(path: Path) -> str:
    """Return the pooling that a file tells.

    Raises:
        UserError: It is none that is known here, or several.
    """
    config = _read_json(path)
    poolings: list[str] = []
    if isinstance(config.get("pooling_mode"), str):  # newer versions write its name
        mode = config["pooling_mode"]
        poolings.append("last" if mode == "lasttoken" else mode)
    else:
        # Older ones write a switch for each; several on at once mean that the vectors are put behind each other.
        for name, is_on in config.items():
            if name.startswith("pooling_mode_") and is_on:
                poolings.append(_POOLINGS.get(name, name))
    if len(poolings) != 1 or poolings[0] not in _POOLINGS.values():
        raise UserError(
            f"{path}: the pooling {' and '.join(poolings) or 'none'} is not known; expected one of "
            f"{', '.join(_POOLINGS.values())}"
        )
    return poolings[0]


def _read_json(path: Path) -> Any:
    """Return what a JSON file holds; an empty object where there is none.

    Raises:
        UserError: It is damaged.
    """
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}") from error
