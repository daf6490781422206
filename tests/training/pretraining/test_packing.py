"""Words of running text, numbered, in blocks on disk."""

import functools
import os
import tempfile
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, normalizers
from tokenizers import pre_tokenizers as pre
from transformers import PreTrainedTokenizerFast

from charrobust.training.pretraining import packing
from charrobust.training.pretraining.packing import open_packed, pack
from charrobust.training.pretraining.words import WordCodec, fingerprint
from tests.models.tokenizers import KINDS

# Kinds of pre-tokenizers beside the three: of which tokenizer, with what normaliser, if not its own.
_GPT4 = Regex(r" ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+")
_XLNET = [normalizers.Replace("``", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
VARIANTS = {
    "byte-level, prefix": ("byte-level", pre.ByteLevel(add_prefix_space=True), None),
    "split": ("byte-level", pre.Sequence([pre.Split(_GPT4, "isolated"), pre.ByteLevel(False, use_regex=False)]), None),
    "xlnet": (
        "sentencepiece", pre.Sequence([pre.WhitespaceSplit(), pre.Metaspace()]), normalizers.Sequence(_XLNET),
    ),
    "deberta": (
        "sentencepiece", pre.Sequence([pre.Punctuation("isolated"), pre.Metaspace()]),
        normalizers.Sequence([normalizers.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), normalizers.NFC()]),
    ),
    "deberta, first": (
        "sentencepiece", pre.Sequence([pre.Punctuation("isolated"), pre.Metaspace(prepend_scheme="first")]), None,
    ),
    "first": ("sentencepiece", pre.Metaspace(prepend_scheme="first"), None),
    "never": ("sentencepiece", pre.Metaspace(prepend_scheme="never"), None),
}  # fmt: skip


@functools.cache
def tokenizer_of(name):
    if name in KINDS:
        return KINDS[name]()
    kind, pre_tokenizer, normalizer = VARIANTS[name]
    backend = Tokenizer.from_str(KINDS[kind]().backend_tokenizer.to_str())
    backend.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        backend.normalizer = normalizer
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", mask_token="<mask>")


every_kind = pytest.mark.parametrize("kind", KINDS)
every_variant = pytest.mark.parametrize("kind", [*KINDS, *VARIANTS])

letters = st.text(st.sampled_from("abeghinortuwy ABÜüïé書店,.'-!?()\t\u3000  İßſ\u0301\U0001f600123\n"), max_size=25)
stretches = st.lists(
    st.sampled_from(["the ", "wonderful", "  ", ", ", "<mask>", "[UNK]", "[SEP]", "naïve", "typing", "書店"])
).map("".join)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
texts = letters | stretches | anything


def encoding(tokenizer, text):
    return tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]


@every_variant
@given(text=texts)
def test_the_pieces_of_words_are_those_of_the_document(kind, text):
    tokenizer = tokenizer_of(kind)
    codec = WordCodec(tokenizer)
    ids, lengths = codec.pieces(codec.cut(text))
    assert ids.tolist() == encoding(tokenizer, text)
    assert lengths.sum() == len(ids)


@every_variant
@given(text=texts.filter(lambda text: "\u2581" not in text))
def test_words_are_encoded_again_from_their_texts(kind, text):
    codec = WordCodec(tokenizer_of(kind))
    pre_tokens = codec.cut(text)
    words = [codec.word(pre_token) for pre_token in pre_tokens]
    kept = [number for number, (word, _) in enumerate(words) if word or kind in KINDS]  # all but lone blanks
    spaced = np.array([words[number][1] for number in kept], bool)
    found = codec.encode([words[number][0] for number in kept], spaced)
    for made, expected in zip(found, codec.pieces([pre_tokens[number] for number in kept]), strict=True):
        assert made.tolist() == expected.tolist()


