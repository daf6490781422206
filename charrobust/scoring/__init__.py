"""Robustness scores with intervals. The names below load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.scoring.attacked_folder.read import read_attacked
    from charrobust.scoring.attacked_folder.write import write_attacked
    from charrobust.scoring.evaluation.evaluate import evaluate, evaluate_versions
    from charrobust.scoring.evaluation.given_predictions import score, score_predictions
    from charrobust.scoring.evaluation.results import Results
    from charrobust.scoring.evaluation.results_file import read_results, write_results
    from charrobust.scoring.fragility.measure import measure_fragility, tag_groups
    from charrobust.scoring.fragility.results import Fragility
    from charrobust.scoring.intervals import Interval, bootstrap, paired_difference, permutation_test, wilson
    from charrobust.scoring.noised import NoisedSentences
    from charrobust.scoring.predicting.predict import predict
    from charrobust.scoring.sensitivity.displacements import WordDisplacements, word_displacements
    from charrobust.scoring.sensitivity.encoders import WordEncoder
    from charrobust.scoring.sensitivity.measure import measure_sensitivity
    from charrobust.scoring.sensitivity.results import Sensitivity
    from charrobust.systems.naming import load_system
    from charrobust.systems.system import System

__all__ = [
    "Fragility",
    "Interval",
    "NoisedSentences",
    "Results",
    "Sensitivity",
    "System",
    "WordDisplacements",
    "WordEncoder",
    "bootstrap",
    "evaluate",
    "evaluate_versions",
    "load_system",
    "measure_fragility",
    "measure_sensitivity",
    "paired_difference",
    "permutation_test",
    "predict",
    "read_attacked",
    "read_results",
    "score",
    "score_predictions",
    "tag_groups",
    "wilson",
    "word_displacements",
    "write_attacked",
    "write_results",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charrobust.scoring.attacked_folder.read": ("read_attacked",),
        "charrobust.scoring.attacked_folder.write": ("write_attacked",),
        "charrobust.scoring.evaluation.evaluate": ("evaluate", "evaluate_versions"),
        "charrobust.scoring.evaluation.given_predictions": ("score", "score_predictions"),
        "charrobust.scoring.evaluation.results": ("Results",),
        "charrobust.scoring.evaluation.results_file": ("read_results", "write_results"),
        "charrobust.systems.naming": ("load_system",),
        "charrobust.systems.system": ("System",),
        "charrobust.scoring.fragility.measure": ("measure_fragility", "tag_groups"),
        "charrobust.scoring.fragility.results": ("Fragility",),
        "charrobust.scoring.intervals": ("Interval", "bootstrap", "paired_difference", "permutation_test", "wilson"),
        "charrobust.scoring.noised": ("NoisedSentences",),
        "charrobust.scoring.predicting.predict": ("predict",),
        "charrobust.scoring.sensitivity.encoders": ("WordEncoder",),
        "charrobust.scoring.sensitivity.measure": ("measure_sensitivity",),
        "charrobust.scoring.sensitivity.results": ("Sensitivity",),
        "charrobust.scoring.sensitivity.displacements": ("WordDisplacements", "word_displacements"),
    },
)
