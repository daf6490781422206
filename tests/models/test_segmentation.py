"""Words in other pieces: the same characters, the same places, the same cut for the same seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from charrobust.models.segmentation import Segmentation
from tests.models.tokenizers import KINDS

WORDS = [
    "the",
    "wonderful",
    "weather",
    "of",
    "unbelievable",
    "north",
    "typing",
    "errors",
    "naïve",
    "café",
    "Zürich",
    "書店",
    "typists",
]
texts = st.lists(st.sampled_from(WORDS) | st.text("abcdeé書 -'", max_size=6), max_size=6).map(" ".join)
each_kind = pytest.mark.parametrize("kind", KINDS)
TOKENIZERS = {kind: make() for kind, make in KINDS.items()}
CUTTING = {kind: Segmentation(0.4).of(tokenizer) for kind, tokenizer in TOKENIZERS.items()}


def encoded(tokenizer, text, **options):
    return tokenizer(text, return_offsets_mapping=True, add_special_tokens=False, **options)


def covered(offsets) -> set[int]:
    return {place for start, end in offsets for place in range(start, end)}


@each_kind
@given(text=texts)
def test_the_same_characters_are_read(kind, text):
    plain, cut = encoded(TOKENIZERS[kind], text), encoded(CUTTING[kind], text)
    assert covered(cut["offset_mapping"]) == covered(plain["offset_mapping"])
    assert TOKENIZERS[kind].decode(cut["input_ids"]) == TOKENIZERS[kind].decode(plain["input_ids"])


@each_kind
@given(text=texts)
def test_offsets_are_those_of_the_pieces(kind, text):
    cut = encoded(CUTTING[kind], text)
    starts = [start for start, _ in cut["offset_mapping"]]
    assert starts == sorted(starts)
    if kind != "wordpiece" or not text.isascii():
        return
    for token, (start, end) in zip(
        CUTTING[kind].convert_ids_to_tokens(cut["input_ids"]), cut["offset_mapping"], strict=True
    ):
        assert token in ("[UNK]", text[start:end], "##" + text[start:end])


@each_kind
def test_words_are_cut_otherwise_and_into_more_pieces(kind):
    plain, cut = (encoded(made[kind], WORDS, is_split_into_words=True) for made in (TOKENIZERS, CUTTING))
    assert len(cut["input_ids"]) > len(plain["input_ids"])
    assert sorted(set(cut.word_ids())) == sorted(set(plain.word_ids())) == list(range(len(WORDS)))


@each_kind
@settings(max_examples=30)
@given(many=st.lists(texts, min_size=1, max_size=4))
def test_a_cut_depends_on_the_text_alone(kind, many):
    together = CUTTING[kind](many, add_special_tokens=False)["input_ids"]
    again = Segmentation(0.4).of(TOKENIZERS[kind])
    assert [again(text, add_special_tokens=False)["input_ids"] for text in many] == together


@each_kind
def test_seeds_and_occurrences_cut_otherwise(kind):
    text = " ".join(["wonderful"] * 12)
    cuts = [Segmentation(0.4, seed).of(TOKENIZERS[kind])(text)["input_ids"] for seed in range(3)]
    assert len({tuple(cut) for cut in cuts}) == 3
    by_word: dict[int, list[int]] = {}
    row = encoded(CUTTING[kind], text)
    for token, (start, _) in zip(row["input_ids"], row["offset_mapping"], strict=True):
        by_word.setdefault(start // len("wonderful "), []).append(token)
    assert len({tuple(cut) for cut in by_word.values()}) > 1


@each_kind
@given(text=texts)
def test_hardly_any_dropout_is_none(kind, text):
    nearly_none = Segmentation(1e-300).of(TOKENIZERS[kind])
    assert nearly_none(text)["input_ids"] == TOKENIZERS[kind](text)["input_ids"]


@each_kind
def test_hardly_anything_else_leaves_single_characters(kind):
    nearly_all = Segmentation(1 - 1e-15).of(TOKENIZERS[kind])
    tokens = nearly_all.tokenize("weather")
    assert [token.strip("#▁Ġ") for token in tokens if token.strip("#▁Ġ")] == list("weather")


def test_the_tokenizer_itself_is_left_as_it_is():
    tokenizer = KINDS["wordpiece"]()
    before = tokenizer("unbelievable storms")["input_ids"]
    Segmentation(0.9).of(tokenizer)
    assert tokenizer("unbelievable storms")["input_ids"] == before
    assert tokenizer.backend_tokenizer.to_str()


def test_special_tokens_stay_whole():
    assert CUTTING["wordpiece"].tokenize("[MASK] x").count("[MASK]") == 1


def test_bpe_takes_a_whole_word_where_it_may():
    model = models.BPE({"a": 0, "b": 1, "ab": 2, "aba": 3}, [("a", "b")], ignore_merges=True)
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    cutting = Segmentation(0.5).of(PreTrainedTokenizerFast(tokenizer_object=backend))
    assert {"aba", "ab", "a", "b"} == set(cutting.tokenize(" ".join(["aba"] * 60)))
