"""Edits of the pieces that tokenizers cut words into."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust import resources
from charrobust.perturb import Attack
from tests.word_operators import attack, outcomes

pytest.importorskip("tokenizers")

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from charrobust.perturb.operators.subwords import EDITS, Pieces
from charrobust.perturb.subwords import Piece, SubwordTokenizer, read_tokenizer

VOCABULARY = ["[UNK]", "x", "un", "##beli", "##able", "##ible", "##abl", "able", "##s", "play", "##ing", "ha", "##ha"]


def wordpiece(*, lower: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if lower:
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    return tokenizer


def unigram() -> Tokenizer:
    pieces = ["<unk>", "▁", "▁x", "▁un", "beli", "able", "ible", "▁able", *"abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(i)) for i, piece in enumerate(pieces)], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def byte_level() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("u", "n"), ("Ġ", "un"), ("b", "e"), ("a", "b"), ("l", "e"), ("ab", "le"), ("i", "b"), ("ib", "le")]
    vocabulary = [*alphabet, *(left + right for left, right in merges)]
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(vocabulary)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


KINDS = {"wordpiece": wordpiece, "unigram": unigram, "byte-level": byte_level}


def subwords(tokenizer: Tokenizer) -> SubwordTokenizer:
    return SubwordTokenizer(tokenizer.to_str(), "test")


@pytest.fixture
def saved(tmp_path):
    """Return the path of a tokenizer's file."""
    wordpiece().save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path / "tokenizer.json")


@pytest.mark.parametrize(("kind", "pieces"), [
    ("wordpiece", ["un", "beli", "able"]), ("unigram", ["un", "beli", "able"]), ("byte-level", ["un", "be", "l", "i", "able"]),
])  # fmt: skip
def test_words_are_cut_as_inside_a_text(kind, pieces):
    assert [piece.text for piece in subwords(KINDS[kind]()).cut("unbeliable")] == pieces


@pytest.mark.parametrize("kind", KINDS)
@given(
    word=st.text(st.sampled_from("unbeliable書é\u0301😀İ '-\ud800"), min_size=1, max_size=12)
    | st.text(min_size=1, max_size=8)
)
def test_pieces_are_the_word_or_there_are_none(kind, word):
    pieces = subwords(KINDS[kind]()).cut(word)
    assert not pieces or "".join(piece.text for piece in pieces) == word
    assert all(piece.text for piece in pieces)


def test_words_cut_inside_a_character_are_left():
    assert subwords(byte_level()).cut("un書") == []
    assert [piece.text for piece in subwords(byte_level()).cut("unbe")] == ["un", "be"]


@pytest.mark.parametrize(("edit", "made"), [
    ("drop", {"beliable", "unable", "unbeli"}), ("double", {"ununbeliable", "unbelibeliable", "unbeliableable"}),
    ("swap", {"beliunable", "unablebeli"}), ("replace", {"unbeliible", "unbeliabl"}),
])  # fmt: skip
def test_what_becomes_of_a_word(saved, edit, made):
    assert outcomes(Pieces(tokenizer=saved, edit=edit), "unbeliable") == made


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("word", ["able", "zebra", "1995"])
def test_words_of_one_piece_stay(saved, edit, word):
    made = attack(Pieces(tokenizer=saved, edit=edit)).tokens([[word]])
    assert made.sentences == [[word]]
    assert made.tally.left == {(f"pieces:{edit}", "nothing to change"): 1}


def test_equal_neighbours_are_not_exchanged(saved):
    assert outcomes(Pieces(tokenizer=saved, edit="swap"), "haha") == {"haha"}


def test_words_without_a_near_piece_stay(saved):
    assert outcomes(Pieces(tokenizer=saved, edit="replace"), "playing") == {"playing"}


def test_near_pieces_stand_where_the_piece_stands():
    cased = subwords(wordpiece())
    assert cased.near(Piece("able", "##able")) == ("abl", "ible")
    assert cased.near(Piece("able", "able")) == ()
    assert subwords(unigram()).near(Piece("able", "able")) == ("ible",)
    assert subwords(byte_level()).near(Piece("able", "able")) == ("ible",)


def test_near_pieces_keep_case_where_the_tokenizer_has_none():
    lower = subwords(wordpiece(lower=True))
    assert [piece.text for piece in lower.cut("UNBELIABLE")] == ["UN", "BELI", "ABLE"]
    assert lower.near(Piece("ABLE", "##able")) == ("ABL", "IBLE")
    assert lower.near(Piece("aBle", "##able")) == ()
    assert lower.near(Piece("äble", "##able")) == ()


@given(st.data())
def test_near_pieces_of_the_shipped_tokenizer_are_one_edit_away(data):
    shipped = SubwordTokenizer(read_tokenizer("en-wordpiece"), "en-wordpiece")
    tokens = sorted(json.loads(read_tokenizer("en-wordpiece"))["model"]["vocab"])
    token = data.draw(st.sampled_from(tokens))
    text = token.removeprefix("##")
    for other in shipped.near(Piece(text, token)):
        assert other != text
        assert len(other) >= 3
        assert (token[: len(token) - len(text)] + other) in tokens
        # One edit: what is left between the longest common ends is one letter at most on each side.
        start = next(
            (i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other))
        )
        a, b = text[start:], other[start:]
        assert a[1:] == b[1:] or a[1:] == b or a == b[1:]


@pytest.mark.parametrize("name", resources.names("attacks/tokenizers", ".json"))
def test_every_shipped_tokenizer_cuts_rare_words(name):
    shipped = SubwordTokenizer(read_tokenizer(name), name)
    assert len(shipped.cut("hyperparameters")) > 2
    assert len(shipped.cut("people")) == 1


@pytest.mark.parametrize("named", ["tokenizer.json", "./"])
def test_an_attack_with_an_own_tokenizer_is_sent_without_it(saved, tmp_path, named):
    path = tmp_path / "mine.toml"
    path.write_text(f"summary = 's'\nsource = 's'\nseed = 1\n[[operators]]\nname = 'pieces'\ntokenizer = '{named}'\n")
    loaded = Attack.load(str(path))
    fingerprint, made = loaded.recipe.fingerprint, loaded.text("unbeliable playing").text
    sent = pickle.dumps(loaded)
    (tmp_path / "tokenizer.json").unlink()
    arrived = pickle.loads(sent)
    assert arrived.text("unbeliable playing").text == made
    assert arrived.recipe.fingerprint == fingerprint


def test_draws_depend_on_what_the_tokenizer_is(saved, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "summary = 's'\nsource = 's'\nseed = 1\n[[operators]]\nname = 'pieces'\ntokenizer = 'tokenizer.json'\n"
    )
    first = Attack.load(str(path)).recipe.fingerprint
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "mine.toml"
    path.rename(moved)
    wordpiece().save(str(moved.parent / "tokenizer.json"))
    assert Attack.load(str(moved)).recipe.fingerprint == first
    wordpiece(lower=True).save(str(moved.parent / "tokenizer.json"))
    assert Attack.load(str(moved)).recipe.fingerprint != first
