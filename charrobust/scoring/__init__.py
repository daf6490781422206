"""Robustness scores with intervals. The names below load on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from charrobust.scoring.data import DataSet, plain_data, read_data
    from charrobust.scoring.encoders import WordEncoder
    from charrobust.scoring.evaluation import evaluate, evaluate_versions
    from charrobust.scoring.fragility import measure_fragility, tag_groups
    from charrobust.scoring.fragility_results import Fragility
    from charrobust.scoring.intervals import Interval, bootstrap, paired_difference, permutation_test, wilson
    from charrobust.scoring.noised import NoisedSentences
    from charrobust.scoring.results import Results
    from charrobust.scoring.results_file import read_results, write_results
    from charrobust.scoring.sensitivity import measure_sensitivity
    from charrobust.scoring.sensitivity_results import Sensitivity
    from charrobust.scoring.shifts import WordShifts, word_shifts
    from charrobust.scoring.systems import System, load_system

_HOMES = {
    "data": ("DataSet", "plain_data", "read_data"),
    "encoders": ("WordEncoder",),
    "evaluation": ("evaluate", "evaluate_versions"),
    "fragility": ("measure_fragility", "tag_groups"),
    "fragility_results": ("Fragility",),
    "intervals": ("Interval", "bootstrap", "paired_difference", "permutation_test", "wilson"),
    "noised": ("NoisedSentences",),
    "results": ("Results",),
    "results_file": ("read_results", "write_results"),
    "sensitivity": ("measure_sensitivity",),
    "sensitivity_results": ("Sensitivity",),
    "shifts": ("WordShifts", "word_shifts"),
    "systems": ("System", "load_system"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "DataSet",
    "Fragility",
    "Interval",
    "NoisedSentences",
    "Results",
    "Sensitivity",
    "System",
    "WordEncoder",
    "WordShifts",
    "bootstrap",
    "evaluate",
    "evaluate_versions",
    "load_system",
    "measure_fragility",
    "measure_sensitivity",
    "paired_difference",
    "permutation_test",
    "plain_data",
    "read_data",
    "read_results",
    "tag_groups",
    "wilson",
    "word_shifts",
    "write_results",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"charrobust.scoring.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'charrobust.scoring' has no attribute {name!r}")
