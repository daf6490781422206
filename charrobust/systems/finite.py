"""Scores that are no numbers, refused: among NaN the first class would be chosen as if it were the best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from charrobust.errors import UserError
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array


def not_finite(name: str, example: str) -> UserError:
    """Return the error for scores that are no finite numbers.

    Args:
        name: The system.
        example: Id of the first example with such scores.

    Returns:
        The error, to be raised.
    """
    return UserError(
        f"system {name!r} gives NaN or an infinite score for example {example}; expected finite numbers: look at its "
        "weights, its precision and its configuration"
    )


def finite_scores(scores: Array, examples: Sequence[Example], name: str) -> Array:
    """Return scores, if all of them are finite numbers.

    Args:
        scores: Shape (examples, ...).
        examples: The examples.
        name: The system.

    Returns:
        The same scores.

    Raises:
        UserError: One is not; with the id of the example.
    """  # noqa: DOC501 - not_finite makes a UserError
    bad = ~np.isfinite(scores).reshape(len(examples), -1).all(1)
    if bad.any():
        raise not_finite(name, examples[int(bad.argmax())].id)
    return scores
