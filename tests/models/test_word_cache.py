"""What is kept of words between calls: nothing that would change a result."""

import copy
import pickle

import pytest
import torch

from charrobust.models.word_cache import WordCache
from tests.models.families import make_batch, make_model

RECOGNISING = {
    "character_rnn": "word",
    "character_entry": "recognised",
    "interaction": "highway",
    "lexicon_size": 50,
    "lexicon_candidates": 4,
}


def recognising(**options):
    model = make_model("bert", **RECOGNISING, **options)
    model.token_roles.copy_(torch.arange(len(model.token_roles)) % 3)
    model.lexicon.copy_(torch.arange(50))
    return model


def words(count, seed=0):
    """Return the characters of words that differ, and whether each is one token."""
    generator = torch.Generator().manual_seed(seed)
    letters = torch.randint(1, 9, (count, 12), generator=generator)
    letters *= torch.arange(12) < torch.randint(1, 12, (count, 1), generator=generator)
    rows = torch.cat([letters, torch.randint(0, 2, (count, 1), generator=generator)], dim=1).unique(dim=0)
    return rows[:, :-1], rows[:, -1].bool()


def read_by(model):
    """Return what looks words up, and the list of how many were read at each call."""
    counts = []

    def read(letters, single):
        counts.append(int((letters[:, 0] != 0).sum()))
        return model._read(letters, single)

    weights = [*model.character_encoder.parameters(), *model.recogniser.parameters()]
    return {"weights": weights, "read": read}, counts


def same(one, other):
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in vars(one))


@torch.no_grad()
def test_words_are_read_once_whatever_blanks_stand_behind_them():
    model, cache = recognising(), WordCache()
    reading, counts = read_by(model)
    letters, single = words(100)
    first = cache.look_up(letters, single, **reading)
    wider = torch.nn.functional.pad(letters, (0, 5))
    assert same(cache.look_up(wider, single, **reading), first)
    assert sum(counts) == len(cache) == len(letters)
    expected = model._read(letters, single)
    assert torch.equal(first.words, expected.words)
    assert torch.allclose(first.scores, expected.scores, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_of_a_word_does_not_depend_on_the_words_before(seed):
    model = recognising()
    reading, _ = read_by(model)
    letters, single = words(150)
    at_once = WordCache().look_up(letters, single, **reading)
    cache, order = WordCache(), torch.randperm(len(letters), generator=torch.Generator().manual_seed(seed))
    for part in order.split(37):
        told = cache.look_up(letters[part], single[part], **reading)
        assert same(told, at_once.at(part))


@torch.no_grad()
def test_the_same_characters_in_one_token_and_in_several_are_two_words():
    model = recognising()
    model.recogniser.known.fill_(3.0)
    reading, _ = read_by(model)
    letters = torch.tensor([[1, 2], [1, 2]])
    told = WordCache().look_up(letters, torch.tensor([True, False]), **reading)
    assert torch.allclose(told.keep[0] - told.keep[1], torch.tensor([3.0]))


@torch.no_grad()
def test_more_words_than_are_kept_begin_anew():
    model, cache = recognising(), WordCache(60)
    reading, counts = read_by(model)
    letters, single = words(100)
    first, second = (letters[:50], single[:50]), (letters[50:100], single[50:100])
    for part in (first, second, first):
        assert same(cache.look_up(*part, **reading), WordCache().look_up(*part, **reading))
    assert len(cache) == 50
    counts.clear()
    cache.look_up(letters, single, **reading)  # more than it may hold: all are read, none is kept
    assert counts == [len(letters)]


@pytest.mark.parametrize("context", [0, 8])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_later_call_returns_what_the_first_did(mode, context):
    model, (ids, mask) = recognising(recogniser_context_size=context), make_batch("bert")
    with mode():
        first = model(ids, mask).last_hidden_state
        assert len(model.word_cache)
        assert torch.equal(model(ids, mask).last_hidden_state, first)
    with torch.no_grad():
        assert torch.equal(model(ids, mask).last_hidden_state, first)
    # With a gradient nothing is kept, and words are read together.
    assert torch.allclose(model(ids, mask).last_hidden_state, first, atol=1e-5)


def changed_in_place(model):
    model.recogniser.keys.bias.data = model.recogniser.keys.bias.data.clone()
    with torch.no_grad():
        model.character_encoder.embedding.weight.mul_(3)


def loaded(model):
    state = {name: value * 2 if name.startswith("recogniser") else value for name, value in model.state_dict().items()}
    model.load_state_dict(state)


def trained(model):
    ids, mask = make_batch("bert")
    optimiser = torch.optim.AdamW(model.recogniser.parameters(), lr=0.1)
    with torch.enable_grad():
        model.train()(ids, mask).last_hidden_state.square().mean().backward()
    optimiser.step()
    model.eval()


def in_double(model):
    model.double()


@pytest.mark.parametrize("change", [changed_in_place, loaded, trained, in_double])
def test_weights_that_change_are_noticed(change):
    model, (ids, mask) = recognising(), make_batch("bert")
    torch.nn.init.normal_(model.interactions[0].gate)
    with torch.no_grad():
        before = model(ids, mask).last_hidden_state
        change(model)
        after = model(ids, mask).last_hidden_state
        fresh = copy.deepcopy(model)
        assert len(fresh.word_cache) == 0
        assert torch.equal(fresh(ids, mask).last_hidden_state, after)
    assert not torch.equal(before.to(after.dtype), after)


def test_nothing_is_kept_in_training_nor_in_files():
    model, (ids, mask) = recognising(), make_batch("bert")
    with torch.no_grad():
        model(ids, mask)
        assert len(pickle.loads(pickle.dumps(model.word_cache))) == 0
        model.train()(ids, mask)
    assert len(model.word_cache) == 0
    assert not [name for name in model.state_dict() if "cache" in name]


@torch.no_grad()
def test_words_are_read_in_full_precision_whatever_the_call_has():
    model, (ids, mask) = recognising(), make_batch("bert")
    with torch.autocast("cpu", torch.bfloat16):
        half = model.character_entry(ids, mask).plausible
    assert len(model.word_cache)
    model.word_cache.forget()
    full = model.character_entry(ids, mask).plausible
    assert same(half, full)
