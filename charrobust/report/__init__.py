"""Reports: tables, plots, and one self-contained page. The names below load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.report.page import write_report
    from charrobust.report.plots import plot_sensitivity, write_plots

__all__ = [
    "plot_sensitivity",
    "write_plots",
    "write_report",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charrobust.report.page": ("write_report",),
        "charrobust.report.plots": ("plot_sensitivity", "write_plots"),
    },
)
