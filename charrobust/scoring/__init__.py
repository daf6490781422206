"""Scores with intervals."""

from charrobust.scoring.accuracy import Interval, accuracy, paired_loss

__all__ = ["Interval", "accuracy", "paired_loss"]
