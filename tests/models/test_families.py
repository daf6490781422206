"""What holds for every family of backbones."""

import copy

import jaxtyping
import pytest
import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForMultipleChoice,
    AutoModelForPreTraining,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from charrobust.models import (
    CharBertForMaskedLM,
    CharBertForMultipleChoice,
    CharBertForPreTraining,
    CharBertForQuestionAnswering,
    CharBertForSequenceClassification,
    CharBertForTokenClassification,
    CharBertModel,
)
from charrobust.models.backbones import FAMILIES
from tests.models.families import BACKBONES, further_inputs, make_batch, make_model, rest_at_night

AUTO_CLASSES = {
    CharBertForSequenceClassification: AutoModelForSequenceClassification,
    CharBertForTokenClassification: AutoModelForTokenClassification,
    CharBertForQuestionAnswering: AutoModelForQuestionAnswering,
    CharBertForPreTraining: AutoModelForPreTraining,
    CharBertForMaskedLM: AutoModelForMaskedLM,
    CharBertForMultipleChoice: AutoModelForMultipleChoice,
}
HEADS = rest_at_night(AUTO_CLASSES)
every_family = pytest.mark.parametrize("name", BACKBONES)


def both(out):
    return torch.stack([out.last_hidden_state, out.character_last_hidden_state])


def test_every_family_is_tested():
    assert set(BACKBONES) == set(FAMILIES)


@every_family
def test_gated_interaction_leaves_the_encoder_as_it_is(name):
    model = make_model(name)
    ids, mask = make_batch(name)
    with torch.no_grad():
        # the plain encoder on the same stacked batch: other shapes round differently
        plain = model.backbone(input_ids=ids.repeat(2, 1), attention_mask=mask.repeat(2, 1), **model.family.inputs)
        assert torch.equal(model(ids, mask).last_hidden_state, plain.last_hidden_state[:4])


@every_family
@pytest.mark.parametrize("interaction", ["gated", "released", "paper"])
@pytest.mark.parametrize("layers", [None, [0]], ids=["all layers", "first layer"])
def test_padding_does_not_leak(name, interaction, layers):
    model = make_model(name, interaction=interaction, interaction_layers=layers)
    ids, mask = make_batch(name)
    with torch.no_grad():
        padded, alone = model(ids, mask), model(ids[1:2, :7], mask[1:2, :7])
    assert (both(padded)[:, 1, :7] - both(alone)[:, 0]).abs().max() <= 1e-5


@every_family
@pytest.mark.parametrize("rnn", ["sequence", "token", "word"])
def test_left_padding_is_as_good_as_right(name, rnn):
    model = make_model(name, interaction="released", character_rnn=rnn)
    ids, mask = make_batch(name)
    left_ids, left_mask = ids[1:2].roll(4, 1), mask[1:2].roll(4, 1)
    positions = None
    if "position_ids" in model._accepted and name not in ("roberta", "mpnet", "xlnet", "longformer"):
        positions = (left_mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        right = both(model(ids[1:2], mask[1:2]))[:, 0, :7]
        left = both(model(left_ids, left_mask, position_ids=positions))[:, 0, 4:]
    assert (left - right).abs().max() <= 1e-5


@every_family
@pytest.mark.parametrize("options", [
    {}, {"interaction": "released"}, {"interaction": "paper", "interaction_shared": False},
    {"interaction_layers": [0, 1]}, {"character_rnn": "token", "character_entry": "embedded"},
    {"character_rnn": "word", "interaction": "highway"},
    {"character_rnn": "word", "character_entry": "recognised", "lexicon_size": 7, "interaction": "highway"}, {"padding": "released"},
], ids=str)  # fmt: skip
def test_gradients_flow_to_all_weights(name, options):
    model = make_model(name, **options).train()
    ids, mask = make_batch(name)
    for module in model.modules():
        for gate in ("token_gate", "gate"):
            if hasattr(module, gate):
                torch.nn.init.ones_(getattr(module, gate))
    both(model(ids, mask, **further_inputs(name, ids))).square().sum().backward()
    unused = {
        key for key, weight in model.named_parameters() if weight.grad is None or not weight.grad.isfinite().all()
    }
    # XLNet: of its second stream, and of segments, which were not given
    assert not {key for key in unused if not key.endswith(("mask_emb", "seg_embed", "r_s_bias"))}


@every_family
def test_saving_and_loading(name, tmp_path):
    model = make_model(name, interaction="released")
    ids, mask = make_batch(name)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    loaded = CharBertModel.from_pretrained(tmp_path).eval()
    assert torch.equal(loaded.token_characters, model.token_characters)
    with torch.no_grad():
        assert torch.equal(both(loaded(ids, mask)), both(model(ids, mask)))


@every_family
def test_a_copy_interacts_through_its_own_weights(name):
    model = make_model(name, interaction="released")
    ids, mask = make_batch(name)
    with torch.no_grad():
        before = both(model(ids, mask))
        twin = copy.deepcopy(model)
        twin.interactions[0].token_norm.weight.zero_()
        assert torch.equal(both(model(ids, mask)), before)
        assert not torch.equal(both(twin(ids, mask)), before)


@every_family
def test_hidden_states_and_attentions_of_both_channels(name):
    model = make_model(name, interaction="released")
    ids, mask = make_batch(name)
    model.backbone.set_attn_implementation("eager")
    out = model(ids, mask, output_hidden_states=True, output_attentions=True)
    assert len(out.hidden_states) == len(out.character_hidden_states) == 4
    assert len(out.attentions) == len(out.character_attentions) == 3
    assert all(states.shape == (4, 11, 32) for states in out.hidden_states + out.character_hidden_states)
    assert not torch.equal(out.hidden_states[0], out.character_hidden_states[0])


@every_family
def test_the_economical_variant_runs_later_layers_once(name):
    model = make_model(name, interaction_layers=[0])
    ids, mask = make_batch(name)
    sizes = []
    for layer in model.backbone.get_submodule(model.family.layers):
        layer.register_forward_hook(
            lambda _, __, out: sizes.append((out[0] if isinstance(out, tuple) else out).size(model.family.batch_axis))
        )
    with torch.no_grad():
        out = model(ids, mask)
        plain = model.backbone(input_ids=ids, attention_mask=mask, **model.family.inputs)
    assert sizes[:3] == [4, 4, 4]  # after the merger behind layer 0
    assert torch.equal(out.last_hidden_state, out.character_last_hidden_state)
    real = mask.bool()
    scale = plain.last_hidden_state.abs().max().clamp(min=1)  # other shapes round differently
    assert (out.last_hidden_state - plain.last_hidden_state)[real].abs().max() <= 1e-6 * scale


@every_family
def test_one_token_and_no_padding_given(name):
    model = make_model(name, interaction="released")
    with torch.no_grad():
        assert both(model(torch.tensor([[7]]))).isfinite().all()


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.usefixtures("unchecked_shapes")
def test_compiled_models_agree(name):
    model = make_model(name, interaction="released")
    ids, mask = make_batch(name)
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="aot_eager")
    with torch.no_grad():
        assert (both(compiled(ids, mask)) - both(model(ids, mask))).abs().max() <= 1e-5


