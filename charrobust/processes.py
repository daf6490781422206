"""What worker processes of this package have in common."""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from threading import Thread
from typing import Any, TypeVar

from charrobust.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")


def pooled(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int, *, ordered: bool, remedy: str
) -> Iterator[Result]:
    """Do a piece of work for each of some items, in this process or in some others, with a bounded number under way.

    Args:
        work: What is done; it, the items and the results can be pickled.
        items: The items.
        workers: Number of processes; 1 for this one alone.
        ordered: Whether results come in the order of the items, or in that in which they are done.
        remedy: What to do where a process was killed, for the message.

    Yields:
        The results.

    Raises:
        UserError: A process was killed.
    """
    if workers == 1:
        yield from map(work, items)
        return
    iterator = iter(items)
    # Pickled once for all items, and unpickled once in each process: what it makes for itself on the way is kept there.
    given = pickle.dumps(work)
    others = set(multiprocessing.active_children())
    # Not forked: a fork copies locks that other threads of this process may hold, such as those of Arrow.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), be_worker) as pool:
        # Two items a worker: none is idle while a result is used, and memory stays bounded however many there are.
        first = islice(iterator, 2 * workers)
        waiting: deque[Future[Result]] = deque(pool.submit(_done, given, item) for item in first)
        try:
            while waiting:
                done = _next(waiting, ordered=ordered)
                waiting.remove(done)
                yield done.result()
                waiting.extend(pool.submit(_done, given, item) for item in islice(iterator, 1))
        except BrokenProcessPool as error:
            raise UserError(f"a worker process ended, killed or for want of memory; {remedy}") from error
        finally:
            # After an error or Ctrl-C, what the workers still do is of no use; the pool would wait for its end.
            if waiting:
                pool.shutdown(wait=False, cancel_futures=True)
                for worker in set(multiprocessing.active_children()) - others:
                    worker.terminate()


def _done(work: bytes, item: Any) -> Any:
    """Do pickled work for an item."""
    return _unpickled(work)(item)


@functools.lru_cache(maxsize=1)
def _unpickled(work: bytes) -> Callable[[Any], Any]:
    done: Callable[[Any], Any] = pickle.loads(work)  # noqa: S301 - what this process's parent has just pickled
    return done


def _next(waiting: deque[Future[Result]], *, ordered: bool) -> Future[Result]:
    """Return the oldest of some futures, or the oldest of those that are done, for which it waits."""
    if ordered:
        return waiting[0]
    done = wait(waiting, return_when=FIRST_COMPLETED).done
    return next(future for future in waiting if future in done)


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
