"""What an attack takes from predictions of classes, as a metric of the library ``evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charrobust.packages import needed_for
from charrobust.scoring.intervals import Interval, paired_difference, wilson
from charrobust.tasks.classification.metrics import ACCURACY, equal
from charrobust.tasks.metrics import score

_DESCRIPTION = "Accuracy on clean and on attacked texts, what is lost, and how often the attack succeeds."
_INPUTS = """Args:
    predictions: A class for each clean text.
    attacked_predictions: A class for each text as it was attacked, in the same order.
    references: The right classes.
"""


def robustness_metric() -> Any:
    """Return a metric of the library ``evaluate`` that compares predictions for clean and attacked texts.

    Its ``compute(predictions=, attacked_predictions=, references=)`` takes classes by name or number, and returns
    ``accuracy``, ``attacked_accuracy``, ``lost`` and ``success`` (the share of right texts that the attack made wrong;
    None where none was right), the latter two with the ends of their 95 % intervals, as ``lost_low``. It goes into
    ``evaluate.combine`` beside others.

    Returns:
        An ``evaluate.Metric``.

    Raises:
        UserError: The library is not installed.
    """
    with needed_for("a metric of the library evaluate"):
        import datasets
        import evaluate

    class Robustness(evaluate.Metric):  # type: ignore[misc]  # the library is untyped
        """See the function around it."""

        def _info(self) -> Any:
            names = ("predictions", "attacked_predictions", "references")
            # Classes by number or by name.
            values = (datasets.Value("int64"), datasets.Value("string"))
            features = [datasets.Features(dict.fromkeys(names, value)) for value in values]
            return evaluate.MetricInfo(
                description=_DESCRIPTION, citation="", inputs_description=_INPUTS, features=features
            )

        def _compute(
            self, predictions: Sequence[Any], attacked_predictions: Sequence[Any], references: Sequence[Any]
        ) -> dict[str, float | None]:
            return robustness(predictions, attacked_predictions, references)

    return Robustness(config_name="robustness")


def robustness(
    predictions: Sequence[Any], attacked_predictions: Sequence[Any], references: Sequence[Any]
) -> dict[str, float | None]:
    """Return what an attack took from predictions of classes.

    Args:
        predictions: A class for each clean text.
        attacked_predictions: A class for each attacked text.
        references: The right classes.

    Returns:
        See :func:`robustness_metric`.

    Raises:
        DataError: There are fewer than two examples.
    """
    versions = {"accuracy": predictions, "attacked_accuracy": attacked_predictions}
    clean, attacked = (ACCURACY.statistics(references, given) for given in versions.values())
    found: dict[str, float | None] = {name: score(ACCURACY, references, given) for name, given in versions.items()}
    found |= _with_ends("lost", paired_difference(ACCURACY, clean, attacked))
    was_right, is_right = equal(references, predictions), equal(references, attacked_predictions)
    if not was_right.any():
        return found | dict.fromkeys(("success", "success_low", "success_high"))
    turned = int((was_right & ~is_right).sum())
    return found | _with_ends("success", wilson(turned, int(was_right.sum())))


def _with_ends(name: str, interval: Interval) -> dict[str, float | None]:
    """Return an estimate and its ends by their names."""
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
