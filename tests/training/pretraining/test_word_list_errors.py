"""Lists of words that are none."""

import pytest

from charrobust.errors import UserError
from charrobust.training.pretraining.configuration import load_configuration
from charrobust.training.pretraining.lexicons import words_to_know
from charrobust.training.pretraining.pretrain import pretrain
from charrobust.training.pretraining.word_list import read_word_list
from tests.models.tokenizers import wordpiece
from tests.training.runs import small

HEADER = "word\tlanguage\tcount\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: expected lines of a word"),
        ("the 5\n", "line 1: expected lines of a word"),
        (HEADER, "holds no word"),
        (HEADER + "the\ten\n", "line 2: expected lines of a word"),
        (HEADER + "the\ten\tmany\n", "line 2: expected lines of a word"),
        (HEADER + "the\ten\t5\nThe\ten\t5\n", "line 3: expected a word of letters in lower case, got 'The'"),
        (HEADER + "the\txx\t5\n", "line 2: expected a language of ar, cs, de"),
    ],
)
def test_files_that_are_no_list_are_refused(tmp_path, content, message):
    path = tmp_path / "words.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_word_list(path)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_word_list(tmp_path / "missing.tsv")
    (tmp_path / "words.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="is not UTF-8"):
        read_word_list(tmp_path / "words.tsv")


@pytest.mark.parametrize("listed", [True, False])
def test_spelled_keys_need_enough_words(tmp_path, listed):
    path = tmp_path / "words.tsv"
    path.write_text(HEADER + "the\ten\t5\n", encoding="utf-8")
    changes = {"channel.lexicon_keys": "spelled", "channel.lexicon_size": 2}
    if listed:
        changes["data.words"] = str(path)
    with pytest.raises(UserError, match=r"lexicon_size is 2, but .* has 1 different words that can be known"):
        words_to_know(load_configuration("minilm", changes), {"the": 7, "weather": 1, "42": 9}, wordpiece())


def test_a_run_does_not_go_on_with_another_list(backbone, corpus, tmp_path):
    path, output = tmp_path / "words.tsv", tmp_path / "run"
    path.write_text(HEADER + "weather\ten\t5\nstorms\ten\t4\n", encoding="utf-8")
    configuration = small(backbone, data__words=str(path), training__steps=1)
    pretrain(configuration, [corpus], output)
    path.write_text(HEADER + "storms\ten\t4\nweather\ten\t5\n", encoding="utf-8")
    with pytest.raises(UserError, match="the word list or the recipe hold something else"):
        pretrain(configuration, [], output, resume=True)
