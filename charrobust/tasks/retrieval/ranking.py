"""The best documents by their scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.examples import Example
from charrobust.tasks.margins import lead
from charrobust.tasks.retrieval.corpus import SearchedPassages

DEPTH = 100  # documents of a prediction at most


def searched(example: Example) -> SearchedPassages:
    """Return the documents that an example's query is compared with.

    Args:
        example: The example.

    Returns:
        The documents.

    Raises:
        TypeError: The example has none: it was not read from a collection.
    """
    if not isinstance(example.corpus, SearchedPassages):
        raise TypeError(f"example {example.id} has no documents to search: expected SearchedPassages")
    return example.corpus


def best_documents(
    scores: NDArray[Any], corpus: SearchedPassages, *, above: float = -np.inf, depth: int = DEPTH
) -> tuple[str, ...]:
    """Return the ids of the documents with the highest scores, the best first; of equal ones the first in the corpus.

    Args:
        scores: The score of each document of the corpus, shape (documents,).
        corpus: What is searched.
        above: Only documents with higher scores are answers.
        depth: No more than this many.

    Returns:
        The ids, ``depth`` at most.
    """
    names = corpus.passages.ids
    # A copy: what is excluded for this query is not for the others of the same scores.
    scores = np.array(scores, np.float64)
    if corpus.excluded is not None:
        scores[corpus.passages.numbers[corpus.excluded]] = -np.inf
    least = above
    if len(scores) > depth:
        # The depth-th best score, found without sorting all: only what reaches it is sorted.
        least = max(least, float(np.partition(scores, -depth)[-depth]))
    # The depth-th best score may be reached, `above` must be exceeded: the excluded document never does that.
    reaching = np.flatnonzero((scores >= least) & (scores > above) & np.isfinite(scores))
    # A stable sort leaves equal scores in the order of the corpus.
    order = np.argsort(-scores[reaching], kind="stable")[:depth]
    return tuple(names[number] for number in reaching[order].tolist())


def relevance_margin(scores: NDArray[Any], example: Example) -> float:
    """Return how far the best relevant document of a query is before the best other one.

    Args:
        scores: The score of each document of its corpus, shape (documents,).
        example: The query.

    Returns:
        The difference of scores; minus infinity where no document of the corpus is relevant, NaN where it is not known
        which are.
    """
    if example.target is None:
        return np.nan
    corpus = searched(example)
    numbers = corpus.passages.numbers
    relevant = [numbers[name] for name, _ in example.target if name in numbers and name != corpus.excluded]
    is_right = np.zeros(len(scores), bool)
    is_right[relevant] = True
    if corpus.excluded is not None:
        excluded = numbers[corpus.excluded]
        scores, is_right = np.delete(scores, excluded), np.delete(is_right, excluded)
    return float(lead(scores, is_right))
