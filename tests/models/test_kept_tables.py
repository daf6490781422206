"""What is made of many known words is made once: the same model comes back, and what differs is made for itself."""

import os

import pytest
import torch
from safetensors.torch import save_file

from charrobust.models import CharBertForSequenceClassification, kept_tables, pretrained
from charrobust.models.channels import load_channel
from charrobust.models.known_words import write_lexicon
from tests.models.kept import Kept, same
from tests.models.test_known_words import WORDS


@pytest.fixture
def kept(tmp_path, monkeypatch):
    return Kept(tmp_path, monkeypatch)


def test_the_same_model_comes_back_and_keys_and_tables_are_made_once(kept, monkeypatch):
    first = kept.load()
    assert len(kept.names) == 1
    monkeypatch.setattr(pretrained, "_tables_of", None)  # nothing asks for it
    assert same(kept.load(), first)
    assert kept.times == 1


def test_keys_that_were_kept_can_be_made_anew_without_a_trace(kept):
    kept.load()
    again = kept.load()
    keys = again.recogniser.keys.weight.clone()
    again.make_keys()
    assert torch.equal(again.recogniser.keys.weight, keys)
    again.character_encoder.embedding.weight.data.mul_(2)
    again.make_keys()
    assert not torch.equal(again.recogniser.keys.weight, keys)
    assert torch.equal(kept.load().recogniser.keys.weight, keys)


def test_a_model_with_a_head_finds_what_an_encoder_kept(kept):
    encoder = kept.load()
    model = CharBertForSequenceClassification.from_pretrained(kept.channel, num_labels=3)
    assert kept.times == 1
    assert torch.equal(model.charbert.recogniser.keys.weight, encoder.recogniser.keys.weight)


def change_weight(kept, name):
    weights = load_channel(kept.channel)
    weights[name] = weights[name] + 0.5
    save_file({key: value.half() for key, value in weights.items()}, kept.channel / "channel.safetensors")


def change_letters(kept):
    change_weight(kept, "character_encoder.embedding.weight")


def change_query(kept):
    change_weight(kept, "recogniser.query.0.weight")


def change_words(kept):
    write_lexicon([*WORDS[1:], WORDS[0]], kept.channel)


def change_tokenizer(kept):
    path = kept.backbone / "tokenizer_config.json"
    path.write_text(path.read_text() + "\n")


@pytest.mark.parametrize("change", [change_letters, change_query, change_words, change_tokenizer])
def test_what_is_made_of_something_else_is_made_for_itself(kept, change):
    before = kept.load()
    change(kept)
    after = kept.load()
    assert kept.times == len(kept.names) == 2
    assert same(before, after) == (change is change_tokenizer)
    assert same(kept.load(), after)


def test_weights_that_keys_are_not_made_of_change_nothing(kept):
    kept.load()
    change_weight(kept, "recogniser.keys.bias")
    assert kept.load().recogniser.keys.bias.min() > 0.4
    assert kept.times == 1


def test_what_was_used_longest_ago_goes(kept, monkeypatch):
    monkeypatch.setattr(kept_tables, "_MOST", 2)
    kept.load()
    (first,) = kept.names
    change_letters(kept)
    kept.load()
    (second,) = set(kept.names) - {first}
    os.utime(kept.cache / first, (1, 1))
    os.utime(kept.cache / second, (2, 2))
    change_letters(kept)
    kept.load()
    assert len(kept.names) == 2
    assert first not in kept.names


def test_of_few_words_nothing_is_kept(kept, monkeypatch):
    monkeypatch.setattr(kept_tables, "_WORTH", len(WORDS) + 1)
    kept.load()
    assert not kept.cache.exists()


def test_keys_are_made_in_single_precision_whatever_a_model_is_loaded_in(kept):
    made, full, taken = (kept.load(dtype=dtype) for dtype in (torch.bfloat16, torch.float32, torch.bfloat16))
    assert made.dtype == torch.bfloat16
    assert torch.equal(made.recogniser.keys.weight, full.recogniser.keys.weight.bfloat16())
    assert same(made, taken)
    assert kept.times == 1


def test_the_older_name_of_precision_is_heard(kept):
    assert kept.load(torch_dtype=torch.bfloat16).dtype == torch.bfloat16
    assert kept.load(torch_dtype=torch.bfloat16, dtype=torch.float32).dtype == torch.float32
