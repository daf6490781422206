"""What a page says of a ranking: where the relevant document stands, and what stands first in its place."""

from __future__ import annotations

from charrobust.tasks.examples import Example
from charrobust.tasks.retrieval.corpus import Passages
from charrobust.tasks.retrieval.metrics import Ranking, first_rank
from charrobust.tasks.retrieval.ranking import searched

_MOST_LETTERS = 80  # of a document, which is to be recognised, not read


def relevant_beginning(example: Example) -> str:
    """Return the first relevant document of a query by its id and first words; empty where none is known.

    Args:
        example: The query.

    Returns:
        The id and the beginning.
    """
    if not example.target:
        return ""
    return _beginning(searched(example).passages, example.target[0][0])


def rank_remarks(ranking: Ranking, example: Example) -> tuple[str, ...]:
    """Say at which rank the first relevant document stands, and what stands first where it is not that one.

    Args:
        ranking: Document ids, the best first.
        example: The query, with the corpus that was searched.

    Returns:
        A line for each.
    """
    rank = first_rank(example.target or (), ranking)
    if rank == 1:
        return ("relevant at rank 1",)
    where = f"relevant at rank {rank}"
    if rank is None:
        where = f"relevant not among the {len(ranking)} found"
    if not ranking:
        return (where,)
    return where, f"first instead: {_beginning(searched(example).passages, ranking[0])}"


def _beginning(passages: Passages, name: str) -> str:
    """Return the id of a document with its first words; the id alone where the corpus has no such document."""
    number = passages.numbers.get(name)
    if number is None:
        return name
    text = " ".join(passages.full_text(number).split())
    if len(text) > _MOST_LETTERS:
        text = f"{text[:_MOST_LETTERS].rstrip()}…"
    return f"{name}: {text}"
