"""The convolutional character encoder."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrobust.models import CharBertConfig, CharBertModel
from charrobust.models.character_cnn import FILTERS, CharacterCnn
from tests.models.families import make_batch, make_config, make_model

WORD = st.lists(st.integers(1, 8), max_size=9)
CHANNELS = [
    {"character_rnn": "token"},
    {"character_rnn": "word"},
    {"character_rnn": "word", "character_entry": "recognised", "lexicon_size": 7, "interaction": "highway"},
]


@pytest.fixture(scope="module")
def encoder():
    return make_model("bert", character_encoder="cnn", character_rnn="word").character_encoder


def read(encoder, words, width):
    """Return the vectors of words, each with as many blanks behind it as the width asks for."""
    rows = [word + [0] * (width - len(word)) for word in words]
    with torch.no_grad():
        return encoder.words(torch.tensor(rows))


@given(words=st.lists(WORD, min_size=1, max_size=4), room=st.integers(1, 6))
def test_padding_does_not_leak(encoder, words, room):
    width = max(1, *map(len, words))
    together = read(encoder, words, width + room)
    for word, vector in zip(words, together, strict=True):
        (alone,) = read(encoder, [word], max(1, len(word)))
        assert torch.allclose(vector, alone, atol=1e-5)


def test_the_order_of_characters_and_the_ends_of_words_are_seen(encoder):
    vectors = read(encoder, [[1, 2, 3], [1, 3, 2], [3, 2, 1], [1, 2, 3, 1, 2, 3], [1], [1, 1]], 6)
    assert torch.cdist(vectors, vectors).fill_diagonal_(1.0).min() > 1e-3


def test_a_filter_answers_as_written_out():
    torch.manual_seed(0)
    model = CharacterCnn(make_config("bert", character_rnn="word"), 8)
    word = torch.tensor([[3, 1, 2]])
    embedded = torch.nn.functional.pad(model.embedding(word)[0], (0, 0, 1, 1))  # zeros at both ends
    layer = model.filters[1]
    pairs = torch.stack([embedded[place : place + 2].T for place in range(4)])
    expected = (torch.einsum("pek,oek->po", pairs, layer.weight) + layer.bias).amax(0).relu()
    seen = []
    model.highway.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    model.words(torch.nn.functional.pad(word, (0, 2)))
    begin = FILTERS[1]
    assert torch.allclose(seen[0][0, begin : begin + FILTERS[2]], expected, atol=1e-5)


@pytest.mark.parametrize("options", CHANNELS, ids=str)
def test_hidden_characters_are_not_read(options):
    model, (ids, mask) = make_model("bert", character_encoder="cnn", **options), make_batch("bert")
    seen = torch.ones_like(ids)
    seen[0, 3] = 0
    blanked = make_model("bert", character_encoder="cnn", **options)
    blanked.token_characters[ids[0, 3]] = 0
    with torch.no_grad():
        hidden = model.character_entry(ids[:1], mask[:1], visible=seen[:1]).enter
        expected = blanked.character_entry(ids[:1], mask[:1]).enter
        own = model.get_input_embeddings().weight[ids[:1]]
        assert torch.allclose(hidden(own), expected(own), atol=1e-5)


@pytest.mark.parametrize("options", CHANNELS, ids=str)
def test_it_is_saved_loaded_and_trained(options, tmp_path):
    model, (ids, mask) = make_model("bert", character_encoder="cnn", **options), make_batch("bert")
    model.save_pretrained(tmp_path)
    loaded = CharBertModel.from_pretrained(tmp_path).eval()
    out = loaded(ids, mask).character_last_hidden_state
    # weights read from a file may lie in memory so that products are summed in another order
    assert (out - model(ids, mask).character_last_hidden_state).abs().max() <= 1e-5
    out.square().sum().backward()
    for name, weight in loaded.character_encoder.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
        assert weight.grad.any(), name


def test_new_weights_are_of_their_layers_sizes(encoder):
    for layer in [*encoder.filters, encoder.projection]:
        assert 0.8 < layer.weight.std() * layer.weight[0].numel() ** 0.5 < 1.2


def test_it_reads_no_sequence():
    with pytest.raises(ValueError, match=r"character_encoder = 'cnn' .* expected character_rnn = 'word' or 'token'"):
        CharBertConfig(character_encoder="cnn", character_rnn="sequence")
    with pytest.raises(ValueError, match="character_encoder = 'lstm' is not known; expected one of gru, cnn"):
        CharBertConfig(character_encoder="lstm")
