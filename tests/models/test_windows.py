"""Backbones that read windows and blocks: Longformer and BigBird, at lengths that are and are no multiples of theirs."""

import copy

import pytest
import torch
from transformers import AutoModel, BigBirdConfig

from charrobust.models import CharBertConfig, CharBertForQuestionAnswering, CharBertForSequenceClassification
from charrobust.models.windows import FULL, SPARSE
from tests.models.families import SIZES, further_inputs, make_model

LENGTHS = {"longformer": (3, 8, 11, 16, 30), "big_bird": (11, 28, 29, 32, 45)}
NAMES = pytest.mark.parametrize("name", LENGTHS)
# sparse from 29 tokens on: (5 + 2 * 1) blocks of 4
BLOCKS = BigBirdConfig(**SIZES, block_size=4, num_random_blocks=1)


def make(name, **options):
    if name == "big_bird":
        options["backbone_config"] = BLOCKS.to_dict()
    return make_model(name, **options)


def make_ids(length, batch=2):
    return torch.randint(5, 99, (batch, length), generator=torch.Generator().manual_seed(length))


def plain_states(model, ids, **inputs):
    """Return the states of a plain encoder that has read nothing before."""
    torch.manual_seed(0)
    plain = AutoModel.from_config(model.backbone.config, add_pooling_layer=False).eval()
    plain.load_state_dict(model.backbone.state_dict())
    inputs = {key: values.repeat(2, 1) for key, values in inputs.items()}
    with torch.no_grad():
        return plain(ids.repeat(2, 1), attention_mask=torch.ones_like(ids).repeat(2, 1), **inputs).last_hidden_state


@NAMES
def test_the_encoder_is_left_as_it_is_at_every_length(name):
    model = make(name)
    for length in LENGTHS[name]:
        ids = make_ids(length)
        with torch.no_grad():
            out = model(ids)
        assert torch.equal(out.last_hidden_state, plain_states(model, ids)[:2]), length


def test_global_attention_is_handed_on():
    model = make("longformer")
    ids = make_ids(30)
    inputs = further_inputs("longformer", ids)
    with torch.no_grad():
        local, found = model(ids).last_hidden_state, model(ids, **inputs).last_hidden_state
    assert torch.equal(found, plain_states(model, ids, **inputs)[:2])
    assert (found - local).abs().max() > 1e-3


def test_an_answer_does_not_depend_on_the_length_of_those_before():
    model = make("big_bird", interaction="released")
    short, long = make_ids(11), make_ids(45)
    with torch.no_grad():
        before = model(long).last_hidden_state
        assert model.backbone.attention_type == SPARSE
        model(short)
        assert model.backbone.attention_type == FULL
        assert torch.equal(model(long).last_hidden_state, before)


def test_another_kind_of_attention_draws_no_random_numbers():
    model = make("big_bird").train()
    with torch.no_grad():
        model(make_ids(11))
    drawn = []
    for first in (11, 45):
        with torch.no_grad():
            model(make_ids(first))
        torch.manual_seed(5)
        model.family.fit(model.backbone, 11)
        drawn.append(torch.rand(1))
    assert drawn[0] == drawn[1]


def test_full_attention_stays_full():
    model = make("big_bird", interaction="released")
    model.backbone.config.attention_type = FULL
    ids = make_ids(45)
    with torch.no_grad():
        alone = model(ids[:1]).last_hidden_state
        padded = torch.nn.functional.pad(ids, (0, 6))
        mask = torch.ones_like(ids)
        found = model(padded, torch.nn.functional.pad(mask, (0, 6))).last_hidden_state
    assert model.backbone.attention_type == FULL
    assert (found[0, :45] - alone[0]).abs().max() <= 1e-5


@NAMES
@pytest.mark.parametrize("length", [11, 45])
def test_what_comes_back_has_the_length_of_the_text(name, length):
    model = make(name, interaction="released", keep_pooler=True)
    ids = make_ids(length)
    model(make_ids(56 - length))  # of the other kind
    out = model(ids, output_hidden_states=True, output_attentions=True)
    every = (*out.hidden_states, *out.character_hidden_states, out.last_hidden_state, out.character_last_hidden_state)
    assert {tuple(states.shape) for states in every} == {(2, length, 32)}
    assert len(out.attentions) == len(out.character_attentions) == 3
    assert {weights.shape[:3] for weights in out.attentions} == {(2, 4, length)}
    assert out.pooler_output.shape == (2, 32)


