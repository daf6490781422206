"""What happens to the words of a block."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb.recipe_files import load_recipe
from charrobust.training.pretraining.noise import (
    MASKINGS,
    block_generator,
    draw_masked,
    draw_noised,
    hide,
    noised_forms,
)
from tests.strategies import WORDS

CHARBERT = load_recipe("charbert")
words = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=60)


def rng(seed=0):
    return block_generator(seed, 0, 0)


def as_arrays(words):
    return np.array([length for length, _ in words]), np.array([spared for _, spared in words])


@given(st.lists(st.booleans(), max_size=80), st.floats(0, 1), st.integers(0, 99))
def test_the_share_is_of_all_words_and_only_changeable_words_are_noised(changeable, share, seed):
    changeable = np.array(changeable, bool)
    noised = draw_noised(rng(seed), changeable, share)
    assert not (noised & ~changeable).any()
    assert noised.sum() == min(round(share * len(changeable)), changeable.sum())


def test_a_uniform_share_leaves_a_third_clean_and_is_anything_up_to_all_elsewhere():
    changeable = np.arange(100) % 2 == 0
    shares = [draw_noised(rng(seed), changeable, "uniform").sum() / 50 for seed in range(2000)]
    assert abs(np.mean(np.array(shares) == 0) - 1 / 3) < 0.04
    noised = [share for share in shares if share > 0]
    assert abs(np.mean(noised) - 0.5) < 0.03
    assert abs(np.var(noised) - 1 / 12) < 0.01
    assert max(shares) > 0.98


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8), min_size=1, max_size=5), st.data())
def test_forms_depend_on_the_block_and_the_epoch_alone(texts, data):
    items = [(1, number) for number in range(len(texts))]
    forms = noised_forms(CHARBERT, 5, items=items, texts=texts)
    order = data.draw(st.permutations(range(len(texts))))
    shuffled = noised_forms(CHARBERT, 5, items=[items[i] for i in order], texts=[texts[i] for i in order])
    assert shuffled == [forms[i] for i in order]
    assert [len(form) for form in forms] == [len(text) for text in texts]


def test_forms_are_drawn_afresh_in_another_epoch_block_or_with_another_seed():
    text = ["unbelievable", "weather"] * 10
    forms = [
        noised_forms(CHARBERT, seed, items=[(epoch, block)], texts=[text])[0]
        for seed, epoch, block in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 1, 10), (0, 11, 0)]
    ]
    assert len(set(map(tuple, forms))) == len(forms)


@pytest.mark.parametrize("masking", MASKINGS)
@given(words=words, share=st.floats(0, 1), seed=st.integers(0, 99))
def test_as_many_tokens_are_masked_as_asked_and_no_spared_word(masking, words, share, seed):
    lengths, spared = as_arrays(words)
    masked = draw_masked(rng(seed), lengths, spared=spared, share=share, masking=masking)
    word = np.repeat(np.arange(len(lengths)), lengths)
    assert not masked[spared[word]].any()
    budget = min(round(share * len(word)), lengths[~spared].sum())
    if masking == "token":
        assert masked.sum() == budget
        return
    whole = np.unique(word[masked])
    assert masked.sum() == lengths[whole].sum()
    assert budget <= masked.sum() < budget + lengths.max()
    assert budget or not masked.any()


@pytest.mark.parametrize("masking", MASKINGS)
def test_every_word_is_masked_about_as_often(masking):
    lengths, spared = np.full(40, 2), np.arange(40) >= 30
    often = (
        sum(draw_masked(rng(seed), lengths, spared=spared, share=0.15, masking=masking) for seed in range(3000)) / 3000
    )
    assert not often[60:].any()
    # words near the ends are begun by fewer spans, as in SpanBERT
    inner = often[20:60]
    assert np.ptp(inner) < 0.06
    assert abs(often.sum() - 12) < 0.1


def test_spans_are_as_long_as_in_spanbert():
    lengths, spared = np.ones(2000, int), np.zeros(2000, bool)
    # so few spans that they hardly ever meet
    found = []
    for seed in range(400):
        masked = draw_masked(rng(seed), lengths, spared=spared, share=0.02, masking="span")
        edges = np.flatnonzero(np.diff(np.concatenate([[0], masked, [0]])))
        found += list(edges[1::2] - edges[::2])
    odds = 0.8 ** np.arange(1, 11)
    expected = (odds / odds.sum() * np.arange(1, 11)).sum()
    assert abs(np.mean(found) - expected) < 0.25
    assert 0.2 < np.mean(np.array(found) == 1) < 0.3


def test_words_alone_are_masked_without_their_neighbours():
    lengths, spared = np.ones(2000, int), np.zeros(2000, bool)
    masked = draw_masked(rng(), lengths, spared=spared, share=0.02, masking="whole-word")
    assert (masked[1:] & masked[:-1]).sum() <= 4


def test_eight_in_ten_are_hidden_one_is_random_and_one_stays():
    tokens = np.full(40_000, 7)
    masked = np.arange(40_000) % 2 == 0
    ordinary = np.array([5, 6, 8, 9])
    shown = hide(rng(), tokens, masked, mask_token=3, ordinary=ordinary)
    assert (shown[~masked] == 7).all()
    shares = {token: np.mean(shown[masked] == token) for token in (3, 7, *ordinary.tolist())}
    assert shares.pop(3) == pytest.approx(0.8, abs=0.01)
    assert shares.pop(7) == pytest.approx(0.1, abs=0.01)
    assert all(share == pytest.approx(0.025, abs=0.005) for share in shares.values())
    assert sum(shares.values()) + np.mean(np.isin(shown[masked], [3, 7])) == 1


def test_a_generator_is_a_block_in_an_epoch():
    draws = {block_generator(*key).random() for key in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]}
    assert len(draws) == 4
    assert block_generator(1, 2, 3).random() == block_generator(1, 2, 3).random()
