"""What is said when running text cannot be packed, or a packed corpus cannot be opened."""

import json

import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from charrobust.errors import DataError, UserError
from charrobust.training.pretraining.packing import open_packed, pack
from tests.models.tokenizers import KINDS

TEXT = ["the wonderful weather of the north"] * 5


@pytest.fixture(scope="module")
def tokenizer():
    return KINDS["wordpiece"]()


@pytest.fixture
def corpus(tokenizer, tmp_path):
    return pack(TEXT, tokenizer, tmp_path / "packed", block_size=8)


@pytest.mark.parametrize("documents", [[], [""], [" \t", "\u3000"]])
def test_a_corpus_without_words_is_refused(tokenizer, tmp_path, documents):
    with pytest.raises(DataError, match="the corpus holds no words; expected running text, one document a line"):
        pack(documents, tokenizer, tmp_path / "packed", block_size=8)
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_that_fills_no_block_is_refused(tokenizer, tmp_path):
    message = (
        r"has 3 tokens; one block takes 6 \(`data.block_size` 8 less the special tokens\); give more text or a smaller"
    )
    with pytest.raises(DataError, match=message):
        pack(["the north", "the"], tokenizer, tmp_path / "packed", block_size=8)
    assert len(pack(["the north", "the"], tokenizer, tmp_path / "packed", block_size=5)) == 1


def test_words_that_were_left_out_are_told_where_they_matter(tmp_path):
    message = "has 1 tokens, without 2 distinct words that are longer than a block; one block takes 4"
    with pytest.raises(DataError, match=message):
        pack(["the qqqqqqq xxxxxxx"], KINDS["byte-level"](), tmp_path / "packed", block_size=4)


@pytest.mark.parametrize("size", [2, 0, -1])
def test_a_block_must_have_room_beside_special_tokens(tokenizer, tmp_path, size):
    with pytest.raises(UserError, match=f"must be larger than the 2 special tokens of the tokenizer, got {size}"):
        pack(TEXT, tokenizer, tmp_path / "packed", block_size=size)


def test_tokenizers_without_words_are_refused(tmp_path):
    backend = Tokenizer(models.BPE({"a": 0}, []))
    without = PreTrainedTokenizerFast(tokenizer_object=backend, name_or_path="some/name")
    with pytest.raises(ValueError, match=r"'some/name' has no pre-tokenizer, and so no words"):
        pack(TEXT, without, tmp_path / "packed", block_size=8)


def test_slow_tokenizers_are_refused(tmp_path):
    class Slow:
        def num_special_tokens_to_add(self):
            return 2

    with pytest.raises(ValueError, match="Slow '' has no fast backend"):
        pack(TEXT, Slow(), tmp_path / "packed", block_size=8)


def test_existing_folders_and_missing_ones_are_not_written_to(tokenizer, tmp_path):
    with pytest.raises(UserError, match="it is an existing folder"):
        pack(TEXT, tokenizer, tmp_path, block_size=8)
    (tmp_path / "file").touch()
    for parent in ("none", "file"):
        with pytest.raises(UserError, match=r"cannot write .*; give a path in an existing folder"):
            pack(TEXT, tokenizer, tmp_path / parent / "packed", block_size=8)


@pytest.mark.parametrize("error", [KeyboardInterrupt, DataError, MemoryError])
def test_nothing_is_left_of_what_broke_off(tokenizer, tmp_path, error):
    def documents():
        yield from TEXT
        raise error("stop")

    with pytest.raises(error):
        pack(documents(), tokenizer, tmp_path / "packed", block_size=8)
    assert list(tmp_path.iterdir()) == []


def test_blocks_outside_the_corpus_are_refused(corpus):
    for number in (-1, len(corpus)):
        with pytest.raises(IndexError, match=rf"block {number} is out of range; the corpus has {len(corpus)} blocks"):
            corpus.block(number)


def test_what_is_no_packed_corpus_is_refused(tmp_path):
    for directory in (tmp_path, tmp_path / "none"):
        with pytest.raises(UserError, match=r"is not a packed corpus: header\.json: No such file or directory; pack"):
            open_packed(directory)


@pytest.mark.parametrize("name", ["running", "bounds", "text_bytes", "ids", "spaced", "counts"])
def test_half_written_files_are_told(corpus, name):
    path = corpus.directory / name
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        UserError, match=rf"not a whole packed corpus: {name} has {size - 1} bytes, expected {size}; remo"
    ):
        open_packed(corpus.directory)
    path.unlink()
    with pytest.raises(UserError, match=rf"not a whole packed corpus: {name} has 0 bytes, expected {size}; remove it"):
        open_packed(corpus.directory)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 7}, "expected version 1 of the layout, got 7"),
        ({"block_size": "8"}, r"header\.json lacks block_size"),
        ({"tokenizer": None, "block_size": None}, r"header\.json lacks block_size, tokenizer"),
        ({"sizes": {}}, r"header\.json lacks the sizes of files"),
    ],
)
def test_wrong_headers_are_told(corpus, change, message):
    path = corpus.directory / "header.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match=f"not a whole packed corpus: {message}; remove it and pack the text again"):
        open_packed(corpus.directory)


@pytest.mark.parametrize(
    ("content", "message"), [("{", "is not valid JSON"), ("[]", r"expected version 1 .*, got \[\]")]
)
def test_headers_of_another_kind_are_told(corpus, content, message):
    (corpus.directory / "header.json").write_text(content)
    with pytest.raises(UserError, match=message):
        open_packed(corpus.directory)


def test_other_tokenizers_are_refused(corpus, tokenizer):
    assert open_packed(corpus.directory, tokenizer).block_size == 8
    with pytest.raises(UserError, match="was packed with another tokenizer; pack the text with this one"):
        open_packed(corpus.directory, KINDS["sentencepiece"]())
