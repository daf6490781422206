"""What checks the shapes in signatures of the models, in tests alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from beartype import beartype


def check_shapes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that checks the types of its arguments and result, if tensors with shapes are among them.

    Others stay as they are: what they take and return is checked by mypy, which knows more of types than is known
    when the tests run.
    """
    annotations = getattr(function, "__annotations__", {})
    return beartype(function) if "[Tensor, " in str(annotations) else function
