"""A system asked about a data set of any size: part by part, by one process or several, to one file."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.datasets.engines import LOCAL
from charrobust.datasets.load import load_data
from charrobust.datasets.source import Source, open_source
from charrobust.errors import UserError
from charrobust.files import beside, keep_private, made, replacing
from charrobust.progress import Progress, no_progress
from charrobust.scoring.evaluation.evaluate import Confirm
from charrobust.scoring.evaluation.prediction_rows import PREDICTION
from charrobust.scoring.predicting.kept import KeptParts
from charrobust.scoring.predicting.parts import ID, Part, parts_of, survey
from charrobust.scoring.predicting.table import Row, check_table, table_writer
from charrobust.systems.actors import driver_options, spread
from charrobust.systems.endpoint.cost import Budget
from charrobust.systems.estimate import Estimate
from charrobust.systems.labels import check_task
from charrobust.systems.naming import as_system, check_used
from charrobust.systems.predictions import unshared
from charrobust.systems.share import ALL, Share, ShareDone
from charrobust.systems.system import Answer, System
from charrobust.tasks.answers import shortened
from charrobust.tasks.examples import Example
from charrobust.tasks.learners import LINEAR

SCORES = "scores"
_PARTS = ".charrobust-parts"  # behind the output's name: a folder of what is predicted so far


@dataclass(frozen=True)
class Predicted:
    """What was written.

    Attributes:
        system: Name of the system.
        examples: Number of examples.
        skipped: What was wrong with each record that was left out, with its place.
    """

    system: str
    examples: int
    skipped: tuple[str, ...]


def predict(
    model: Any,
    data: Source | str | Path,
    output: str | Path,
    *,
    scores: bool = False,
    batch_size: int = 32,
    device: str | None = None,
    endpoint: str | None = None,
    budget: float | None = None,
    fit_on: DataSet | Any | None = None,
    fit: str = LINEAR,
    gate_on: DataSet | Any | None = None,
    trust_types: Sequence[str] = (),
    trust_remote_code: bool = False,
    confirm: Confirm | None = None,
    engine: str = LOCAL,
    workers: int | None = None,
    share: Share = ALL,
    progress: Progress = no_progress,
) -> Predicted:
    """Write what a system says of each example of a data set, in order, to a file that :func:`.score` reads.

    Memory stays constant. What is predicted is kept beside the output until all of it is: after an interruption the
    same call goes on, also with another number of processes.

    Args:
        model: The system, as for :func:`.evaluate`.
        data: The data set: a file, a card's name, or what :func:`.open_source` returns.
        output: The file: JSON Lines, CSV, TSV or Parquet by its name, the first three also with ``.gz``. Its columns
            are ``id`` and ``prediction``, in the words of the system.
        scores: Whether a third column, ``scores``, says how probable each class is.
        batch_size: Texts that a system which is loaded here reads at once, at most.
        device: As for :func:`.evaluate`.
        endpoint: As for :func:`.evaluate`.
        budget: As for :func:`.evaluate`.
        fit_on: As for :func:`.evaluate`.
        fit: As for :func:`.evaluate`.
        gate_on: As for :func:`.evaluate`.
        trust_types: As for :func:`.evaluate`.
        trust_remote_code: As for :func:`.evaluate`.
        confirm: As for :func:`.evaluate`.
        engine: As for :func:`.evaluate`.
        workers: As for :func:`.evaluate`.
        share: Which parts this process asks about, of several that are called alike.
        progress: See :data:`charrobust.progress.Progress`; the stage is ``reading`` or the name of the system.

    Returns:
        What was written.

    Raises:
        UserError: The system cannot be loaded or does not fit the data, the output cannot be written, or other ranks
            do not do their share.
        DataError: A record is not what the task asks for, or there is no example.
        ShareDone: This is not the first of several ranks, and its share is done.
    """
    output = Path(output)
    check_table(output)
    source = data if isinstance(data, Source) else open_source(data)
    known = survey(source, progress)
    training = None if fit_on is None else load_data(fit_on)
    gate_data = None if gate_on is None else load_data(gate_on)
    options = known.options(
        batch_size=batch_size,
        device=device,
        endpoint=endpoint,
        budget=None if budget is None else Budget(budget),
        fit_on=training,
        fit=fit,
        gate_on=gate_data,
        trust_types=trust_types,
        trust_remote_code=trust_remote_code,
    )
    system = as_system(model, options=driver_options(options, engine))
    check_used(options, [system])
    _check(system, known.first, share, budget)
    with _workplace(source, output, system) as folder:
        system.keep_in(folder)
        if confirm is not None:
            _confirm(system, source, confirm)
        with spread([model], [system], options, engine=engine, workers=workers) as (asked,):
            work = _Work(asked, source, KeptParts(folder, system), folder=folder, scores=scores, share=share)
            work.ask(known.examples, progress)
        if not share.is_first:
            raise ShareDone
        with replacing(output, like=source.format.path) as temporary, table_writer(temporary) as write:
            for rows in work.rows():
                write(rows)
    # Not before the output is there. What of it cannot be removed does no harm.
    shutil.rmtree(folder, ignore_errors=True)
    return Predicted(system.name, known.examples, known.skipped)


@contextmanager
def _workplace(source: Source, output: Path, system: System) -> Iterator[Path]:
    """Give the folder of what is predicted so far, which stays where the work is broken off and can be taken up again.

    Raises:
        UserError: The output's folder does not exist or cannot be written.
    """
    if not system.reusable:
        with beside(output) as folder:
            yield folder
        return
    if not output.parent.is_dir():
        raise UserError(f"cannot write {output}: there is no folder {output.parent}; give a path in an existing one")
    folder = output.with_name(output.name + _PARTS)
    with made(folder):
        if source.format.path.exists():
            keep_private(folder, source.format.path)
        yield folder


def _check(system: System, first: DataSet, share: Share, budget: float | None) -> None:
    """Refuse a system that cannot be asked.

    Raises:
        UserError: It does not fit the data, is several, or cannot be shared out.
    """
    check_task(system, first)
    if len(system.members) > 1:
        names = ", ".join(member.name for member in system.members)
        raise UserError(f"{system.name} holds models of several seeds, which need not agree: {names}; give one of them")
    if not share.is_all and not system.reusable:
        raise UserError(unshared(system))
    if not share.is_all and budget is not None:
        raise UserError(f"a `budget` is that of one process, and there are {share.ranks} ranks; run one")


def _confirm(system: System, source: Source, confirm: Confirm) -> None:
    """Say what it takes to ask a system, and have that confirmed.

    Raises:
        UserError: It was not.
    """
    total: Estimate | None = None
    for part in parts_of(source):
        found = system.estimate(part.examples)
        if found is None:  # it costs nothing, whatever is asked
            return
        total = found if total is None else total + found
    if total is not None and total.calls and not confirm(total):
        raise UserError(f"stopped before {total.system} was asked; what was answered before is kept")


@dataclass(frozen=True)
class _Work:
    """What is asked, and where the answers are.

    Attributes:
        system: The system.
        source: The data set.
        kept: The rows of parts that are predicted.
        folder: Where these lie, for messages.
        scores: Whether rows have scores.
        share: Which parts this process asks about.
    """

    system: System
    source: Source
    kept: KeptParts
    folder: Path
    scores: bool
    share: Share

    def ask(self, total: int, progress: Progress) -> None:
        """Ask about the share of this process, as far as it is not kept.

        Args:
            total: Number of examples, for progress.
            progress: See :func:`predict`.
        """
        # The parts that are asked about and not answered yet: with several workers there are some.
        asked: deque[Part] = deque()
        passed = 0

        def missing() -> Iterator[Sequence[Example]]:
            nonlocal passed
            for part in parts_of(self.source):
                if self.share.takes(part.number) and self._key(part) not in self.kept:
                    asked.append(part)
                    yield part.examples
                else:
                    passed += len(part.examples)

        def told(_stage: str, done: int, _total: int, metrics: Mapping[str, float]) -> None:
            progress(self.system.name, passed + done, total, metrics)

        self.system.prepare(progress)
        for answer in self.system.answers(missing(), with_scores=self.scores, progress=told):
            part = asked.popleft()
            self.kept.add(self._key(part), self._rows(part, answer))

    def rows(self) -> Iterator[list[Row]]:
        """Go through the rows of all parts, in order; those of other ranks are waited for.

        Yields:
            The rows of a part.
        """
        for part in parts_of(self.source):
            key = self._key(part)
            self.share.wait(partial(self._lacking, part, key), self.kept.read, self.folder)
            yield self.kept.rows(key)

    def _lacking(self, part: Part, key: str) -> list[int]:
        """Return the rank that a part is to come from, if it is not there."""
        return [] if key in self.kept else [self.share.owner(part.number)]

    def _key(self, part: Part) -> str:
        return part.key(with_scores=self.scores)

    def _rows(self, part: Part, answer: Answer) -> list[Row]:
        """Return the rows of a part.

        Raises:
            UserError: An answer is none of the task, or there are no scores.
        """
        if self.scores and answer.scores is None:
            raise UserError(f"system {self.system.name!r} gives no `scores` of classes; leave them out")
        rows: list[Row] = []
        for name, example, prediction in zip(part.ids, part.examples, answer.predictions, strict=True):
            if not self.system.task.is_prediction(prediction, example):
                raise UserError(
                    f"system {self.system.name!r}: {shortened(prediction)} is no prediction of the task "
                    f"{self.system.task.name!r} for example {name}"
                )
            rows.append({ID: name, PREDICTION: prediction})
        if answer.scores is not None:
            for row, values in zip(rows, answer.scores.tolist(), strict=True):
                row[SCORES] = dict(zip(answer.labels, values, strict=True))
        return rows
