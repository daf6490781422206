"""What the library says on its own, through the standard library: loggers called ``charrobust.*``."""

from __future__ import annotations

import logging

# Python itself would print warnings on standard error where a program has set no handler up.
logging.getLogger("charrobust").addHandler(logging.NullHandler())


def logger(module: str) -> logging.Logger:
    """Return the logger of a module.

    Args:
        module: The module's ``__name__``.

    Returns:
        The logger, which says nothing unless a program asks for it.
    """
    return logging.getLogger(module)
