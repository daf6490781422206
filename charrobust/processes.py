"""What worker processes of this package have in common."""

from __future__ import annotations

import multiprocessing
import os
import signal
from threading import Thread


def be_worker() -> None:
    """Make this process a worker, which ends when the process that began it ends, however that comes about."""
    # Ctrl-C reaches the whole group; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed outright tells nobody, and a pool's worker would wait for work for ever.
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the parent, and end this process: at once, as nobody takes what it would still do."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
