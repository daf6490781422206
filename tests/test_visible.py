"""What is shown of text that a terminal or a page would obey."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.visible import visible, visible_in


@pytest.mark.parametrize(("text", "shown"), [
    ("plain text, naïve, 東京, שלום, 🙂", "plain text, naïve, 東京, שלום, 🙂"),
    ("two\nlines", "two\nlines"),
    ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
    ("\x1b]52;c;cm0gLXJm\x07", r"\x1b]52;c;cm0gLXJm\x07"),
    ("a\rb\tc\x00\x7f\x9b", r"a\rb\tc\x00\x7f\x9b"),
    ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
    ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
    ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
    ("half \ud83d", r"half \ud83d"),
    ("\U000e0041", r"\U000e0041"),
    ("\ufffe\uffff", r"\ufffe\uffff"),
    (r"\x1b is four letters", r"\x1b is four letters"),
])  # fmt: skip
def test_escapes(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "می\u200cخواهم", "क्\u200dष"])
def test_joiners_that_put_characters_together_stay(text):
    assert visible(text) == text


@pytest.mark.parametrize("text", ["in\u200cvisible", "\u200d", "👩\u200d\u200d\u200d", "\u200d👩"])
def test_other_joiners_are_shown(text):
    assert "\\u200" in visible(text)


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_nothing_is_left_to_obey(text):
    shown = visible(text)
    shown.encode()
    assert not {unicodedata.category(character) for character in shown if character != "\n"} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(character) for character in shown} & {
        "LRO",
        "RLO",
        "LRE",
        "RLE",
        "PDF",
        "LRI",
    }
    assert visible(shown) == shown


def test_all_texts_of_a_value():
    value = {"a\x1b": ["b\x1b", ("c\x1b", 3, None, True)]}
    assert visible_in(value) == {r"a\x1b": [r"b\x1b", (r"c\x1b", 3, None, True)]}
