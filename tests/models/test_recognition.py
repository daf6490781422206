"""Words from tokens, and channels that recognise them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer, BertConfig

from charrobust.models import CharBertConfig, CharBertForPreTraining, CharBertModel
from charrobust.models.characters import ALONE, BEGINS, CONTINUES, build_words, lexicon, token_pieces, token_roles
from tests.models.families import SIZES, make_batch, make_model
from tests.models.tokenizers import KINDS, save_backbone

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    tokenizer = KINDS["wordpiece"]()
    config = BertConfig(**{**SIZES, "vocab_size": len(tokenizer)})
    torch.manual_seed(1)
    return save_backbone(tmp_path_factory.mktemp("models") / "bert", tokenizer, config)


def spelled(kind, text):
    """Return the characters of the word that each token of a text belongs to."""
    tokenizer = KINDS[kind]()
    pieces = token_pieces(tokenizer)
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    roles = token_roles(tokenizer, pieces)[ids]
    letters = torch.zeros(*ids.shape, 16, dtype=torch.long)
    for place, number in enumerate(ids[0].tolist()):
        codes = [ord(character) for character in pieces[number]]
        letters[0, place, : len(codes)] = torch.tensor(codes)
    words = build_words(letters, roles, 24)
    texts = ["".join(map(chr, filter(None, row))) for row in words.letters.tolist()]
    return [texts[number] for number in words.place[0].tolist()], words


@pytest.mark.parametrize("kind", KINDS)
def test_the_tokens_of_a_word_share_its_characters(kind):
    found, _ = spelled(kind, "the weather change, typing the north")
    words = [word for place, word in enumerate(found) if word and (place == 0 or word != found[place - 1])]
    assert [word.strip(",") for word in words if word != ","] == ["the", "weather", "change", "typing", "the", "north"]


def test_equal_words_in_a_row_are_two_words():
    found, words = spelled("wordpiece", "unbelievable unbelievable")
    assert set(filter(None, found)) == {"unbelievable"}
    inner = ~words.continues[0, 1:-1]
    assert int(inner.sum()) == 2


@given(st.data())
def test_words_hold_the_characters_of_their_tokens_in_order(data):
    length, width = data.draw(st.integers(1, 9)), 3
    rows = data.draw(st.integers(1, 3))
    roles = torch.tensor(
        [[data.draw(st.sampled_from([BEGINS, CONTINUES, ALONE])) for _ in range(length)] for _ in range(rows)]
    )
    counts = [[data.draw(st.integers(0, width)) for _ in range(length)] for _ in range(rows)]
    letters = torch.zeros(rows, length, width, dtype=torch.long)
    for row in range(rows):
        for place in range(length):
            for step in range(counts[row][place]):
                letters[row, place, step] = 1 + (row * length + place) * width + step
    words = build_words(letters, roles.to(torch.int8), 100)
    for row in range(rows):
        groups = []
        for place in range(length):
            alone = place == 0 or roles[row, place - 1] == ALONE
            if roles[row, place] != CONTINUES or alone:
                groups.append([])
            groups[-1].append(place)
        for group in groups:
            expected = [code for place in group for code in letters[row, place].tolist() if code]
            for place in group:
                number = words.place[row, place]
                assert [code for code in words.letters[number].tolist() if code] == expected
                assert bool(words.single[number]) == (len(group) == 1)
                assert bool(words.continues[row, place]) == (place != group[0])


def test_long_words_are_cut():
    letters = torch.arange(1, 13).view(1, 4, 3)
    words = build_words(letters, torch.tensor([[BEGINS, CONTINUES, CONTINUES, CONTINUES]], dtype=torch.int8), 7)
    assert words.letters.tolist() == [[1, 2, 3, 4, 5, 6, 7]]


def test_the_lexicon_holds_whole_words_alone(bert):
    tokenizer = AutoTokenizer.from_pretrained(bert)
    pieces = token_pieces(tokenizer)
    tokens = tokenizer.convert_ids_to_tokens(lexicon(pieces, token_roles(tokenizer, pieces)).tolist())
    assert "the" in tokens
    assert not [token for token in tokens if token.startswith("##") or len(token) < 2 or not token.isalpha()]


def test_a_recognising_channel_leaves_the_encoder_as_it_is(bert):
    model = CharBertModel.from_backbone(bert, **RECOGNISING).eval()
    plain = AutoModel.from_pretrained(bert).eval()
    batch = AutoTokenizer.from_pretrained(bert)(
        ["wonderful weather", "typng errors"], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        out, expected = model(**batch), plain(**batch).last_hidden_state
    real = batch["attention_mask"].bool()
    assert (out.last_hidden_state - expected)[real].abs().max() <= 1e-5
    assert (out.character_last_hidden_state - expected)[real].abs().max() > 1e-3


def test_a_recognised_word_enters_as_its_embedding(bert):
    model = CharBertModel.from_backbone(bert, **RECOGNISING).eval()
    torch.nn.init.constant_(model.recogniser.keep.bias, -1e4)
    torch.nn.init.zeros_(model.recogniser.keys.bias)
    model.recogniser.keys.bias.data[3] = 1e4
    tokens = model.get_input_embeddings().weight
    ids = AutoTokenizer.from_pretrained(bert)("unbelievable weather", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        entering = model.character_entry(ids, torch.ones_like(ids)).enter(tokens[ids])
    assert torch.allclose(entering[0, 1:-1], tokens[model.lexicon[3]].expand(ids.size(1) - 2, -1), atol=1e-5)
    assert torch.equal(entering[0, 0], tokens[ids[0, 0]]), "special tokens have no characters, and stay"


@pytest.mark.parametrize("options", [RECOGNISING, {"character_rnn": "word", "interaction": "released"}], ids=str)
def test_padding_does_not_leak_into_words(options):
    model = make_model("bert", **({**options, "lexicon_size": 5} if "character_entry" in options else options))
    torch.nn.init.ones_(model.interactions[0].gate) if hasattr(model.interactions[0], "gate") else None
    model.token_roles.random_(0, 3)
    ids, mask = make_batch("bert")
    with torch.no_grad():
        padded, alone = model(ids, mask), model(ids[1:2, :7], mask[1:2, :7])
    assert (padded.last_hidden_state[1, :7] - alone.last_hidden_state[0]).abs().max() <= 1e-5


@pytest.mark.parametrize("rnn", ["sequence", "token", "word"])
def test_hidden_characters_are_not_seen(rnn):
    model = make_model("bert", interaction="released", character_rnn=rnn)
    ids, mask = make_batch("bert")
    seen = torch.ones_like(ids)
    seen[:, 3] = 0
    blanked = make_model("bert", interaction="released", character_rnn=rnn)
    blanked.token_characters[ids[0, 3]] = 0
    with torch.no_grad():
        hidden = model(ids[:1], mask[:1], character_mask=seen[:1]).last_hidden_state
        assert torch.allclose(hidden, blanked(ids[:1], mask[:1]).last_hidden_state, atol=1e-6)
        assert not torch.allclose(hidden, model(ids[:1], mask[:1]).last_hidden_state, atol=1e-3)
    with pytest.raises(ValueError, match="character_mask"):
        model(ids, mask, character_mask=seen, char_input_ids=ids, start_ids=ids * 0, end_ids=ids * 0)


def test_scoring_labelled_positions_alone_gives_the_same_losses():
    model = make_model("bert", CharBertForPreTraining)
    ids, mask = make_batch("bert")
    labels, words = torch.full_like(ids, -100), torch.full_like(ids, -100)
    labels[:, 2], words[1:, 4] = 7, 3
    with torch.no_grad():
        full = model(ids, mask, labels=labels, word_labels=words)
        part = model(ids, mask, labels=labels, word_labels=words, only_labelled=True)
        none = model(ids, mask, labels=labels * 0 - 100, word_labels=words * 0 - 100, only_labelled=True)
    assert torch.allclose(full.loss, part.loss)
    assert part.logits.shape == (4, 99)
    assert torch.allclose(part.word_logits, full.word_logits[words != -100], atol=1e-6)
    assert none.loss == 0


def test_new_tokens_stand_alone():
    model = make_model("bert", character_rnn="word")
    model.token_roles.zero_()
    model.resize_token_embeddings(103)
    assert model.token_roles[-4:].tolist() == [ALONE] * 4
    assert model(torch.tensor([[101, 102]])).last_hidden_state.isfinite().all()


def test_new_channels_read_words(bert):
    model = CharBertModel.from_backbone(bert)
    assert model.config.character_rnn == "word"
    assert set(model.token_roles.tolist()) == {BEGINS, CONTINUES, ALONE}


def test_recognition_needs_words_and_a_lexicon():
    with pytest.raises(ValueError, match="needs whole words and a lexicon"):
        CharBertConfig(character_entry="recognised")
    with pytest.raises(ValueError, match="only character_entry = 'recognised' leaves the choice"):
        CharBertConfig(character_hidden_size=7)
