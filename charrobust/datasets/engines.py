"""What runs one function on many things: processes of this machine, or Ray."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.packages import needed_for
from charrobust.processes import Item, Result, pooled

LOCAL, RAY = "local", "ray"
_ADDRESS = "ray://"
_REMEDY = "what is finished is kept: the same command goes on with the rest"
# The least that Ray takes: what goes through it are names of files and counts.
_OBJECT_STORE = 80 << 20


def run(
    work: Callable[[Item], Result], items: Iterable[Item], *, engine: str = LOCAL, workers: int | None = None
) -> Iterator[Result]:
    """Do a piece of work for each of some items, several at once.

    Args:
        work: What is done; it and its results can be pickled.
        items: The items.
        engine: ``local``; ``ray`` for Ray on this machine, or on the cluster that the variable ``RAY_ADDRESS`` names;
            ``ray://HOST:PORT`` for a cluster.
        workers: Processes; None for one here, and as many as there are cores on Ray.

    Yields:
        The results, in the order in which they are done.

    Raises:
        UserError: There is no such engine, it cannot be reached, or a worker came to its end.
    """
    check_engine(engine)
    if engine == LOCAL:
        yield from pooled(work, items, workers or 1, ordered=False, remedy=_REMEDY)
    else:
        yield from _on_ray(work, items, engine, workers)


def check_engine(engine: str) -> None:
    """Refuse an engine that is not known.

    Args:
        engine: Its name.

    Raises:
        UserError: There is none of that name.
    """
    if engine not in (LOCAL, RAY) and not engine.startswith(_ADDRESS):
        raise UserError(f"unknown `engine` {engine!r}; {hint(engine, (LOCAL, RAY))}, {_ADDRESS}HOST:PORT")


def _on_ray(
    work: Callable[[Item], Result], items: Iterable[Item], engine: str, workers: int | None
) -> Iterator[Result]:
    """Work on Ray.

    Raises:
        UserError: A worker came to its end more often than Ray begins it anew.
    """
    with connected(engine, workers) as ray:
        shared, task = ray.put(work), ray.remote(_done)
        iterator = iter(items)
        # Twice as many as can run: none idles while a result is fetched, and however many shards there are, few wait.
        most = workers or 2 * int(ray.cluster_resources().get("CPU", 1))
        waiting = [task.remote(shared, item) for item in islice(iterator, most)]
        while waiting:
            done, waiting = ray.wait(waiting)
            yield fetched(ray, done[0])
            waiting += [task.remote(shared, item) for item in islice(iterator, 1)]


def fetched(ray: Any, reference: Any) -> Any:
    """Fetch what a worker of Ray returned.

    Args:
        ray: Ray, as :func:`connected` gives it.
        reference: What Ray knows the result by.

    Returns:
        The result.

    Raises:
        UserError: The worker raised one, or came to its end more often than Ray begins it anew.
    """
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        # Ray puts its own trace of the call around what was raised.
        cause = getattr(error, "cause", None)
        raise (cause if isinstance(cause, UserError) else error) from error
    except ray.exceptions.RayError as error:
        raise UserError(f"Ray says: {str(error).partition('. ')[0]}; {_REMEDY}") from error


def _done(work: Callable[[Item], Result], item: Item) -> Result:
    return work(item)


@contextmanager
def connected(engine: str, workers: int | None) -> Iterator[Any]:
    """Give Ray, connected to a cluster or started on this machine, and end that afterwards.

    Args:
        engine: ``ray``, or ``ray://HOST:PORT``; see :func:`run`.
        workers: Cores that Ray may use where it is started here; None for all.

    Yields:
        The module.

    Raises:
        UserError: It is not installed, or the cluster cannot be reached.
    """
    ray = _ray()
    if ray.is_initialized():  # by the program that calls this, which may still need it
        yield ray
        return
    address = os.environ.get("RAY_ADDRESS", LOCAL) if engine == RAY else engine
    on_term = signal.getsignal(signal.SIGTERM)
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        own: dict[str, Any] = {}
        if address == LOCAL:
            own = {"num_cpus": workers, "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
            own |= {"_temp_dir": folder, "_node_ip_address": "127.0.0.1"}
        try:
            ray.init(address, log_to_driver=False, logging_level="ERROR", **own)
        except Exception as error:  # of many kinds
            raise UserError(f"cannot reach Ray at {address}: {error}{_token(address)}") from error
        try:
            # Ray ends the program at this signal in a way of its own. Signals are set in the main thread alone.
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, on_term)
            yield ray
        finally:
            ray.shutdown()


def _token(address: str) -> str:
    """Return the remedy for a cluster that asks for a token: without one Ray speaks of time alone."""
    if not address.startswith(_ADDRESS):
        return ""
    return (
        "; if it asks for a token, set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN if ~/.ray/auth_token holds another one"
    )


def _ray() -> Any:
    """Import Ray.

    Raises:
        UserError: It is not installed.
    """
    # Nothing is sent to Ray's makers; read when the package is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with needed_for("the engine ray"):
        import ray
    return ray