@pytest.mark.parametrize("name", [name for name in BACKBONES if name not in ("albert", "mpnet", "xlnet")])
def test_activation_checkpointing_gives_the_same_gradients(name):
    model = make_model(name, CharBertForSequenceClassification, interaction="released", classifier_dropout=0.0).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    ids, mask = make_batch(name)
    labels = torch.tensor([0, 1, 0, 1])
    gradients = []
    for checkpointed in (False, True):
        if checkpointed:
            model.activation_checkpointing_enable()
        model.zero_grad()
        torch.manual_seed(0)  # dropout that is no module
        model(ids, mask, labels=labels).loss.backward()
        gradients.append([weight.grad.clone() for weight in model.parameters() if weight.grad is not None])
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))


@every_family
def test_half_precision(name):
    model = make_model(name, interaction="released").bfloat16()
    ids, mask = make_batch(name)
    with torch.no_grad():
        out = both(model(ids, mask))
    assert out.dtype == torch.bfloat16
    assert out.isfinite().all()


def targets(kind, ids):
    """Return labels for a head, of texts of eleven tokens."""
    classes = torch.tensor([0, 1, 0, 1])
    if kind is CharBertForPreTraining:
        return {"labels": ids, "word_labels": ids.clamp(max=19)}
    if kind is CharBertForQuestionAnswering:
        return {"start_positions": classes, "end_positions": classes + 2}
    by_token = {CharBertForMaskedLM: ids, CharBertForTokenClassification: ids.clamp(max=1)}
    return {"labels": by_token.get(kind, classes)}


@every_family
@pytest.mark.parametrize("kind", HEADS, ids=lambda kind: kind.__name__)
def test_every_head_learns_and_is_loaded(name, kind, tmp_path):
    model = make_model(name, kind, interaction="released", interaction_layers=[0, 1], classifier_dropout=0.0)
    ids, mask = make_batch(name)
    given = {"input_ids": ids, "attention_mask": mask, **targets(kind, ids)}
    if kind is CharBertForMultipleChoice:
        given = {"input_ids": ids.view(2, 2, 11), "attention_mask": mask.view(2, 2, 11), "labels": torch.tensor([0, 1])}
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(6):
        loss = model(**given).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    model.save_pretrained(tmp_path)
    loaded = AUTO_CLASSES[kind].from_pretrained(tmp_path).eval()
    assert type(loaded) is kind
    with torch.no_grad():
        assert torch.equal(loaded(**given).loss, model(**given).loss)


def test_wrong_shapes_fail_in_tests():
    model = make_model("bert", interaction="released")
    states = torch.zeros(2, 5, 32)
    with pytest.raises(jaxtyping.TypeCheckError, match="character"):
        model.interactions[0](states, states[:, :4], None)