@NAMES
@pytest.mark.parametrize("options", [
    {"character_rnn": "sequence"}, {"character_rnn": "token"}, {"character_rnn": "word", "interaction_layers": [0]},
    {"character_rnn": "word", "character_entry": "recognised", "lexicon_size": 7, "interaction_layers": [0, 1]},
], ids=str)  # fmt: skip
def test_characters_are_those_of_the_text(name, options):
    model = make(name, interaction="released", **options)
    ids = make_ids(45)
    if name == "longformer":  # a window more of padding changes nothing
        mask = torch.nn.functional.pad(torch.ones_like(ids), (0, 3))
        with torch.no_grad():
            alone = model(ids).character_last_hidden_state
            padded = model(torch.nn.functional.pad(ids, (0, 3), value=1), mask).character_last_hidden_state
        assert (padded[:, :45] - alone).abs().max() <= 1e-5
    hidden = torch.ones_like(ids)
    hidden[:, 3:] = 0
    with torch.no_grad():
        shown = model(ids, character_mask=torch.ones_like(ids)).character_last_hidden_state
        assert torch.equal(shown, model(ids).character_last_hidden_state)
        assert not torch.equal(shown, model(ids, character_mask=hidden).character_last_hidden_state)


@NAMES
def test_explicit_characters_equal_those_of_the_table(name):
    model = make(name, interaction="released")
    ids = make_ids(45)
    made = model._sequences(ids, torch.ones_like(ids).bool(), None)
    with torch.no_grad():
        table = model(ids).character_last_hidden_state
        given = model(ids, char_input_ids=made.characters, start_ids=made.start, end_ids=made.end)
    assert (given.character_last_hidden_state - table).abs().max() <= 1e-5


def test_layers_behind_the_merger_read_masks_of_one_channel():
    # as many texts as make a stacked batch of the length that Longformer reads: its mask looks like a table of positions
    model = make("longformer", interaction_layers=[0])
    ids = make_ids(13, batch=8)
    mask = torch.ones_like(ids)
    mask[3, 5:] = 0
    with torch.no_grad():
        found = model(ids, mask).last_hidden_state
        alone = model(ids[3:4, :5]).last_hidden_state
    assert (found[3, :5] - alone[0]).abs().max() <= 1e-5


@NAMES
def test_sparse_attention_trains(name):
    ids = make_ids(45)
    classifier = make(name, kind=CharBertForSequenceClassification).train()
    classifier(ids, labels=torch.tensor([0, 1])).loss.backward()
    answerer = make(name, kind=CharBertForQuestionAnswering)
    out = answerer(ids, start_positions=torch.tensor([1, 44]), end_positions=torch.tensor([2, 44]))
    out.loss.backward()
    assert out.start_logits.shape == (2, 45)
    for model in (classifier, answerer):
        weight = model.charbert.backbone.encoder.layer[0].attention.self.query.weight
        assert weight.grad.isfinite().all()
        assert weight.grad.abs().sum() > 0


def test_copies_keep_their_kind_of_attention():
    model = make("big_bird", interaction="released")
    with torch.no_grad():
        before = model(make_ids(45)).last_hidden_state
        model(make_ids(11))
        twin = copy.deepcopy(model)
        assert torch.equal(twin(make_ids(45)).last_hidden_state, before)


def test_inputs_that_a_backbone_does_not_take_are_refused():
    ids = make_ids(11)
    with pytest.raises(ValueError, match="global_attention_mask given, but a backbone of the family 'bert' takes no"):
        make_model("bert")(ids, **further_inputs("longformer", ids))
    with pytest.raises(ValueError, match="task_type_ids given, but a backbone of the family 't5' takes no"):
        make_model("t5")(ids, task_type_ids=ids)


def test_configurations_are_kept():
    config = CharBertConfig(backbone_config=BLOCKS.to_dict())
    assert CharBertConfig.from_dict(config.to_dict()).body_config.attention_type == SPARSE
