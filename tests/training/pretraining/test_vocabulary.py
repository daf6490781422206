"""The words that the noisy language model tells apart."""

import json

import pytest

from charrobust.errors import DataError, UserError
from charrobust.training.pretraining.packing import pack
from charrobust.training.pretraining.vocabulary import WordVocabulary
from tests.models.tokenizers import KINDS

COUNTS = {"the": 5, "The": 3, "storm": 3, "north": 3, "storms": 1, "42": 9, ",": 20, "": 7, "naïve": 2, "b2b": 2}


def test_the_most_frequent_words_come_first_and_ties_by_alphabet():
    made = WordVocabulary.of(COUNTS, 100, lowercase=False)
    assert made.words == ("the", "The", "north", "storm", "b2b", "naïve", "storms")
    assert WordVocabulary.of(COUNTS, 3, lowercase=False).words == ("the", "The", "north")


def test_case_is_put_together_before_words_are_counted():
    counts = {"Storm": 2, "STORM": 2, "north": 3}
    assert WordVocabulary.of(counts, 1, lowercase=False).words == ("north",)
    assert WordVocabulary.of(counts, 1, lowercase=True).words == ("storm",)


def test_words_that_never_occur_are_left_out():
    assert WordVocabulary.of({"north": 1, "storm": 0}, 10, lowercase=True).words == ("north",)


@pytest.mark.parametrize(("lowercase", "expected"), [(True, [0, 0, 1, -1, -1]), (False, [-1, 0, 1, -1, -1])])
def test_texts_are_numbered(lowercase, expected):
    made = WordVocabulary(("the", "storm"), lowercase).numbers(["The", "the", "storm", "storms", ""])
    assert made.tolist() == expected
    assert made.dtype == "int64"
    assert WordVocabulary(("the",), lowercase).numbers([]).shape == (0,)


def test_words_of_a_corpus_count_with_and_without_a_blank(tmp_path):
    text = ["storm the storm", "storm the", "storm north ,"]
    corpus = pack(text, KINDS["byte-level"](), tmp_path / "packed", block_size=4)
    assert WordVocabulary.of_corpus(corpus, 2, lowercase=False).words == ("storm", "the")
    assert len(corpus.words) == 5  # "storm" at the start of a document is a word of its own


def test_a_word_that_fits_in_no_block_is_not_of_the_vocabulary(tmp_path):
    corpus = pack(["the" + 9 * " the" + " xxxxxxxxxx"], KINDS["byte-level"](), tmp_path / "packed", block_size=6)
    assert WordVocabulary.of_corpus(corpus, 9, lowercase=False).words == ("the",)


@pytest.mark.parametrize("lowercase", [True, False])
def test_a_vocabulary_comes_back_from_its_file(tmp_path, lowercase):
    made = WordVocabulary(("the", "naïve", "書店", 'quote"'), lowercase)
    made.save(tmp_path / "words.json")
    assert WordVocabulary.load(tmp_path / "words.json") == made
    content = json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))
    assert content == {"lowercase": lowercase, "words": list(made.words)}


def test_sizes_must_be_positive():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        WordVocabulary.of(COUNTS, 0, lowercase=True)


def test_words_need_letters():
    with pytest.raises(DataError, match="none of 2 words has a letter; expected running text"):
        WordVocabulary.of({"42": 3, ",": 1}, 5, lowercase=True)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(UserError, match=r"word vocabulary missing: cannot read .*words\.json: No such file"):
        WordVocabulary.load(tmp_path / "words.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"lowercase": true,', r"not valid JSON"),
        ("\xff", r"not valid JSON"),
        ("[]", r'expected an object with the keys "lowercase" and "words"'),
        ('{"words": ["a"]}', r'expected an object with the keys "lowercase" and "words"'),
        ('{"lowercase": 1, "words": ["a"]}', r'"lowercase" must be true or false, got 1'),
        ('{"lowercase": true, "words": "ab"}', r'"words" must be a list of strings, at least one'),
        ('{"lowercase": true, "words": []}', r'"words" must be a list of strings, at least one'),
        ('{"lowercase": true, "words": ["a", 1]}', r'"words" must be a list of strings, at least one'),
        ('{"lowercase": true, "words": ["a", "b", "a"]}', r"'a' is there twice"),
    ],
)
def test_files_with_something_else_are_refused(tmp_path, content, message):
    (tmp_path / "words.json").write_text(content, encoding="latin1")
    with pytest.raises(UserError, match=rf"words\.json is not a word vocabulary: {message}"):
        WordVocabulary.load(tmp_path / "words.json")


def test_folders_that_do_not_exist_are_not_written_to(tmp_path):
    with pytest.raises(UserError, match="cannot write"):
        WordVocabulary(("a",), lowercase=True).save(tmp_path / "none" / "words.json")
