"""When Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_later() -> Iterator[None]:
    """Let Python look for cycles of garbage after some work, not during it.

    It looks after every few hundred new objects, also where they are the records of a block, all of which are needed:
    that takes a quarter of the time of reading, attacking and writing them.

    Yields:
        Nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
