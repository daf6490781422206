"""What a channel reads in the place of words."""

import pytest
import torch
from transformers import AutoTokenizer, BertConfig

from charrobust.models import CharBertModel
from charrobust.systems.channel_readings import recognises_words, word_readings
from tests.models.families import SIZES
from tests.models.test_known_words import SPELLED, WORDS
from tests.models.tokenizers import save_backbone, wordpiece

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    tokenizer = wordpiece()
    config = BertConfig(**{**SIZES, "vocab_size": len(tokenizer)})
    return save_backbone(tmp_path_factory.mktemp("models") / "bert", tokenizer, config)


def test_words_are_read_as_the_recogniser_scores_them(bert):
    model = CharBertModel.from_backbone(bert, **RECOGNISING)
    tokenizer = AutoTokenizer.from_pretrained(bert)
    with torch.no_grad():
        model.recogniser.keep.bias.fill_(-1e4)
        model.recogniser.keys.bias.fill_(0.0)
        model.recogniser.keys.bias[3] = 1e4
    known = tokenizer.decode([int(model.lexicon[3])])
    readings = word_readings(model, tokenizer, "Unbelievable weather, typists")
    assert [reading.word for reading in readings] == ["Unbelievable", "weather", ",", "typists"]
    assert all(reading.known[0] == (known, pytest.approx(1.0)) for reading in readings)
    assert all(reading.own == pytest.approx(0.0) for reading in readings)


def test_shares_are_those_of_a_softmax(bert):
    torch.manual_seed(2)
    model = CharBertModel.from_backbone(bert, **RECOGNISING)
    for reading in word_readings(model, AutoTokenizer.from_pretrained(bert), "the weather"):
        shares = [share for _, share in reading.known]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) + reading.own <= 1 + 1e-5


def test_which_models_recognise_words(bert):
    assert recognises_words(CharBertModel.from_backbone(bert, **RECOGNISING))
    assert not recognises_words(CharBertModel.from_backbone(bert))
    assert not recognises_words(CharBertModel.from_backbone(bert).backbone)


def test_known_words_of_several_tokens_are_spelled(bert):
    torch.manual_seed(0)
    model = CharBertModel.from_backbone(bert, words=WORDS, **SPELLED)
    text = " ".join(WORDS)
    readings = word_readings(model, AutoTokenizer.from_pretrained(bert), text)
    assert [reading.word for reading in readings] == WORDS
    assert [reading.known[0][0] for reading in readings] == WORDS  # each is nearest to its own spelling
