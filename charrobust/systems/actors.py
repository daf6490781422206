"""Systems asked on Ray: each worker loads a system once, and answers part after part."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from charrobust.datasets.engines import LOCAL, check_engine, connected, fetched
from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.system import Answer, System
from charrobust.tasks.examples import Example, Prediction

_QUEUED = 2  # parts that wait at a worker: it has the next when it is done with one
_RESTARTS = 3  # of a worker that was killed, such as on a machine that was taken away


def driver_options(options: SystemOptions, engine: str) -> SystemOptions:
    """Return how the process that hands out the work loads systems: on Ray it says what they are, and asks none.

    Args:
        options: How systems are loaded that are asked.
        engine: ``local``, ``ray`` or the address of a cluster.

    Returns:
        The options, without a GPU where others need it.
    """
    return options if engine == LOCAL else replace(options, device="cpu")


@contextmanager
def spread(
    models: Sequence[Any], systems: Sequence[System], options: SystemOptions, *, engine: str, workers: int | None
) -> Iterator[list[System]]:
    """Have systems asked by the workers of an engine.

    Args:
        models: What the systems are loaded by, as :func:`.load_system` takes it.
        systems: The systems, loaded by :func:`driver_options`.
        options: How the workers load them.
        engine: ``local`` for this process, ``ray`` or ``ray://HOST:PORT``; see :mod:`charrobust.datasets.engines`.
        workers: Number of workers; None for one a GPU, or else one a core.

    Yields:
        The systems, to be asked as before.

    Raises:
        UserError: There is no such engine, it cannot be reached, or it cannot load a system.
    """
    check_engine(engine)
    if engine == LOCAL:
        if workers is not None:
            raise UserError("a system is asked by one process here; leave out `workers`, or give `engine` ray")
        yield list(systems)
        return
    for model, system in zip(models, systems, strict=True):
        if not isinstance(model, str):
            raise UserError(
                f"workers of Ray load systems by name, and {system.name!r} is in memory; give a path or "
                "python:MODULE:NAME"
            )
        if "://" in system.source:
            raise UserError(f"{system.name!r} is asked at its address, from one place; leave out `engine`")
    with connected(engine, workers) as ray:
        yield [
            _OnRay(system, ray, model, options, workers=workers) for model, system in zip(models, systems, strict=True)
        ]


class _OnRay(System):
    """A system of which workers of Ray have a copy each."""

    def __init__(
        self, system: System, ray: Any, model: str, options: SystemOptions, *, workers: int | None, member: int = 0
    ) -> None:
        self._system, self._ray, self._model, self._options = system, ray, model, options
        self._workers, self._member = workers, member
        self.name, self.task, self.labels, self.texts = system.name, system.task, system.labels, system.texts
        self.tokenizer, self.source, self.defences = system.tokenizer, system.source, system.defences
        self.reusable = system.reusable

    @property
    def fingerprint(self) -> str:
        """See the base class."""
        return self._system.fingerprint

    @property
    def members(self) -> tuple[System, ...]:
        """See the base class: the members of the system, each asked on Ray."""
        if len(self._system.members) == 1:
            return (self,)
        return tuple(
            _OnRay(member, self._ray, self._model, self._options, workers=self._workers, member=number)
            for number, member in enumerate(self._system.members)
        )

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """See the base class: by one of the workers."""
        (answer,) = self.answers([examples], progress=progress)
        return answer.predictions

    def answers(
        self, parts: Iterable[Sequence[Example]], *, with_scores: bool = False, progress: Progress = no_progress
    ) -> Iterator[Answer]:
        """See the base class: several parts at a time, each by the worker that has least to do.

        Args:
            parts: See there.
            with_scores: See there.
            progress: See there; told where a part is done.

        Yields:
            See there.
        """
        crew: _Crew | None = None
        waiting: deque[tuple[Any, int]] = deque()  # answers and their numbers of examples, in the order of the parts
        done = 0
        try:
            for part in parts:
                # Not before there is something to ask: workers load the system when they begin.
                crew = crew or _Crew(self._ray, self._model, self._options, self._member, self._workers)
                waiting.append((crew.ask(part, with_scores=with_scores), len(part)))
                while len(waiting) > crew.most:
                    yield fetched(self._ray, waiting[0][0])
                    done += waiting.popleft()[1]
                    progress(self.name, done, 0, {})
            while waiting:
                yield fetched(self._ray, waiting[0][0])
                done += waiting.popleft()[1]
                progress(self.name, done, 0, {})
        finally:
            # The next system needs their place.
            if crew is not None:
                crew.leave()


class _Crew:
    """The workers that answer for one system."""

    def __init__(self, ray: Any, model: str, options: SystemOptions, member: int, workers: int | None) -> None:
        self._ray = ray
        there = ray.cluster_resources()
        gpus = there.get("GPU", 0)
        count = workers or int(gpus or there.get("CPU", 1))
        needs = {"num_cpus": 1, "num_gpus": min(1, gpus / count)}
        worker = ray.remote(_Worker).options(max_restarts=_RESTARTS, max_task_retries=_RESTARTS, **needs)
        self._queues = [(worker.remote(model, options, member), deque[Any]()) for _ in range(count)]
        self.most = 2 * _QUEUED * count  # answers that are kept until those before them are there

    def ask(self, part: Sequence[Example], *, with_scores: bool) -> Any:
        """Give a part to the worker that has least to do, as soon as one has little.

        Args:
            part: The examples.
            with_scores: Whether scores are wanted.

        Returns:
            What Ray knows the answer by.
        """
        while True:
            worker, queue = min(self._queues, key=self._left)
            if len(queue) < _QUEUED:
                break
            self._ray.wait([answer for _, answers in self._queues for answer in answers])
        queue.append(worker.answer.remote(list(part), with_scores))
        return queue[-1]

    def _left(self, of_worker: tuple[Any, deque[Any]]) -> int:
        """Return how many parts a worker has not answered yet."""
        queue = of_worker[1]
        # Each answers in order.
        while queue and self._ray.wait([queue[0]], timeout=0)[0]:
            queue.popleft()
        return len(queue)

    def leave(self) -> None:
        """End the workers."""
        for worker, _ in self._queues:
            self._ray.kill(worker)


class _Worker:
    """A process of Ray's that has loaded a system."""

    def __init__(self, model: str, options: SystemOptions, member: int) -> None:
        self._system = load_system(model, options).members[member]

    def answer(self, examples: Sequence[Example], with_scores: bool) -> Answer:
        """Answer a part."""
        (answer,) = self._system.answers([examples], with_scores=with_scores)
        return answer
