"""Known words of several tokens, whose keys are made of their spelling."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertConfig

from charrobust.models import CharBertModel
from charrobust.models.channels import save_channel
from charrobust.models.characters import token_pieces
from charrobust.models.known_words import (
    CAPITAL,
    LEXICON,
    OTHERWISE,
    SMALL,
    known_words,
    places_in_words,
    that_fit,
    token_cases,
)
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, sentencepiece, wordpiece

WORDS = ["weather", "wonderful", "unbelievable", "typing", "north", "bookshop"]
SPELLED = {
    "character_entry": "recognised",
    "lexicon_keys": "spelled",
    "interaction": "highway",
    "interaction_layers": [0],
    "character_hidden_size": 32,
    "lexicon_tokens": 14,
}
KINDS = {"wordpiece": wordpiece, "sentencepiece": sentencepiece}


@pytest.fixture(scope="module", params=KINDS)
def backbone(request, tmp_path_factory):
    tokenizer = KINDS[request.param]()
    config = BertConfig(**{**SIZES, "vocab_size": len(tokenizer)})
    torch.manual_seed(1)
    return save_backbone(tmp_path_factory.mktemp("models") / request.param, tokenizer, config)


@pytest.fixture(scope="module")
def model(backbone):
    torch.manual_seed(0)
    return CharBertModel.from_backbone(backbone, words=WORDS, **SPELLED).eval()


def entering(model, ids):
    """What enters the character channel, and what enters the token channel."""
    own = model.get_input_embeddings()(ids)
    return model.character_entry(ids, torch.ones_like(ids)).enter(own), own


@torch.no_grad()
def test_each_word_is_nearest_to_its_own_spelling(model):
    letters = model.known_letters(torch.arange(len(WORDS)))
    scores = model.recogniser.scores(model.character_encoder.words(letters), torch.zeros(len(WORDS), dtype=torch.bool))
    assert scores[:, :-1].argmax(-1).tolist() == list(range(len(WORDS)))
    assert torch.allclose(scores[:, :-1].diagonal(), torch.tensor(25.0), atol=1e-3)  # the square of their length


def test_known_words_are_told_back(model, backbone):
    assert known_words(model, token_pieces(AutoTokenizer.from_pretrained(backbone))) == WORDS


@torch.no_grad()
def test_a_word_that_is_recognised_as_itself_enters_as_it_is(model, backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    model = certain(model)
    ids = tokenizer("unbelievable weather", return_tensors="pt")["input_ids"]
    assert ids.size(1) > 4  # of several tokens
    changed, own = entering(model, ids)
    assert torch.allclose(changed, own, atol=1e-3)


@torch.no_grad()
def test_tokens_of_a_known_word_stand_in_the_places_of_another_and_the_last_again(model, backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    model = certain(model)
    model.continuation.data.fill_(0.25)
    read = tokenizer("wonnderrful", add_special_tokens=False, return_tensors="pt")["input_ids"]
    right = tokenizer("wonderful", add_special_tokens=False)["input_ids"]
    assert read.size(1) > len(right)
    changed, _ = entering(model, read)
    embeddings = model.get_input_embeddings().weight
    wanted = [embeddings[token] for token in right]
    wanted += [embeddings[right[-1]] + 0.25] * (read.size(1) - len(right))
    assert torch.allclose(changed[0], torch.stack(wanted), atol=1e-3)


def certain(model):
    """Return a copy whose best known word takes all; for words like the known ones, that is the right one."""
    model = copy.deepcopy(model)
    model.recogniser.query[-1].length.data.fill_(40.0)
    model.make_keys()
    return model


@torch.no_grad()
def test_words_that_are_read_as_known_ones_are_told(model, backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    ids = tokenizer("north wonderfu weather", add_special_tokens=False, return_tensors="pt")["input_ids"]
    entry = model.character_entry(ids, torch.ones_like(ids))
    assert model.known_as_read(ids, entry, ~entry.words.continues).tolist() == [
        WORDS.index("north"),
        -1,
        WORDS.index("weather"),
    ]


@torch.no_grad()
def test_words_are_read_in_small_letters_and_written_as_they_are(tmp_path):
    tokenizer = sentencepiece()
    tokenizer.add_tokens(["große"])
    folder = save_backbone(tmp_path / "bert", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))
    words = ["north", "große"]
    model = CharBertModel.from_backbone(folder, words=words, **SPELLED).eval()
    pieces = token_pieces(tokenizer)
    assert known_words(model, pieces) == words
    letters = model.known_letters(torch.tensor([1]))[0]
    assert "".join(model.config.characters[letter] for letter in letters) == "grosse"


def test_capitals_are_those_of_the_word_that_was_written():
    assert token_cases(["haus", "Haus", "HAUS", "", "1", "McD"]).tolist() == [
        SMALL, CAPITAL, OTHERWISE, SMALL, SMALL, OTHERWISE
    ]  # fmt: skip


@torch.no_grad()
def test_words_in_capitals_stay(tmp_path):
    tokenizer = sentencepiece()
    tokenizer.add_tokens(["NORTH"])
    config = BertConfig(**{**SIZES, "vocab_size": len(tokenizer)})
    folder = save_backbone(tmp_path / "bert", tokenizer, config)
    model = CharBertModel.from_backbone(folder, words=WORDS, **SPELLED).eval()
    ids = torch.tensor([[tokenizer.convert_tokens_to_ids("NORTH")]])
    changed, own = entering(model, ids)
    assert torch.equal(changed, own)


@torch.no_grad()
def test_a_channel_comes_back_with_its_words_and_keys(model, backbone, tmp_path):
    save_channel(model, tmp_path / "channel", str(backbone))
    assert (tmp_path / "channel" / LEXICON).read_text(encoding="utf-8").split() == WORDS
    again = CharBertModel.from_pretrained(tmp_path / "channel").eval()
    ids = AutoTokenizer.from_pretrained(backbone)("wonderfull wether", return_tensors="pt")["input_ids"]
    assert torch.allclose(again(ids).last_hidden_state, model(ids).last_hidden_state, atol=2e-2)  # half precision
    assert torch.allclose(again.recogniser.keys.weight, model.recogniser.keys.weight, atol=2e-2)
    again.save_pretrained(tmp_path / "whole")
    whole = CharBertModel.from_pretrained(tmp_path / "whole").eval()
    assert torch.equal(whole(ids).last_hidden_state, again(ids).last_hidden_state)


def test_words_that_a_tokenizer_cannot_spell_do_not_fit(backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    assert that_fit(["weather", "漢字"], tokenizer, width=14, letters=16) == [True, False]
    assert that_fit(["unbelievable"], tokenizer, width=1, letters=16) == [False]
    assert that_fit(["wonderful"], tokenizer, width=14, letters=0) == [False]


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_places_count_from_the_beginning_of_each_word(continues):
    continues[0] = False
    wanted: list[int] = []
    for goes_on in continues:
        wanted.append(wanted[-1] + 1 if goes_on else 0)
    assert places_in_words(torch.tensor([continues])).tolist() == [wanted]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["weather", "weather"], "'weather' stands twice"),
        (["Weather", "north"], "in lower case"),
        (["a" * 30, "north"], "24 characters"),
    ],
)
def test_words_that_cannot_be_known_are_refused(backbone, words, message):
    with pytest.raises(ValueError, match=message):
        CharBertModel.from_backbone(backbone, words=words, **SPELLED)


def test_new_tokens_are_read_and_saved_with_the_others(model, tmp_path):
    grown = copy.deepcopy(model)
    size = grown.config.vocab_size + 2
    grown.resize_token_embeddings(size)
    assert grown.token_cases[-2:].tolist() == [SMALL, SMALL]
    ids = torch.tensor([[5, size - 1]])
    states = grown(ids).last_hidden_state
    grown.save_pretrained(tmp_path / "grown")
    again = CharBertModel.from_pretrained(tmp_path / "grown").eval()
    assert torch.equal(again(ids).last_hidden_state, states)


def test_a_tokenizer_that_pads_and_cuts_spells_words_as_any_other(backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    plain = that_fit(WORDS, tokenizer, width=14, letters=16)
    tokenizer.backend_tokenizer.enable_padding(direction="left", length=20)
    tokenizer.backend_tokenizer.enable_truncation(2)
    assert that_fit(WORDS, tokenizer, width=14, letters=16) == plain
    assert any(plain)
    assert len(tokenizer.backend_tokenizer.encode(WORDS[0]).ids) == 20


def test_known_words_are_expected_by_the_mean_of_their_tokens(model):
    embeddings = model.get_input_embeddings().weight
    numbers = torch.tensor([[0, 3], [5, 1]])
    found = model.known_embeddings(numbers)
    for word, vector in zip(numbers.flatten().tolist(), found.flatten(0, 1), strict=True):
        tokens = model.lexicon[word, SMALL, : int(model.lexicon_counts[word, SMALL])].long()
        assert torch.allclose(vector, embeddings[tokens].mean(0), atol=1e-6)
