"""Intervals cover what they should, differences are paired, and tests say what they should."""

from inspect import signature

import numpy as np
import pytest
from scipy import stats

from charrobust.scoring import intervals
from charrobust.scoring.intervals import bootstrap, paired_difference, permutation_test, resample, wilson
from charrobust.tasks.classification.metrics import ACCURACY
from charrobust.tasks.metrics import Metric, mean_of, with_ones
from charrobust.tasks.regression.metrics import PEARSON
from tests.tasks.data import task_of

# SciPy 1.15 gave the argument another name.
GENERATOR = "rng" if "rng" in signature(stats.bootstrap).parameters else "random_state"
MEAN = Metric("mean", lambda targets, predictions: with_ones(predictions), mean_of)


def means(values):
    return MEAN.statistics(values, values)


def test_a_mean_has_the_interval_that_scipy_gives_it():
    values = np.random.default_rng(0).exponential(size=60)
    found = bootstrap(MEAN, means(values), resamples=20_000)
    generator = {GENERATOR: np.random.default_rng(1)}
    wanted = stats.bootstrap((values,), np.mean, n_resamples=20_000, **generator).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(tuple(wanted), abs=0.01)


def test_a_correlation_has_the_interval_that_scipy_gives_it():
    rng = np.random.default_rng(2)
    x = rng.normal(size=80)
    y = x + rng.normal(size=80)
    found = bootstrap(PEARSON, PEARSON.statistics(x, y), resamples=20_000)
    wanted = stats.bootstrap(
        (x, y), lambda x, y: stats.pearsonr(x, y).statistic, paired=True, vectorized=False, n_resamples=4_000,
        **{GENERATOR: np.random.default_rng(1)},
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx(tuple(wanted), abs=0.02)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_intervals_cover_the_truth_as_often_as_they_say(share):
    rng = np.random.default_rng(0)
    draws = rng.random((300, 100)) < share
    found = [bootstrap(MEAN, means(draw), resamples=1_000, seed=seed) for seed, draw in enumerate(draws)]
    assert 0.91 < np.mean([interval.low <= share <= interval.high for interval in found]) < 0.98


def test_a_difference_is_paired():
    clean = np.array([1.0] * 90 + [0.0] * 10)
    attacked = np.array([1.0] * 60 + [0.0] * 40)
    lost = paired_difference(MEAN, means(clean), means(attacked))
    assert lost.value == pytest.approx(0.3)
    assert 0.19 < lost.low < 0.25
    assert 0.35 < lost.high < 0.41
    assert paired_difference(MEAN, means(clean), means(attacked)) == lost
    shifted = np.linspace(0, 1, 100)
    apart = paired_difference(MEAN, means(shifted + 0.25), means(shifted))
    assert (apart.low, apart.high) == pytest.approx((0.25, 0.25))


def test_no_difference_at_all():
    same = means([1.0, 0.0])
    assert paired_difference(MEAN, same, same) == intervals.Interval(0, 0, 0)
    assert bootstrap(MEAN, means([1.0, 1.0, 1.0])) == intervals.Interval(1, 1, 1)


def test_equal_seeds_give_equal_intervals_however_many_are_held_at_once(monkeypatch):
    values = means(np.random.default_rng(3).random(50))
    whole = resample([(MEAN, values), (MEAN, 1 - values)], resamples=200, seed=4)
    monkeypatch.setattr(intervals, "_CELLS", 60)
    parts = resample([(MEAN, values), (MEAN, 1 - values)], resamples=200, seed=4)
    for one, other in zip(whole, parts, strict=True):
        assert np.allclose(one.resamples, other.resamples)
    assert bootstrap(MEAN, values, seed=5) != bootstrap(MEAN, values, seed=6)
    assert permutation_test(MEAN, values, values[::-1], permutations=99) == permutation_test(
        MEAN, values, values[::-1], permutations=99
    )


def test_the_permutation_test_agrees_with_that_of_signs():
    rng = np.random.default_rng(0)
    first = rng.random(40)
    second = first + rng.normal(0.1, 0.3, 40)
    wanted = stats.permutation_test(
        (first, second), lambda x, y, axis: (x - y).mean(axis), permutation_type="samples", vectorized=True,
        **{GENERATOR: rng},
    ).pvalue  # fmt: skip
    assert permutation_test(MEAN, means(first), means(second)) == pytest.approx(wanted, abs=0.02)


def test_p_values_are_uniform_where_nothing_differs():
    rng = np.random.default_rng(1)
    draws = rng.random((200, 2, 60)) < 0.7
    found = [permutation_test(MEAN, means(a), means(b), permutations=499, seed=i) for i, (a, b) in enumerate(draws)]
    assert np.mean(np.array(found) <= 0.1) < 0.16
    assert np.mean(np.array(found) > 0.5) > 0.35


def test_clear_and_absent_differences():
    good, bad = means([1.0] * 50), means([1.0] * 20 + [0.0] * 30)
    assert permutation_test(MEAN, good, bad) == 1 / 10_000
    assert permutation_test(MEAN, good, good) == 1


def test_exchanging_systems_changes_no_p_value():
    targets = ["a", "b", "c"] * 20
    rng = np.random.default_rng(0)
    first, second = ([str(c) for c in rng.choice(list("abc"), 60)] for _ in range(2))
    for metric in task_of("classification").metrics(targets):
        one, other = (metric.statistics(targets, said) for said in (first, second))
        forward, back = permutation_test(metric, one, other), permutation_test(metric, other, one)
        assert forward == pytest.approx(back, abs=0.02)


def test_shares_have_the_wilson_interval():
    share = wilson(8, 10)
    # Wilson's formula with z = 1.959964
    assert (share.value, share.low, share.high) == pytest.approx((0.8, 0.49016, 0.94332), abs=1e-4)
    assert wilson(0, 10).low == 0


def test_accuracy_of_few_classes_runs_through_all_of_it():
    targets, said = ["a", "b"] * 30, ["a", "a"] * 30
    found = bootstrap(ACCURACY, ACCURACY.statistics(targets, said))
    assert found.low < found.value == 0.5 < found.high
