"""Channels whose linear layers are quantised dynamically, to 8 bits, as PyTorch does for speed on a CPU."""

import pytest
import torch

from tests.models.families import make_batch, make_model

RECOGNISING = {
    "character_rnn": "word",
    "character_entry": "recognised",
    "interaction": "highway",
    "lexicon_size": 50,
    "lexicon_candidates": 4,
}


@torch.no_grad()
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:torch.quantize_per_tensor")
def test_a_channel_that_recognises_words_can_be_quantised():
    model, (ids, mask) = make_model("bert", **RECOGNISING).eval(), make_batch("bert")
    model.lexicon.copy_(torch.arange(50))
    small = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    told, again, exact = (each(ids, mask).last_hidden_state for each in (small, small, model))
    assert torch.equal(told, again)
    assert 0 < (told - exact).abs().max() < 0.5
