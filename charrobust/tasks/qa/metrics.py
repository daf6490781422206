"""Metrics of answers: exact match and F1 of words, as the official SQuAD 2.0 script has them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from charrobust.tasks.metrics import Array, Metric, mean_of, with_ones

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def qa_metrics() -> tuple[Metric, ...]:
    """Return the metrics of question answering: F1 and exact match."""
    return ANSWER_F1, EXACT_MATCH


@lru_cache(maxsize=1 << 16)  # each metric, and the scores of examples, ask for the same answers
def normalised(answer: str) -> str:
    """Return an answer in lower case, without punctuation, articles and superfluous blanks."""
    # In the order of the official script: "a." is an article only once its full stop has gone.
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_NO_PUNCTUATION)).split())


def _exact(gold: str, said: str) -> float:
    return float(gold == said)


def _word_f1(gold: str, said: str) -> float:
    """Return F1 of the words of two normalised answers; where one is empty, whether both are."""
    gold_words, said_words = gold.split(), said.split()
    if not gold_words or not said_words:
        return float(gold_words == said_words)
    # The intersection of multisets: a word said twice is right twice only if it is twice in the answer.
    common = (Counter(gold_words) & Counter(said_words)).total()
    # 2PR / (P + R), with P = common / said and R = common / gold.
    return 2 * common / (len(gold_words) + len(said_words))


def _best(compare: Callable[[str, str], float], answers: Sequence[str], prediction: str) -> float:
    """Return the best score against any of the right answers; without one, against the empty answer."""
    said = normalised(prediction)
    # As the official script has it, an answer of nothing but articles and marks is none.
    golds = [gold for gold in map(normalised, answers) if gold] or [""]
    return max(compare(gold, said) for gold in golds)


def exact_matches(targets: Sequence[Sequence[str]], predictions: Sequence[str]) -> Array:
    """Return for each question whether the prediction equals a right answer, both normalised."""
    pairs = zip(targets, predictions, strict=True)
    return np.fromiter((_best(_exact, answers, said) for answers, said in pairs), np.float64, len(targets))


def answer_f1(targets: Sequence[Sequence[str]], predictions: Sequence[str]) -> Array:
    """Return for each question the best F1 of words against a right answer."""
    pairs = zip(targets, predictions, strict=True)
    return np.fromiter((_best(_word_f1, answers, said) for answers, said in pairs), np.float64, len(targets))


def _exact_statistics(targets: Sequence[Sequence[str]], predictions: Sequence[str]) -> Array:
    return with_ones(exact_matches(targets, predictions))


def _f1_statistics(targets: Sequence[Sequence[str]], predictions: Sequence[str]) -> Array:
    return with_ones(answer_f1(targets, predictions))


EXACT_MATCH = Metric("exact match", _exact_statistics, mean_of)
ANSWER_F1 = Metric("F1", _f1_statistics, mean_of)
