"""Words in context: their order, what a text says of a word, and the noisy LM over the lexicon."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrobust.models import CharBertConfig, CharBertForPreTraining, CharBertModel
from charrobust.models.characters import BEGINS, CONTINUES
from charrobust.models.recognition import Plausible, noisy_lm_loss
from charrobust.models.word_context import WordContext, WordOrder
from tests.models.families import make_batch, make_model

RECOGNISING = {
    "character_rnn": "word",
    "character_entry": "recognised",
    "interaction": "highway",
    "lexicon_size": 9,
    "lexicon_candidates": 4,
}


@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4))
def test_words_are_found_by_the_tokens_that_begin_them(rows):
    order = WordOrder.of(torch.tensor(rows))
    for row, begins in enumerate(rows):
        first = [place for place, begin in enumerate(begins) if begin]
        assert int(order.count[row]) == len(first)
        assert order.first[row, : len(first)].tolist() == first
        for place in range(5):
            assert int(order.number[row, place]) == max(0, sum(begins[: place + 1]) - 1)


def said(context, embeddings, begins):
    with torch.no_grad():
        expected, keep = context(embeddings, WordOrder.of(begins))
    return torch.cat([expected, keep], -1)


@pytest.fixture
def context():
    torch.manual_seed(3)
    return WordContext(embedding=6, size=7)


def text(length, seed=0):
    return torch.randn(1, length, 6, generator=torch.Generator().manual_seed(seed))


def test_a_word_is_told_by_others_and_not_by_itself(context):
    embeddings = text(6)
    begins = torch.ones(1, 6, dtype=torch.bool)
    before = said(context, embeddings, begins)
    embeddings[0, 2] += 1
    change = (said(context, embeddings, begins) - before).abs().amax(-1)[0]
    assert change[2] == 0
    assert (change[[0, 1, 3, 4, 5]] > 0).all()


@torch.no_grad()
def test_all_tokens_of_a_word_are_told_the_same():
    model, (ids, mask) = recogniser().charbert, make_batch("bert")
    roles = torch.full((model.config.vocab_size,), BEGINS, dtype=torch.int8)
    roles[ids[0, 3]] = CONTINUES
    model.token_roles.copy_(roles)
    entry = model.character_entry(ids, mask)
    assert entry.words.continues[0, 3]
    for told in (entry.expected, entry.plausible.scores, entry.plausible.keep):
        assert torch.equal(told[0, 2], told[0, 3])
        assert not torch.equal(told[0, 2], told[0, 4])


def test_padding_says_nothing(context):
    embeddings = text(8)
    begins = torch.ones(1, 8, dtype=torch.bool)
    begins[0, 5:] = False
    longer = torch.cat([text(8, 1), embeddings])
    both = said(context, longer, torch.cat([torch.ones(1, 8, dtype=torch.bool), begins]))
    alone = said(context, embeddings[:, :5], begins[:, :5])
    assert torch.allclose(both[1, :5], alone[0], atol=1e-6)


def test_a_new_context_changes_nothing():
    ids, mask = make_batch("bert")
    plain = make_model("bert", **RECOGNISING)
    config = CharBertConfig.from_dict(plain.config.to_dict() | {"recogniser_context_size": 8})
    model = CharBertModel(config).train(mode=False)
    model.load_state_dict(plain.state_dict(), strict=False)
    with torch.no_grad():
        assert torch.allclose(model(ids, mask)[1], plain(ids, mask)[1], atol=1e-6)
        model.context.expects.weight.normal_()
        assert not torch.allclose(model(ids, mask)[1], plain(ids, mask)[1], atol=1e-3)


def some(words, scores, keep, single):
    return Plausible(
        torch.tensor(words),
        torch.tensor(scores),
        torch.tensor(keep).unsqueeze(1),
        torch.tensor(single),
    )


def test_the_noisy_lm_counts_every_right_answer():
    plausible = some(
        [[4, 7], [4, 7], [4, 7], [4, 7], [4, 7]],
        [[1.0, 2.0]] * 5,
        [0.5] * 5,
        [False, False, True, True, False],
    )
    # noised 7; noised but not among the plausible; itself, which is word 4; itself, unknown, twice
    targets, own = torch.tensor([7, 5, -1, -1, -1]), torch.tensor([-1, -1, 4, -1, -1])
    shares = torch.tensor([1.0, 2.0, 0.5]).softmax(0)
    right = [shares[1], shares[0] + shares[2], shares[2], shares[2]]
    expected = -torch.stack(right).log().mean()
    assert torch.allclose(noisy_lm_loss(plausible, targets, own), expected)
    assert noisy_lm_loss(plausible.at(torch.tensor([1])), targets[1:2], own[1:2]) == 0


def test_the_best_word_is_one_of_the_plausible_or_the_own_tokens():
    plausible = some([[4, 7], [4, 7]], [[1.0, 2.0]] * 2, [0.5, 3.0], [True, True])
    assert plausible.best.tolist() == [7, -1]


def recogniser(family="bert"):
    model = make_model(family, CharBertForPreTraining, **RECOGNISING, recogniser_context_size=8)
    model.charbert.lexicon.copy_(torch.arange(9) + 20)
    model.charbert.context.expects.weight.data.normal_()
    return model.train(mode=False)


@pytest.mark.parametrize("family", ["bert", "longformer"])
def test_the_noisy_lm_of_a_recogniser_needs_no_transformer(family):
    model = recogniser(family)
    ids, mask = make_batch(family)
    labels = torch.full_like(ids, -100)
    labels[:, 2:5] = -1
    labels[:, 3] = 2
    with torch.no_grad():
        whole = model(ids, mask, word_labels=labels)
        words = model(ids, mask, word_labels=labels, only_words=True)
    assert torch.equal(whole.nlm_loss, words.nlm_loss)
    assert torch.equal(whole.words, words.words)
    assert whole.nlm_loss > 0
    assert words.last_hidden_state is None
    assert words.words.shape == (int((labels != -100).sum()),)
    assert model(ids, mask).nlm_loss is None


def test_its_loss_reaches_the_context_and_the_characters():
    model = recogniser()
    ids, mask = make_batch("bert")
    labels = torch.full_like(ids, -100)
    labels[:, 2:5] = -1
    model(ids, mask, word_labels=labels, only_words=True).loss.backward()
    body = model.charbert
    for weight in (body.context.read.weight, body.recogniser.keys.weight, body.character_encoder.embedding.weight):
        assert weight.grad.abs().sum() > 0


def test_words_alone_need_a_channel_that_recognises_them():
    model = make_model("bert", CharBertForPreTraining)
    ids, mask = make_batch("bert")
    with pytest.raises(ValueError, match="only_words needs a channel that recognises words"):
        model(ids, mask, only_words=True)
