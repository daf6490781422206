"""Systems under test: a model, with what stands before it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.registry import load_object

if TYPE_CHECKING:
    from charrobust.systems.restoration import Restorer

# Systems that are no files, by the names that load them.
NAMED = {"bm25": "charrobust.systems.bm25:Bm25"}


class Asked(Protocol):
    """What answers: a model, or something that stands where one does."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def task(self) -> type[Task]:
        """The class of its task."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes or tags; none for tasks without labels."""
        ...

    @property
    def texts(self) -> int | None:
        """Texts of an example that it is for; None where that is not known."""
        ...

    @property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on."""
        ...

    def predict(self, examples: Sequence[Example], progress: Progress = ...) -> list[Prediction]:
        """Return a prediction for each example."""
        ...


@dataclass(frozen=True)
class SystemInfo:
    """A model under test, with what stands before it, as results name it.

    Attributes:
        name: Name in tables.
        model: Where the model came from.
        defences: Names of the restorers before it, in order.
        fingerprint: Digest of all that its predictions depend on.
    """

    name: str
    model: str
    defences: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class System:
    """A model under test.

    Attributes:
        name: Name in tables.
        predictor: The model.
        restorers: What corrects texts before the model reads them, in order.
        model: Where the model came from.
    """

    name: str
    predictor: Asked
    restorers: tuple[Restorer, ...] = ()
    model: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on: the model and what stands before it."""
        parts = [*(restorer.fingerprint for restorer in self.restorers), self.predictor.fingerprint]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def info(self) -> SystemInfo:
        """What results say of the system."""
        defences = tuple(restorer.name for restorer in self.restorers)
        return SystemInfo(self.name, self.model or self.predictor.name, defences, self.fingerprint)

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Correct the texts of examples, where there are restorers, and predict.

        Args:
            examples: The examples.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            A prediction for each example.
        """
        restored = list(examples)
        for restorer in self.restorers:
            from charrobust.systems.restoration import restore

            restored = restore(restorer, restored, self.predictor.task)
        predictions = self.predictor.predict(restored, progress)
        task = self.predictor.task
        carried = []
        for prediction, read, example in zip(predictions, restored, examples, strict=True):
            carried.append(task.carried_back(prediction, read, example))
        return carried


@dataclass(frozen=True)
class SystemName:
    """What ``[NAME=][DEFENCE+...]PATH`` says.

    Attributes:
        name: The name; None where none is given.
        defences: ``spelling`` or directories of recognisers, in order.
        path: Directory or hub id of the model.
    """

    name: str | None
    defences: tuple[str, ...]
    path: str


def parse_system(text: str) -> SystemName:
    """Take ``[NAME=][DEFENCE+...]PATH`` apart; what exists as a path is one, whatever signs it holds.

    Args:
        text: What was given.

    Returns:
        Its parts.

    Raises:
        UserError: A part is empty.
    """
    if text and Path(text).exists():
        return SystemName(None, (), text)
    name, equals, rest = text.partition("=")
    if not equals:
        name, rest = "", text
    *defences, path = [rest] if Path(rest).exists() else rest.split("+")
    if not path or not all(defences) or (equals and not name):
        raise UserError(f"model {text!r}: expected [NAME=][DEFENCE+...]PATH, such as plain=spelling+models/sst2")
    return SystemName(name or None, tuple(defences), path)


def load_system(
    text: str,
    *,
    batch_size: int = 32,
    device: str | None = None,
    options: dict[str, Any] | None = None,
    asked: type[Task] | None = None,
    loaded: dict[str, Asked] | None = None,
) -> System:
    """Load a system.

    Args:
        text: ``[NAME=][DEFENCE+...]PATH``: the directory or hub id of a model, or ``bm25``; what stands before it
            (``spelling``, or a directory written by ``charrobust train-recogniser``), and its name in tables. Without
            a name it is the last part of the path, after the names of the defences.
        batch_size: Texts of a batch at most.
        device: Where it runs; None for a GPU where there is one.
        options: See :func:`charrobust.systems.predictor.load_predictor`.
        asked: See there.
        loaded: Models that are loaded already, by path: systems that differ in their defences alone share one, and what
            it has read of a corpus. The model is added.

    Returns:
        The system.

    Raises:
        UserError: A part cannot be read or loaded.
    """
    from charrobust.systems.restoration import load_restorer

    parsed = parse_system(text)
    restorers = tuple(load_restorer(defence) for defence in parsed.defences)
    models = {} if loaded is None else loaded
    if parsed.path not in models:
        models[parsed.path] = _model(parsed.path, batch_size=batch_size, device=device, options=options, asked=asked)
    predictor = models[parsed.path]
    name = " + ".join([*(restorer.name for restorer in restorers), Path(parsed.path).absolute().name])
    return System(parsed.name or name, predictor, restorers, parsed.path)


def _model(path: str, **options: Any) -> Asked:
    """Return what answers: a system that is no file, by its name, or a model.

    Raises:
        UserError: It cannot be loaded.
    """
    if path in NAMED and not Path(path).exists():
        system: Asked = load_object(NAMED[path])()
        return system
    from charrobust.systems.predictor import load_predictor

    return load_predictor(path, **options)


def check_names(systems: Sequence[System]) -> None:
    """Refuse two systems of one name, and none at all.

    Args:
        systems: The systems that are to be compared.

    Raises:
        UserError: With the name.
    """
    if not systems:
        raise UserError("there is no model to evaluate; give one or more with `model`")
    for name, count in Counter(system.name for system in systems).items():
        if count > 1:
            raise UserError(f"{count} models are called {name!r}; tell them apart with NAME=PATH, such as first=PATH")
