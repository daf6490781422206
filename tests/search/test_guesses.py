"""Guesses, against a Gaussian process of all moves that is written out here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.search import guesses
from charrobust.search.guesses import Guesses


def posterior(words, places, operators, estimates, asked, harms):
    """Return the mean of the harm of each move, of its estimate left and of what is unseen, and its variance."""
    letters = places / len(np.unique(operators))
    same_word = words[:, None] == words
    prior = same_word * (
        guesses._OF_WORD
        + guesses._NEARBY * np.exp(-np.abs(letters[:, None] - letters) / guesses._NEAR)
        + guesses._OF_PLACE * (places[:, None] == places)
        + guesses._OF_OPERATOR * (operators[:, None] == operators)
    )
    seen = prior[np.ix_(asked, asked)] + guesses._NOISE * np.eye(len(asked))
    weights = np.linalg.solve(seen, prior[asked]).T
    left = estimates - weights @ estimates[asked]
    variance = prior.diagonal() - np.einsum("ma,am->m", weights, prior[asked])
    return weights @ harms, left, 1 - weights.sum(1), variance


def order_of(words, places, operators, estimates, asked, harms):
    """Return the promise of each move, as the process has it."""
    mean, left, unseen, variance = posterior(words, places, operators, estimates, asked, harms)
    square = estimates[asked] @ estimates[asked]
    slope = max(0.0, estimates[asked] @ harms / square) if square else 0.0
    scale = np.sqrt(np.mean((harms - slope * estimates[asked]) ** 2))
    hopes = guesses._UNSEEN * unseen + guesses._BOLD * np.sqrt(np.clip(variance, 0, None))
    promise = mean + slope * left + scale * hopes
    promise[asked] = -np.inf
    return promise


moves = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=24)


@given(moves, st.integers(0, 2**32 - 1), st.booleans())
def test_what_is_learnt_is_a_gaussian_process_of_all_moves(columns, seed, has_estimates):
    rng = np.random.default_rng(seed)
    words, spots, operators = np.array(sorted(columns)).T
    # Words are numbered without gaps, and no two share a place.
    words = np.unique(words, return_inverse=True)[1]
    places = np.unique(words * 4 + spots, return_inverse=True)[1]
    estimates = rng.normal(size=len(words)) * has_estimates
    asked = rng.permutation(len(words))[:3]
    harms = rng.normal(size=3)
    learnt = Guesses(words, places, operators, estimates if has_estimates else None)
    for move, harm in zip(asked.tolist(), harms.tolist(), strict=True):
        learnt.learn(move, harm)
    promise = order_of(words, places, operators, estimates, asked, harms)
    found = learnt.best(len(words))
    assert sorted([*found, *asked.tolist()]) == list(range(len(words)))
    assert promise[found] == pytest.approx(np.sort(promise)[::-1][: len(found)], abs=1e-9)


def test_moves_of_one_kind_are_guessed_alike_and_keep_their_order():
    words, places, operators = np.zeros(6, int), np.array([0, 0, 0, 1, 1, 1]), np.zeros(6, int)
    learnt = Guesses(words, places, operators, None)
    learnt.learn(4, 1.0)
    # What least is known of first; of equal ones the first first.
    assert learnt.best(6) == [0, 1, 2, 3, 5]
    assert learnt.best(2) == [0, 1]


def test_nothing_to_guess():
    nothing = np.zeros(0, int)
    assert Guesses(nothing, nothing, nothing, None).best(4) == []
