"""Encoders of encoder-decoders, T5 and UMT5, put under a character channel as they are published: with a decoder."""

import math

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForTextEncoding,
    AutoTokenizer,
    T5Config,
    T5ForConditionalGeneration,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

from charrobust.models import CharBertForMaskedLM, CharBertForTokenClassification, CharBertModel
from tests.models.families import make_batch, make_model
from tests.models.tokenizers import sentencepiece

SIZES = {"d_model": 32, "num_layers": 3, "num_heads": 4, "d_kv": 8, "d_ff": 37}
PUBLISHED = {"t5": (T5ForConditionalGeneration, T5Config), "umt5": (UMT5ForConditionalGeneration, UMT5Config)}


@pytest.fixture(params=PUBLISHED)
def backbone(request, tmp_path):
    """A model with encoder, decoder and head, and its tokenizer."""
    model_class, config_class = PUBLISHED[request.param]
    tokenizer = sentencepiece()
    torch.manual_seed(4)
    model_class(config_class(vocab_size=len(tokenizer), **SIZES)).save_pretrained(tmp_path / "published")
    tokenizer.save_pretrained(tmp_path / "published")
    return tmp_path / "published"


def test_the_encoder_is_taken_and_left_as_it_is(backbone):
    model = CharBertModel.from_backbone(backbone).eval()
    plain = AutoModelForTextEncoding.from_pretrained(backbone).eval()
    assert not any("decoder" in name for name, _ in model.named_parameters())
    batch = AutoTokenizer.from_pretrained(backbone)(
        ["wonderful weather", "typing errors change words"], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        found = model(**batch).last_hidden_state
        expected = plain(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    assert (found - expected)[batch["attention_mask"].bool()].abs().max() <= 1e-5


def test_models_are_saved_and_loaded(backbone, tmp_path):
    model = CharBertForTokenClassification.from_backbone(backbone, num_labels=3, interaction="released").eval()
    model.save_pretrained(tmp_path / "saved")
    loaded = CharBertForTokenClassification.from_pretrained(tmp_path / "saved").eval()
    ids = torch.tensor([[7, 8, 9, 4]])
    with torch.no_grad():
        # weights read from a file may lie in memory so that products are summed in another order
        assert (loaded(ids).logits - model(ids).logits).abs().max() <= 1e-5
    assert isinstance(AutoModel.from_pretrained(tmp_path / "saved"), CharBertModel)
    weight = loaded.charbert.backbone.encoder.embed_tokens.weight
    assert weight is loaded.get_input_embeddings().weight


@pytest.mark.parametrize("name", PUBLISHED)
def test_characters_still_enter_when_the_vocabulary_has_grown(name):
    model = make_model(name, CharBertForMaskedLM, interaction="released")
    ids, mask = make_batch(name)
    with torch.no_grad():
        before = model.charbert(ids, mask).character_last_hidden_state
        model.resize_token_embeddings(105)
        assert torch.equal(model.charbert(ids, mask).character_last_hidden_state, before)
    assert model(torch.tensor([[104, 7]])).logits.shape == (1, 2, 105)
    assert model.lm_head.decoder.weight is model.get_input_embeddings().weight
    assert model.charbert.backbone.encoder.embed_tokens is model.get_input_embeddings()


@pytest.mark.parametrize("name", PUBLISHED)
def test_scores_of_tokens_begin_small(name):
    # word embeddings of T5 have a standard deviation of 1: unscaled, scores by them would spread by more than 5
    model = make_model(name, CharBertForMaskedLM)
    ids, mask = make_batch(name)
    assert model(ids, mask, labels=ids).loss < 1.5 * math.log(99)
