"""Reports: tables, plots, and one self-contained page.

The names below load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from charrobust.report.page import write_report
    from charrobust.report.plots import plot_sensitivity, write_plots

__all__ = ["plot_sensitivity", "write_plots", "write_report"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'charrobust.report' has no attribute {name!r}")
    module = "page" if name == "write_report" else "plots"
    return getattr(importlib.import_module(f"charrobust.report.{module}"), name)
