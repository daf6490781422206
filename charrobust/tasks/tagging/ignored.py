"""Ignored tags: tokens of which nobody says what is right (null, -100); they count for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from charrobust.tasks.metrics import Array, Metric
from charrobust.tasks.tagging.schemes import OUTSIDE

Tags = Sequence[Any]


def has_ignored(targets: Sequence[Tags]) -> bool:
    """Tell whether any tag is ignored."""
    return any(None in tags for tags in targets)


def without_ignored(targets: Sequence[Tags], predictions: Sequence[Tags]) -> tuple[list[Tags], list[Tags]]:
    """Return tags and predictions without those tokens whose tag is ignored."""
    kept_targets: list[Tags] = []
    kept_predictions: list[Tags] = []
    for tags, predicted in zip(targets, predictions, strict=True):
        pairs = [pair for pair in zip(tags, predicted, strict=True) if pair[0] is not None]
        kept_targets.append([tag for tag, _ in pairs])
        kept_predictions.append([tag for _, tag in pairs])
    return kept_targets, kept_predictions


def blanked(targets: Sequence[Tags], predictions: Sequence[Tags]) -> tuple[list[Tags], list[Tags]]:
    """Return tags and predictions, both ``O`` where the tag is ignored, so that tokens keep their places."""
    blank_targets: list[Tags] = []
    blank_predictions: list[Tags] = []
    for tags, predicted in zip(targets, predictions, strict=True):
        pairs = zip(tags, predicted, strict=True)
        blank_predictions.append([OUTSIDE if tag is None else prediction for tag, prediction in pairs])
        blank_targets.append([OUTSIDE if tag is None else tag for tag in tags])
    return blank_targets, blank_predictions


def ignoring(metric: Metric) -> Metric:
    """Return a metric of tags that leaves out ignored ones."""

    def statistics(targets: Sequence[Any], predictions: Sequence[Any]) -> Array:
        if has_ignored(targets):
            targets, predictions = without_ignored(targets, predictions)
        return metric.statistics(targets, predictions)

    return replace(metric, statistics=statistics)