@every_kind
def test_changed_words_are_encoded_as_in_running_text(kind):
    tokenizer = tokenizer_of(kind)
    codec = WordCodec(tokenizer)
    text = "the wodnerful wea,ther <mask> Nörth"
    words = text.split()
    ids, lengths = codec.encode(words, np.arange(len(words)) > 0)
    assert ids.tolist() == encoding(tokenizer, text)
    assert len(lengths) == len(words)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wordpiece", [("the", 0), ("wonderful", 0), (",", 0), ("naive", 0), ("cafe", 0)]),
        ("byte-level", [("The", 0), ("", 1), ("wonderful", 1), (",", 0), ("naïve", 1), ("café", 1)]),
        ("sentencepiece", [("The", 1), ("", 1), ("wonderful,", 1), ("naïve", 1), ("café", 1)]),
        ("xlnet", [("the", 1), ("wonderful,", 1), ("naive", 1), ("cafe", 1)]),
        ("never", [("The", 0), ("", 1), ("wonderful,", 1), ("naïve", 1), ("café", 1)]),
    ],
)
def test_words_have_texts_and_blanks(kind, expected, tmp_path):
    corpus = pack(["The  wonderful, naïve café"] * 5, tokenizer_of(kind), tmp_path / "packed", block_size=40)
    numbers = corpus.running[: len(expected)]
    assert list(zip(corpus.words.texts(numbers), corpus.words.spaced(numbers), strict=True)) == expected


def packed(documents, tokenizer, block_size):
    with tempfile.TemporaryDirectory() as folder:
        return pack(documents, tokenizer, Path(folder) / "packed", block_size=block_size)  # stays mapped


@every_kind
@given(documents=st.lists(texts, max_size=8), room=st.integers(1, 12), stretch=st.sampled_from([1, 3, 10, 1 << 20]))
def test_blocks_cover_all_words_in_order_and_are_as_full_as_can_be(kind, documents, room, stretch):
    tokenizer = tokenizer_of(kind)
    codec = WordCodec(tokenizer)
    filler = "the north" * room  # so that there is a block to fill
    words = [codec.pieces([word])[0].tolist() for text in [*documents, filler, filler] for word in codec.cut(text)]
    words = [word for word in words if len(word) <= room]
    if sum(map(len, words)) < room:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "_STRETCH", stretch)
        corpus = packed([*documents, filler, filler], tokenizer, room + tokenizer.num_special_tokens_to_add())
    pieces = [corpus.words.pieces(corpus.block(number)) for number in range(len(corpus))]
    assert list(chain.from_iterable(ids.tolist() for ids, _ in pieces)) == list(chain.from_iterable(words))
    assert list(chain.from_iterable(lengths.tolist() for _, lengths in pieces)) == list(map(len, words))
    sizes = [len(ids) for ids, _ in pieces]
    assert max(sizes) <= room
    following = [int(lengths[0]) for _, lengths in pieces[1:]]
    assert all(size + next_word > room for size, next_word in zip(sizes, following, strict=False))
    assert (np.bincount(corpus.running, minlength=len(corpus.words)) == corpus.words.counts()).all()


def test_a_greedy_filling_by_hand(tmp_path):
    tokenizer = tokenizer_of("wordpiece")
    words = ["the", "north", "xxx", "the", "the", "weather"]
    lengths = [len(encoding(tokenizer, word)) for word in words]
    assert lengths == [1, 1, 1, 1, 1, 1]
    corpus = pack([" ".join(words[:4]), " ".join(words[4:])], tokenizer, tmp_path / "packed", block_size=4 + 2)
    assert corpus.bounds.tolist() == [0, 4, 6]
    assert [corpus.words.texts(corpus.block(number)) for number in range(2)] == [words[:4], words[4:]]
    assert corpus.words.texts(np.arange(4)) == ["the", "north", "xxx", "weather"]
    assert corpus.words.counts().tolist() == [3, 1, 1, 1]


def test_words_longer_than_a_block_are_left_out(tmp_path):
    tokenizer = tokenizer_of("byte-level")
    corpus = pack(["the qqqqqqq the", 6 * " the"], tokenizer, tmp_path / "packed", block_size=5)
    assert corpus.words.texts(corpus.running) == ["the"] * 8
    assert corpus.words.texts(np.arange(3)) == ["the", "qqqqqqq", "the"]
    assert corpus.words.counts().tolist() == [1, 0, 7]


