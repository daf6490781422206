"""Lists and dictionaries that are not understood are refused with their file and line."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators.hunspell import Hunspell
from charrobust.perturb.operators.misspelt import Misspelt


@pytest.mark.parametrize(("name", "content", "message"), [
    ("mine.tsv", "", r"mine\.tsv holds no misspelling of a single word; expected CORRECT, a tab"),
    ("mine.tsv", "a lot\talot\n", r"holds no misspelling of a single word"),
    ("mine.tsv", "\nletter leter\n", r"mine\.tsv, line 2: expected CORRECT, a tab, MISSPELT"),
    ("mine.tsv", "a\tb\t1\t2\n", r"line 1: expected CORRECT"),
    ("mine.tsv", "a\tb\tmany\n", r"line 1: 'many' is no count"),
    ("mine.tsv", "a\tb\t0\n", r"line 1: a count must be above 0 and finite, got 0"),
    ("mine.tsv", "a\tb\tinf\n", r"got inf"),
    ("mine.tsv", "a\t b\n", r"line 1: ' b' is no word"),
    ("mine.tsv", "a\t\n", r"line 1: '' is no word"),
    ("mine.tsv", "a\tb\u2028c\n", r"is no word"),
    ("mine.tsv", "# a\na\ta\n", r"line 2: 'a' is misspelt as itself"),
    ("mine.jsonl", "{", r"mine\.jsonl, line 1: no valid JSON"),
    ("mine.jsonl", "[1]", r"line 1: expected \{\"correct\""),
    ("mine.jsonl", '{"correct": "a"}', r"line 1: expected \{\"correct\""),
    ("mine.jsonl", '{"correct": "a", "misspelt": 3}', r"line 1: expected \{\"correct\""),
    ("mine.jsonl", '{"correct": "a", "misspelt": "b", "count": true}', r"line 1: expected \{\"correct\""),
    ("mine.jsonl", '{"correct": "a", "misspelt": "b", "count": -1}', r"got -1"),
])  # fmt: skip
def test_lists_that_are_not_understood(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content.encode())
    with pytest.raises(RecipeError, match=message):
        Misspelt(pairs=str(path))


def test_a_list_of_another_encoding(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_bytes("é\te\n".encode("latin-1"))
    with pytest.raises(RecipeError, match=r"mine\.tsv is not UTF-8"):
        Misspelt(pairs=str(path))


def test_a_list_that_is_not_there():
    with pytest.raises(RecipeError, match=r"unknown list of misspellings 'english'.*Known: en"):
        Misspelt(pairs="english")


@pytest.mark.parametrize(("content", "message"), [
    ("SET UTF-8\n", r"has no replacements \(REP\)"),
    ("REP 1\nREP alot a_lot\n", r"has no replacements \(REP\)"),
    ("REP 1\nREP a\n", r"xx\.aff, line 2: expected REP WRONG RIGHT, got 'REP a'"),
    ("SET UTF-9\nREP a b\n", r"cannot be read as 'utf-9'"),
    ("SET ASCII\nREP é b\n", r"cannot be read as 'ascii'"),
])  # fmt: skip
def test_dictionaries_that_are_not_understood(tmp_path, content, message):
    path = tmp_path / "xx.aff"
    path.write_bytes(content.encode())
    with pytest.raises(RecipeError, match=message):
        Hunspell(affix=str(path))


def test_a_dictionary_that_is_not_there():
    with pytest.raises(RecipeError, match=r"affix = '' is no file; give the path of a dictionary's \.aff file"):
        Hunspell()
