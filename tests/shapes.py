"""What checks the shapes in signatures of the models, in tests alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from beartype import beartype


def check_shapes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that checks the types of its arguments and result, if tensors with shapes are among them.

    Others stay as they are: what they take and return is checked by mypy, which knows more of types than is known
    when the tests run. Calls that are recorded are not checked: sizes are then no numbers.
    """
    if "[Tensor, " not in str(getattr(function, "__annotations__", {})):
        return function
    checking = beartype(function)

    @functools.wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        import torch  # here, since most tests need none

        recorded = torch.jit.is_tracing() or torch.compiler.is_exporting()
        return function(*arguments, **named) if recorded else checking(*arguments, **named)

    return checked
