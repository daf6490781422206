"""Systems that cannot be told or loaded."""

import pytest

from charrobust.errors import UserError
from charrobust.systems.naming import load_system, parse_system
from charrobust.systems.system import check_names
from tests.scoring.fakes import fake_system


@pytest.mark.parametrize("text", ["", "=path", "name=", "spelling+", "+path", "a++b"])
def test_empty_parts(text):
    with pytest.raises(UserError, match=r"expected \[NAME=\]\[DEFENCE\+\.\.\.\]PATH"):
        parse_system(text)


def test_unknown_parts(tmp_path):
    with pytest.raises(UserError, match=r"gone'"):
        load_system(str(tmp_path / "gone"))
    with pytest.raises(UserError, match="unknown defence 'speling'; did you mean 'spelling'"):
        load_system("speling+minilm")


def test_two_of_one_name_and_none():
    with pytest.raises(UserError, match="2 models are called 'a'; tell them apart with NAME="):
        check_names([fake_system("a"), fake_system("b"), fake_system("a")])
    with pytest.raises(UserError, match="no model to evaluate"):
        check_names([])
