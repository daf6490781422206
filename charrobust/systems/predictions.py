"""Predictions, kept by content: what a system has said once of some texts it is not asked again.

A folder holds a file a system, named by its fingerprint, with a JSON line for each distinct input. Lines are appended
some at a time, so that a run that is interrupted keeps what it has done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from charrobust.errors import DataError
from charrobust.json_text import parse_json
from charrobust.logs import logger
from charrobust.progress import Progress, no_progress
from charrobust.systems.kept_lines import append_lines, drop_cut_line
from charrobust.systems.system import System
from charrobust.tasks.examples import Example, Prediction

_logger = logger(__name__)
_CHUNK = 512  # inputs predicted before what was said is written


class Predictions:
    """What systems say of examples, computed where it is not known yet."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the predictions.

        Args:
            folder: Where they are kept; None keeps them in memory.
        """
        self._folder = folder
        self._known: dict[str, dict[str, Prediction]] = {}

    def of(self, system: System, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Return what a system says of examples.

        Args:
            system: The system.
            examples: The examples; their targets do not matter.
            progress: See :data:`charrobust.progress.Progress`; the stage is the name of the system, and new inputs
                are counted.

        Returns:
            A prediction for each example.

        Raises:
            UserError: The folder cannot be written.
            DataError: A file in it is damaged.
        """
        known = self._open(system)
        keys = [key_of(example) for example in examples]
        missing = {key: example for key, example in zip(keys, examples, strict=True) if key not in known}
        total = len(missing)
        _logger.info("%s: %d inputs to predict, %d known", system.name, total, len(set(keys)) - total)
        if missing:
            system.prepare(progress)
        progress(system.name, 0, total, {})
        # Chunks are written as they are done; where nothing is written, a system is given all that it may read at once.
        size = max(1, total) if self._path(system) is None else _CHUNK
        for first, chunk in _chunks(missing, size):
            predictions = system.predict(list(chunk.values()), _from(first, system.name, total, progress=progress))
            self._add(system, dict(zip(chunk, predictions, strict=True)))
            progress(system.name, first + len(chunk), total, {})
        return [self._fitting(system, example, known[key]) for key, example in zip(keys, examples, strict=True)]

    def _fitting(self, system: System, example: Example, prediction: Prediction) -> Prediction:
        """Return a prediction, if it can be one of the task.

        Raises:
            DataError: It cannot.
        """
        task = system.task
        if task.is_prediction(prediction, example):
            return prediction
        path = self._path(system)
        source = path or f"system {system.name!r}"
        remedy = "remove the file, to predict anew" if path else f"expected one of the task {task.name!r}"
        raise DataError(f"{source} holds {prediction!r}, no prediction for example {example.id}; {remedy}")

    def missing(self, system: System, examples: Iterable[Example]) -> int:
        """Return the number of distinct inputs among examples that a system has not been asked yet."""
        return len({key_of(example) for example in examples} - self._open(system).keys())

    def _open(self, system: System) -> dict[str, Prediction]:
        key = _identity(system)
        if key not in self._known:
            path = self._path(system)
            self._known[key] = {} if path is None or not path.exists() else _read(path)
        return self._known[key]

    def _path(self, system: System) -> Path | None:
        """Return the file of a system; None where predictions are not kept, or could not be told from outdated ones."""
        if self._folder is None or not system.reusable:
            return None
        return self._folder / f"{system.fingerprint}.jsonl"

    def _add(self, system: System, said: dict[str, Prediction]) -> None:
        path = self._path(system)
        if path is not None:
            append_lines(path, ({"key": key, "prediction": value} for key, value in said.items()))
        self._open(system).update(said)


def _identity(system: System) -> str:
    """Return what tells a system from others: two functions that say nothing of themselves are two."""
    return system.fingerprint if system.reusable else f"{system.fingerprint} {id(system)}"


def _from(first: int, stage: str, total: int, *, progress: Progress) -> Progress:
    """Return the progress of a part, which begins at a number, as that of the whole."""
    return lambda _, done, __, metrics: progress(stage, first + done, total, metrics)


def key_of(example: Example) -> str:
    """Return a digest of what a model reads of an example."""
    read: list[Any] = [example.texts]
    if example.corpus is not None:
        read.append(example.corpus.digest)
    return hashlib.sha256(json.dumps(read if len(read) > 1 else example.texts).encode()).hexdigest()


def _chunks(missing: dict[str, Example], size: int) -> Iterable[tuple[int, dict[str, Example]]]:
    """Cut inputs into chunks of like length, the longest first, each with the number of those before it."""
    ordered = sorted(missing.items(), key=lambda item: -sum(map(len, item[1].texts)))
    for first in range(0, len(ordered), size):
        yield first, dict(ordered[first : first + size])


def _read(path: Path) -> dict[str, Prediction]:
    """Read a file; a last line that an interruption cut off is removed.

    Raises:
        DataError: Another line is damaged.
    """
    known: dict[str, Prediction] = {}
    for number, line in enumerate(drop_cut_line(path).splitlines(), 1):
        try:
            row = parse_json(line)
            known[str(row["key"])] = _prediction(row["prediction"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}, line {number}: no stored prediction; remove the file, to predict anew") from error
    return known


def _prediction(value: Any) -> Prediction:
    """Return a prediction from what JSON made of it: lists are tuples again.

    Raises:
        TypeError: It can be none.
    """
    if isinstance(value, list):
        return tuple(map(_prediction, value))
    if isinstance(value, str | float | int):
        return value
    raise TypeError(f"expected a label, a number or a list of them, got {value!r}")
