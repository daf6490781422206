"""Lists of word sets that are refused, with the line."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators.other_words import Homophones


@pytest.mark.parametrize(("content", "message"), [
    (b"their there\nits\n", r"mine\.txt, line 2: expected a set of two words or more, such as 'their there'; got 'its'"),
    (b"their there their\n", r"line 1: 'their' stands in the set twice; remove one"),
    (b"\n# x\nParis paris\n", r"line 3: 'Paris' has a capital; write 'paris': texts keep the case they have"),
    (b"# nothing\n", r"mine\.txt: the list is empty; write a line for each set, such as 'their there'"),
    (b"a\xe9 b\n", r"mine\.txt is not UTF-8 \(byte 1\); save it as UTF-8"),
])  # fmt: skip
def test_broken_lists(tmp_path, content, message):
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        Homophones(sets=str(path))


def test_unknown_lists():
    with pytest.raises(RecipeError, match=r"unknown list of word sets 'homophones'; did you mean 'homophones-en'\?"):
        Homophones(sets="homophones")
