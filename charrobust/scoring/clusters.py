"""Means over words with intervals over sentences: the words of a sentence do not vary independently."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from charrobust.scoring.intervals import Interval, check_confidence


def mean_over_words(values: NDArray[Any], sentence: NDArray[np.int64], *, confidence: float = 0.95) -> Interval:
    """Return the mean of a value between 0 and 1 over words, with an interval by Student's t over sentences.

    The standard error is that of a ratio of sums over sentences (Cochran, Sampling Techniques, 1977, section 6.4).

    Args:
        values: The value of each word, shape (words,), one at least.
        sentence: The number of its sentence, same shape.
        confidence: Confidence level.

    Returns:
        The interval; 0 to 1 where all words are of one sentence, which tells nothing of others.

    Raises:
        UserError: The level does not lie between 0 and 1.
    """
    check_confidence(confidence)
    mean = float(values.mean(dtype=np.float64))
    # What a sentence adds to the error of the mean is the sum of its words' deviations: words that err together count
    # together, however many they are.
    deviations = np.zeros(int(sentence.max()) + 1)
    # Not `deviations[sentence] += ...`, which would add one word of each sentence and lose the others.
    np.add.at(deviations, sentence, values - mean)
    sentences = len(np.unique(sentence))
    if sentences < 2:
        return Interval(mean, 0.0, 1.0)
    # The deviations sum to 0 over all sentences, so their squares give the variance; n / (n - 1) makes it unbiased.
    variance = (deviations**2).sum() * sentences / (sentences - 1)
    error = np.sqrt(variance) / len(values)
    reach = float(stats.t.ppf((1 + confidence) / 2, sentences - 1) * error)
    return Interval(mean, max(0.0, mean - reach), min(1.0, mean + reach))