def test_words_without_tokens_take_no_room(tmp_path):
    from tokenizers import models

    backend = Tokenizer(models.BPE({"a": 0}, []))  # knows one letter, and no sign for others
    backend.pre_tokenizer = pre.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend)
    corpus = pack(["b a b b a b", "b a b"], tokenizer, tmp_path / "packed", block_size=2)
    assert corpus.bounds.tolist() == [0, 7, 9]
    assert corpus.words.pieces(corpus.block(0))[1].tolist() == [0, 1, 0, 0, 1, 0, 0]


def test_a_table_takes_numbers_in_any_order_and_none(tmp_path):
    corpus = pack(["typing errors change words"], tokenizer_of("byte-level"), tmp_path / "packed", block_size=4)
    numbers = np.array([3, 0, 3], np.int32)
    ids, lengths = corpus.words.pieces(numbers)
    assert corpus.words.texts(numbers) == ["words", "typing", "words"]
    assert corpus.words.spaced(numbers).tolist() == [True, False, True]
    assert ids.tolist() == encoding(tokenizer_of("byte-level"), " words") + encoding(
        tokenizer_of("byte-level"), "typing"
    ) + encoding(tokenizer_of("byte-level"), " words")
    assert (ids.dtype, lengths.dtype, lengths.sum()) == (np.int32, np.int64, len(ids))
    none = np.zeros(0, np.int32)
    assert corpus.words.texts(none) == []
    assert [len(part) for part in corpus.words.pieces(none)] == [0, 0]


def test_a_corpus_is_mapped_from_disk_and_opens_again(tmp_path):
    tokenizer = tokenizer_of("wordpiece")
    made = pack(["the wonderful weather of the north"] * 5, tokenizer, tmp_path / "packed", block_size=8)
    opened = open_packed(tmp_path / "packed", tokenizer)
    assert (opened.directory, opened.block_size, opened.tokenizer) == (made.directory, 8, fingerprint(tokenizer))
    assert [opened.block(number).tolist() for number in range(len(opened))] == [
        made.block(number).tolist() for number in range(len(made))
    ]
    assert isinstance(opened.running.base, np.memmap)
    assert not opened.running.flags.writeable
    assert (opened.running.dtype, opened.bounds.dtype) == (np.int32, np.int64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed"]


def test_documents_are_taken_one_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "_STRETCH", 4)
    seen, words_read = [], []

    def progress(stage, done, total, metrics):
        assert (stage, total, metrics) == ("packing", 0, {})
        words_read.append(done)

    def documents():
        for number in range(6):
            seen.append((number, list(words_read)))
            yield "the weather"

    pack(documents(), tokenizer_of("wordpiece"), tmp_path / "packed", block_size=8, progress=progress)
    assert seen == [(0, []), (1, []), (2, [4]), (3, [4]), (4, [4, 8]), (5, [4, 8])]
    assert words_read == [4, 8, 12, 12]


def test_what_an_interrupted_run_left_is_replaced(tmp_path):
    left = tmp_path / ".charrobust-part-of-a-killed-run" / "packed"
    left.mkdir(parents=True)
    (left / "running").write_bytes(b"old")
    os.utime(left.parent, (0, 0))
    pack(["the wonderful weather"] * 5, tokenizer_of("wordpiece"), tmp_path / "packed", block_size=8)
    assert len(open_packed(tmp_path / "packed")) > 0
    assert not left.parent.exists()


def test_fingerprints_tell_tokenizers_apart_and_nothing_else(tmp_path):
    assert len({fingerprint(tokenizer_of(name)) for name in [*KINDS, *VARIANTS]}) == len(KINDS) + len(VARIANTS)
    tokenizer = KINDS["wordpiece"]()
    before = fingerprint(tokenizer)
    tokenizer(["the north", "the"], padding=True, truncation=True, max_length=4)
    tokenizer.save_pretrained(tmp_path)
    assert fingerprint(tokenizer) == before
    assert fingerprint(PreTrainedTokenizerFast.from_pretrained(tmp_path)) == before


def test_making_a_codec_leaves_the_tokenizer_as_it_is():
    tokenizer = tokenizer_of("byte-level, prefix")
    before = tokenizer.backend_tokenizer.to_str()
    WordCodec(tokenizer).encode(["the"], np.array([True]))
    assert tokenizer.backend_tokenizer.to_str() == before
