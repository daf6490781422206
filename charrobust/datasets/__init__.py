"""One way to data: :func:`load_data`, data set cards, formats, and attacks from file to file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.datasets.dataset import DataSet
    from charrobust.datasets.load import load_data

__all__ = ["DataSet", "load_data"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {"charrobust.datasets.dataset": ("DataSet",), "charrobust.datasets.load": ("load_data",)},
)
