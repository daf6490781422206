"""Answers of functions, services and files as predictions: plain Python values in the shapes that people return."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from charrobust.errors import UserError
from charrobust.tasks.records import literal

_TEXT_KEYS = ("label", "answer", "prediction", "text")  # of an answer that is told with its score or place


def plain(value: Any) -> Any:
    """Return arrays, tensors, series and their numbers as lists and numbers of Python."""
    if isinstance(value, str | bytes | Mapping):
        return value
    return value.tolist() if hasattr(value, "tolist") else value


def scores_in(value: Any) -> dict[str, float] | None:
    """Return the scores of labels that an answer holds; None where it holds none.

    Args:
        value: Scores by label, or a list of ``{"label": ..., "score": ...}``, as pipelines of the transformers library
            return.

    Returns:
        The scores by label.

    Raises:
        UserError: A score is no finite number.
    """
    pairs = None
    if isinstance(value, Mapping) and not any(key in value for key in _TEXT_KEYS):
        pairs = list(value.items())
    elif isinstance(value, list | tuple) and value and all(map(_is_scored, value)):
        pairs = [(item["label"], item["score"]) for item in value]
    if not pairs:
        return None
    return {str(label): number_in(score) for label, score in pairs}


def _is_scored(item: Any) -> bool:
    return isinstance(item, Mapping) and {"label", "score"} <= item.keys()


def text_in(value: Any) -> str:
    """Return the text of an answer: a label, an answer to a question.

    Args:
        value: Text, a whole number or a truth value, or a mapping that holds one as its ``label`` or ``answer``.

    Returns:
        The text.

    Raises:
        UserError: It is something else.
    """
    if isinstance(value, Mapping):
        named = [value[key] for key in _TEXT_KEYS if key in value]
        if len(named) == 1:
            return text_in(named[0])
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():  # as a column of numbers with gaps has them
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    raise UserError(f"expected a label, or a score for each label, got {shortened(value)}")


def label_in(value: Any) -> str:
    """Return the label of an answer: the one that is given, or the one with the highest score, the first of several.

    Args:
        value: As for :func:`text_in` or :func:`scores_in`.

    Returns:
        The label.

    Raises:
        UserError: It is something else, or a score is no number.
    """
    scores = scores_in(value)
    return text_in(value) if scores is None else max(scores, key=lambda label: scores[label])


def number_in(value: Any) -> float:
    """Return the number of an answer.

    Args:
        value: A number, or text that is one.

    Returns:
        The number.

    Raises:
        UserError: It is something else, infinite or NaN.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"expected a finite number, got {shortened(value)}")
    return number


def list_of(value: Any, what: str) -> list[Any]:
    """Return the items of an answer that is a list.

    Args:
        value: A list, tuple or set, or text that holds a list as JSON or Python writes it.
        what: What it is a list of, for messages.

    Returns:
        The items.

    Raises:
        UserError: It is something else.
    """
    if isinstance(value, str) and value.strip().startswith("["):
        value = literal(value.strip())
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, list | tuple):
        return list(value)
    raise UserError(f"expected a list of {what}, got {shortened(value)}")


def shortened(value: Any, most: int = 80) -> str:
    """Return a value as messages show it."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def texts_of(values: Sequence[Any]) -> tuple[str, ...]:
    """Return the items of a list as texts.

    Args:
        values: The items, each as for :func:`text_in`.

    Returns:
        The texts.

    Raises:
        UserError: One is something else.
    """
    return tuple(map(text_in, values))
