"""Linear probes on frozen encoders."""

import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification

from charrobust.models.probes import (
    ProbeConfig,
    ProbeForQuestionAnswering,
    ProbeForSequenceClassification,
    ProbeForTokenClassification,
)
from tests.models.families import BACKBONES, make_batch, make_model

KINDS = (ProbeForSequenceClassification, ProbeForTokenClassification, ProbeForQuestionAnswering)


def make_encoder(name):
    torch.manual_seed(1)
    if name == "charbert":
        return make_model("bert")
    if name == "merging charbert":
        return make_model("bert", interaction_layers=[0])
    return AutoModel.from_config(BACKBONES[name]).eval()


ENCODERS = ("bert", "roberta", "distilbert", "charbert", "merging charbert")


@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("name", ENCODERS)
def test_only_what_is_new_learns(name, mix):
    encoder = make_encoder(name)
    model = ProbeForTokenClassification.from_encoder(encoder, mix=mix, num_labels=3).train()
    assert not any(module.training for module in model.encoder.modules())
    ids, mask = make_batch("bert")
    out = model(ids, mask)
    assert out.logits.shape == (4, 11, 3)
    out.logits.sum().backward()
    graded = {key for key, value in model.named_parameters() if value.grad is not None}
    assert graded == {"head.weight", "head.bias"} | ({"layer_weights", "scale"} if mix else set())
    before = encoder.state_dict()
    assert all(before[key].equal(value) for key, value in model.encoder.state_dict().items())


def test_what_is_read():
    encoder = make_encoder("bert")
    ids, mask = make_batch("bert")
    out = encoder(ids, mask, output_hidden_states=True)
    last = ProbeForTokenClassification.from_encoder(encoder, mix=False).features(ids, mask, None)
    assert last.equal(out.last_hidden_state)
    model = ProbeForTokenClassification.from_encoder(encoder, mix=True)
    mean = torch.stack(out.hidden_states).mean(0)
    assert torch.allclose(model.features(ids, mask, None), mean, atol=1e-6)
    with torch.no_grad():
        model.layer_weights[2], model.scale[()] = 50.0, 2.0
    assert torch.allclose(model.features(ids, mask, None), 2 * out.hidden_states[2], atol=1e-6)


def test_both_channels_are_read():
    ids, mask = make_batch("bert")
    for name, channels in (("charbert", 2), ("merging charbert", 1)):
        encoder = make_encoder(name)
        out = encoder(ids, mask)
        model = ProbeForTokenClassification.from_encoder(encoder, mix=False)
        states = [out.last_hidden_state, out.character_last_hidden_state][:channels]
        assert torch.allclose(model.features(ids, mask, None), torch.cat(states, -1), atol=1e-6)


def test_padding_does_not_count():
    model = ProbeForSequenceClassification.from_encoder(make_encoder("bert"), mix=True, num_labels=2).eval()
    torch.nn.init.normal_(model.head.weight)
    ids, mask = make_batch("bert")
    alone = model(ids[1:2, :7], mask[1:2, :7]).logits
    assert torch.allclose(model(ids, mask).logits[1], alone[0], atol=1e-5)
    assert torch.allclose(model(ids[1:2, :7]).logits, alone)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ENCODERS)
def test_saving_and_loading(tmp_path, name, kind):
    model = kind.from_encoder(make_encoder(name), mix=True).eval()
    torch.nn.init.normal_(model.head.weight)
    model.save_pretrained(tmp_path)
    again = kind.from_pretrained(tmp_path).eval()
    ids, mask = make_batch("bert")
    outputs = zip(model(ids, mask).to_tuple(), again(ids, mask).to_tuple(), strict=True)
    assert all(one.equal(other) for one, other in outputs)
    assert isinstance(again.config, ProbeConfig)


def test_the_library_finds_the_class(tmp_path):
    for kind, auto in ((KINDS[0], AutoModelForSequenceClassification), (KINDS[1], AutoModelForTokenClassification)):
        kind.from_encoder(make_encoder("bert"), mix=False, num_labels=5).save_pretrained(tmp_path / kind.__name__)
        model = auto.from_pretrained(tmp_path / kind.__name__)
        assert (type(model), model.config.num_labels) == (kind, 5)
        assert model.get_input_embeddings() is model.encoder.get_input_embeddings()
