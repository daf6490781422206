"""Predictions, kept by content: what a system has said once of some texts it is not asked again.

A folder holds files for each system, named by its fingerprint, with a JSON line for each distinct input. Lines are
appended some at a time, so that a run that is interrupted keeps what it has done, and each process has a file of its
own, so that several may ask at once. Of several lines for one input the first counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charrobust.errors import DataError, UserError
from charrobust.json_text import parse_json
from charrobust.logs import logger
from charrobust.progress import Progress, no_progress
from charrobust.systems.kept_lines import KeptLines, Line
from charrobust.systems.share import ALL, Share
from charrobust.systems.system import System
from charrobust.tasks.examples import Example, Prediction

_logger = logger(__name__)
_CHUNK = 512  # inputs predicted before what was said is written


@dataclass
class _Known:
    """What one system has said.

    Attributes:
        lines: Where it is kept; None for memory alone.
        said: Its predictions, by the key of the input.
    """

    lines: KeptLines | None
    said: dict[str, Prediction] = field(default_factory=dict)

    def read(self) -> bool:
        """Read what was written since, by whichever process.

        Returns:
            Whether there was anything.

        Raises:
            DataError: A line is damaged.
        """
        return self.lines is not None and self.lines.read_into(self.said, _parsed)

    def add(self, said: dict[str, Prediction]) -> None:
        """Keep predictions."""
        if self.lines is not None:
            self.lines.append({"key": key, "prediction": value} for key, value in said.items())
        self.said.update(said)


class Predictions:
    """What systems say of examples, computed where it is not known yet."""

    def __init__(self, folder: Path | None = None, share: Share = ALL) -> None:
        """Open the predictions.

        Args:
            folder: Where they are kept; None keeps them in memory.
            share: Which inputs this process asks about; the others are waited for.
        """
        self._folder = folder
        self._share = share
        self._systems: dict[str, _Known] = {}

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
            UserError: The folder cannot be written, predictions of several ranks cannot be put together, or other
                ranks do not do their share.
            DataError: A file in it is damaged.
        """
        self.ask(system, examples, progress)
        known = self._open(system)
        keys = [key_of(example) for example in examples]
        if not self._share.is_all:
            self._wait(system, keys)
        return [self._fitting(system, example, known.said[key]) for key, example in zip(keys, examples, strict=True)]

    def ask(self, system: System, examples: Sequence[Example], progress: Progress = no_progress) -> None:
        """Ask a system about the share of this process, as far as that is not known yet.

        Args:
            system: The system.
            examples: The examples of all processes.
            progress: As for :meth:`of`.

        Raises:
            UserError: As of :meth:`of`, but nobody is waited for.
            DataError: As there.
        """
        known = self._open(system)
        distinct = dict(zip(map(key_of, examples), examples, strict=True))
        # By the digest, which all processes know, whatever is kept when they begin.
        mine = [key for key in distinct if key not in known.said and self._share.takes(_number_of(key))]
        missing = {key: distinct[key] for key in mine}
        total = len(missing)
        _logger.info("%s: %d inputs to predict, %d known", system.name, total, len(distinct) - total)
        if missing:
            system.prepare(progress)
        progress(system.name, 0, total, {})
        # Chunks are written as they are done; where nothing is written, a system is given all that it may read at once.
        size = max(1, total) if known.lines is None else _CHUNK
        chunks = list(_chunks(missing, size))
        answers = system.answers([list(chunk.values()) for chunk in chunks], progress=_of(total, system.name, progress))
        done = 0
        for chunk, answer in zip(chunks, answers, strict=True):
            known.add(dict(zip(chunk, answer.predictions, strict=True)))
            done += len(chunk)
            progress(system.name, done, total, {})

    def _wait(self, system: System, keys: Iterable[str]) -> None:
        """Wait until all inputs are known."""
        known = self._open(system)
        missing = dict.fromkeys(keys)

        def lacking() -> set[int]:
            for key in known.said.keys() & missing.keys():
                del missing[key]
            return {self._share.owner(_number_of(key)) for key in missing}

        self._share.wait(lacking, known.read, self._folder or Path())

    def _fitting(self, system: System, example: Example, prediction: Prediction) -> Prediction:
        """Return a prediction, if it can be one of the task.

        Raises:
            DataError: It cannot.
        """
        task = system.task
        if task.is_prediction(prediction, example):
            return prediction
        lines = self._open(system).lines
        source = f"system {system.name!r}" if lines is None else lines.files
        remedy = f"expected one of the task {task.name!r}" if lines is None else "remove the files, to predict anew"
        raise DataError(f"{source} holds {prediction!r}, no prediction for example {example.id}; {remedy}")

    def missing(self, system: System, examples: Iterable[Example]) -> int:
        """Return the number of distinct inputs among examples that a system has not been asked yet."""
        return len({key_of(example) for example in examples} - self._open(system).said.keys())

    def _open(self, system: System) -> _Known:
        """Return what is known of a system.

        Raises:
            UserError: Several ranks ask it, and cannot tell its predictions from outdated ones.
        """
        name = _identity(system)
        if name not in self._systems:
            is_kept = self._folder is not None and system.reusable
            if not self._share.is_all and not is_kept:
                raise UserError(unshared(system))
            self._systems[name] = _Known(KeptLines(self._folder, name) if self._folder and is_kept else None)
            self._systems[name].read()
        return self._systems[name]


def _identity(system: System) -> str:
    """Return what tells a system from others: two functions that say nothing of themselves are two."""
    return system.fingerprint if system.reusable else f"{system.fingerprint} {id(system)}"


def unshared(system: System) -> str:
    """Say why several ranks cannot ask a system together."""
    return (
        f"system {system.name!r} cannot be asked by several ranks, whose predictions are put together in the folder of "
        "the output: nothing tells this form of it from others; give it a `version` (System.of), or run one process"
    )


def _number_of(key: str) -> int:
    """Return the number by which an input is somebody's share."""
    return int(key[:8], 16)


def _of(total: int, stage: str, progress: Progress) -> Progress:
    """Return the progress of one part after the other as that of a whole, of which they do not know the size."""
    return lambda _, done, __, metrics: progress(stage, done, total, metrics)


def key_of(example: Example) -> str:
    """Return a digest of what a model reads of an example."""
    read: list[Any] = [example.texts]
    if example.corpus is not None:
        read.append(example.corpus.digest)
    return hashlib.sha256(json.dumps(read if len(read) > 1 else example.texts).encode()).hexdigest()


def _chunks(missing: dict[str, Example], size: int) -> Iterator[dict[str, Example]]:
    """Cut inputs into chunks of like length, the longest first."""
    ordered = sorted(missing.items(), key=lambda item: -sum(map(len, item[1].texts)))
    for first in range(0, len(ordered), size):
        yield dict(ordered[first : first + size])


def _parsed(line: Line) -> tuple[str, Prediction]:
    """Read a line: the key of an input, and what was said of it.

    Raises:
        DataError: It is damaged.
    """
    try:
        row = parse_json(line.content)
        return str(row["key"]), _prediction(row["prediction"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{line.path}, line {line.number}: no stored prediction; remove the file, to predict anew"
        ) from error


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
