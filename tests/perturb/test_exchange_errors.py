"""Tables and rules that do not serve are refused with their file and entry."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.diacritics import Diacritics
from charrobust.perturb.operators.rewriting import Phonetic
from charrobust.perturb.operators.substitution import Substitute
from charrobust.perturb.operators.tables import Leet
from charrobust.perturb.operators.vowels import Vowels


@pytest.mark.parametrize(("content", "message"), [
    ("", r"mine\.toml: a table needs \[forms\]"),
    ("sauce = 'x'", r"expected the keys summary, source, licence, forms, got sauce = 'x'"),
    ("forms = 3", r"got forms = 3"),
    ("[forms]\nab = '4'", r"\[forms\] ab = '4': expected one letter on the left, got 2"),
    ("[forms]\na = 4", r"\[forms\] a = 4: expected a string"),
    ("[forms]\na = ''", r"\[forms\] a = '': expected a string"),
    ("[forms]\na = '4 '", r"a blank would break tokens"),
    ('[forms]\na = "\\u2028"', r"a blank would break tokens"),
    ("[forms]\na = '4a'", r"a letter that stands for itself changes nothing"),
])  # fmt: skip
def test_tables_that_do_not_serve(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        Leet(table=str(path))


@pytest.mark.parametrize(("content", "message"), [
    ("", r"mine\.toml: expected \[rules\]"),
    ("rule = 3", r"expected the keys summary, source, rules, got rule = 3"),
    ("[rules]\nph = 'f'", r"\[rules\] ph must be a list of strings, got 'f'"),
    ("[rules]\nph = []", r"\[rules\] ph must be a list of strings"),
    ("[rules]\n'^' = ['f']", r"\[rules\] '\^': expected letters"),
    ("[rules]\nph = ['']", r"'ph': '' would make a word vanish"),
    ("[rules]\nph = ['p h']", r"'ph': 'p h' would make a word vanish or break"),
    ("[rules]\nph = ['ph']", r"'ph' is what stands there already"),
])  # fmt: skip
def test_rules_that_do_not_serve(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        Phonetic(rules=str(path))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Leet(table="leat"), r"unknown table 'leat'; did you mean 'leet'\?"),
    (lambda: Phonetic(rules="eng"), r"unknown list of rules 'eng'"),
    (lambda: Vowels(vowels="a"), r"vowels must be two letters or more, got 'a'"),
    (lambda: Substitute(letters="a1"), r"letters must be two letters or more, got 'a1'"),
    (lambda: Capitals(case="title"), r"case = 'title' is not known"),
    (lambda: Diacritics(action="drop"), r"action = 'drop' is not known"),
    (lambda: Leet(scope="text"), r"scope = 'text' is not known"),
    (lambda: Leet(positions="middle"), r"positions = 'middle' is not known"),
])  # fmt: skip
def test_options_that_do_not_serve(make, message):
    with pytest.raises(RecipeError, match=message):
        make()
