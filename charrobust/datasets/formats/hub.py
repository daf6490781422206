"""Data sets of the Hugging Face hub, or saved in a local directory, through the ``datasets`` library."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.datasets.formats.base import BLOCK_RECORDS, Block, Writer
from charrobust.datasets.formats.parquet import ArrowRows, ParquetStream, arrow_batch
from charrobust.errors import DataError, UserError, hint
from charrobust.packages import needed_for
from charrobust.tasks.records import Batch


@dataclass(frozen=True)
class Hub(ArrowRows):
    """One split of a data set; written to a directory that ``datasets.load_from_disk`` opens.

    Attributes:
        path: Hub id, or a directory written by ``save_to_disk`` or holding data files.
        split: Which split.
        config: Which configuration, if it has several.
        revision: Which revision of a hub data set.
        data_dir: Which folder of it.
    """

    split: str | None = None
    config: str | None = None
    revision: str | None = None
    data_dir: str | None = None

    @functools.lru_cache(maxsize=1)  # noqa: B019 - kept for the last one alone, which is asked three times
    def _load(self) -> Any:
        datasets = _datasets()
        try:
            if (self.path / "dataset_info.json").is_file() or (self.path / "dataset_dict.json").is_file():
                loaded = datasets.load_from_disk(str(self.path))
            else:
                loaded = datasets.load_dataset(
                    str(self.path), self.config, revision=self.revision, data_dir=self.data_dir
                )
        except Exception as error:  # the library raises errors of many kinds
            # What went wrong with a file is told by the cause of the error alone.
            reason = f"{error}: {error.__cause__}" if error.__cause__ else str(error)
            raise DataError(f"cannot load data set {str(self.path)!r}: {' '.join(reason.split())}") from error
        if not isinstance(loaded, dict):
            return loaded
        if self.split is None and len(loaded) == 1:
            return next(iter(loaded.values()))
        if self.split is None:
            raise UserError(f"data set {str(self.path)!r} has the splits {', '.join(loaded)}; name one with `split`")
        if self.split not in loaded:
            raise UserError(
                f"data set {str(self.path)!r}: unknown split {self.split!r}; {hint(str(self.split), loaded)}"
            )
        return loaded[self.split]

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is an Arrow table."""
        first = 0
        # As Arrow tables, which keep the types of columns for writing; rows of Python values would lose them.
        for table in self._load().with_format("arrow").iter(batch_size=BLOCK_RECORDS):
            yield Block(first, first + 1, table, first + table.num_rows)
            first += table.num_rows

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        return arrow_batch(block, f"data set {self.path}")

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; takes Arrow tables and makes a directory."""
        rows = path.with_name(path.name + ".parquet")
        try:
            with ParquetStream(rows) as stream:
                yield stream
            datasets = _datasets()
            # The library keeps a copy of all that it reads: in a folder of our own, which goes with the Parquet file.
            dataset = datasets.Dataset.from_parquet(str(rows), cache_dir=str(rows) + ".cache")
            dataset.save_to_disk(str(path))
        finally:
            rows.unlink(missing_ok=True)
            shutil.rmtree(str(rows) + ".cache", ignore_errors=True)

    def total(self) -> int:
        """See the base class; counts rows."""
        return len(self._load())

    def class_names(self, column: str) -> tuple[str, ...]:
        """See the base class; they are those of a ``ClassLabel``, or of a list of them."""
        return class_names_of(self._load().features.get(column))


def class_names_of(feature: Any) -> tuple[str, ...]:
    """Return the names of a ``ClassLabel``, or of a list of them; none of another feature.

    Args:
        feature: A feature of the ``datasets`` library.

    Returns:
        The names in the order of their numbers.
    """
    while feature is not None and not hasattr(feature, "names"):
        # Sequence and List hold what is in them as "feature"; older versions write a list of one feature.
        feature = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    return tuple(getattr(feature, "names", None) or ())


def _datasets() -> Any:
    with needed_for("reading hub data sets and saved directories"):
        import datasets
    datasets.disable_progress_bars()
    return datasets
