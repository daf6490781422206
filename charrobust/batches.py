"""An attack as one callable on batches of columns, for engines that map functions over data sets.

::

    attack = AttackBatch("charbert", "text")
    ray.data.read_parquet(folder).map_batches(attack, batch_format="pyarrow")
    dataset.map(attack, batched=True)                       # of the datasets library
    frame.mapInArrow(attack, frame.schema)                  # of Spark
    attack(pandas_frame)

What becomes of a record depends on the record, the recipe and the seed alone, and not on the batch that it comes in:
all engines write the same values as one process.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from charrobust.datasets.formats.parquet import with_columns
from charrobust.datasets.load import plain_value
from charrobust.errors import UserError
from charrobust.perturb import Attack, Recipe
from charrobust.tasks.answers import plain
from charrobust.tasks.base import Task
from charrobust.tasks.records import Batch, Place, Record
from charrobust.tasks.registry import DEFAULT_TASK, task_class

Columns = str | Sequence[str] | Mapping[str, Any]


class AttackBatch:
    """Attacks batches of records, in whatever they are held; it keeps nothing from one batch to the next.

    It is pickled to the same bytes before and after use, in any process, and carries what the recipe read from files of
    the user's (keyboard layouts, stop words), so that they need not lie on other machines.

    Attributes:
        attack: The attack.
        task: The task, with its columns.
    """

    def __init__(
        self,
        recipe: str | Path | Recipe,
        columns: Columns,
        *,
        task: str = DEFAULT_TASK,
        seed: int | None = None,
        severity: str | float | None = None,
        language: str | Path | None = None,
        protect_patterns: Sequence[str] = (),
    ) -> None:
        """Load the recipe and check the columns.

        Args:
            recipe: A shipped name (``charbert``), one with a language or a severity (``charbert:de``,
                ``charbert@0.5``), a TOML file, or a recipe.
            columns: The column of the text, the two of a pair, or for tagging that of the tokens. All fields of a task
                by name where more is to be said: ``{"texts": ["text"], "label": "label", "id_column": "id"}``, or
                ``"language_column": "lang"`` for records of several languages. Columns that are not named are kept.
            task: Name of the task.
            seed: None takes the recipe's.
            severity: See :meth:`.Recipe.at`; None takes the recipe's.
            language: See :meth:`.Recipe.in_language`; None takes the recipe's.
            protect_patterns: Regular expressions; words that overlap a match stay.

        Raises:
            UserError: The recipe, its severity or language, the task or its columns are not known.
        """
        attack = Attack.load(recipe, severity=severity, seed=seed, language=language, protect_patterns=protect_patterns)
        self.attack, self.task = _alike((attack, _task_of(task, columns)))

    def __call__(self, batch: Any) -> Any:
        """Attack a batch.

        Args:
            batch: An Arrow record batch or table, a data frame of pandas, a mapping of columns (lists or arrays), or an
                iterator over any of these.

        Returns:
            The same of it with the attacked columns in place of their own; for an iterator, an iterator.

        Raises:
            DataError: A record is not what the task asks for; with its number in the batch.
            UserError: It is something else.
        """
        if isinstance(batch, Iterator):
            return map(self, batch)
        if isinstance(batch, Mapping):
            columns = self._attacked(_rows_of(batch))
            return {**batch, **{name: _like(batch[name], values) for name, values in columns.items()}}
        if hasattr(batch, "to_pylist"):
            return with_columns(batch, self._attacked(batch.to_pylist()))
        if hasattr(batch, "assign"):
            columns = self._attacked(_rows_of(dict(batch.items())))
            # By position, whatever the index of the frame is.
            return batch.assign(**{name: _series(values, batch.index) for name, values in columns.items()})
        expected = "an Arrow record batch or table, a data frame, a mapping of columns or an iterator over these"
        raise UserError(f"expected {expected}, got {type(batch).__name__}")

    def __repr__(self) -> str:
        recipe = self.attack.recipe
        return f"AttackBatch({recipe.name!r} at {recipe.severity}, seed {self.attack.seed}, {self.task!r})"

    def _attacked(self, records: list[Record]) -> dict[str, list[Any]]:
        """Return the columns that changed, by name."""
        places = [Place("the batch", f"row {number}") for number in range(1, len(records) + 1)]
        batch = Batch(0, records, places)
        if self.attack.recipe.breaks_tokens:
            self.task.check_followed(batch)
        attacked = self.task.attack_records(batch, self.attack).records
        columns = {}
        for name in records[0] if records else ():
            values = [record[name] for record in attacked]
            if values != [record[name] for record in records]:
                columns[name] = values
        return columns


def _task_of(name: str, columns: Columns) -> Task:
    """Return a task with its columns.

    Raises:
        UserError: The task does not have these, or cannot be told by its texts alone.
    """
    kind = task_class(name)
    if isinstance(columns, Mapping):
        return kind.of_columns(columns)
    return kind.of_texts([columns] if isinstance(columns, str) else columns)


def _alike(value: Any) -> Any:
    """Return a copy of which no two parts are one object.

    Pickle writes an object that it meets again as a reference: two equal values were otherwise pickled to different
    bytes where a text occurs twice in one of them and as two equal texts in the other.
    """
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream)
    pickler.fast = True  # without references
    pickler.dump(value)
    return pickle.loads(stream.getvalue())  # noqa: S301 - what was written one line above


def _rows_of(columns: Mapping[str, Any]) -> list[Record]:
    """Return columns, lists or arrays, as records.

    Raises:
        UserError: They are of different lengths.
    """
    names = list(columns)
    values = [list(map(plain_value, plain(columns[name]))) for name in names]
    if len(set(map(len, values))) > 1:
        lengths = ", ".join(f"{name!r} {len(column)}" for name, column in zip(names, values, strict=True))
        raise UserError(f"the columns of a batch must be of one length, got {lengths}")
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _like(column: Any, values: list[Any]) -> Any:
    """Return values as the column that they take the place of: an array, or a list."""
    if isinstance(column, list):
        return values
    import numpy as np

    array = np.empty(len(values), object)
    array[:] = values
    return array


def _series(values: list[Any], index: Any) -> Any:
    """Return values as a column of a data frame."""
    import pandas as pd

    return pd.Series(values, index=index)
