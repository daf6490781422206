"""The compiled table against the dictionary that it was made of, as the tokenizers library reads it."""

from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from charrobust.models.charsmap import compiled

letters = st.characters(categories=["Ll", "Lu", "Lo"], min_codepoint=0x80, max_codepoint=0xFFFF)


@given(st.dictionaries(letters, st.text("abcXYZ ", min_size=1, max_size=3), min_size=1, max_size=60), st.text(letters))
def test_letters_are_replaced_as_the_table_says(table, text):
    blank = " "  # one grapheme a letter: marks would be looked up with what they stand on
    found = Precompiled(compiled(table)).normalize_str(blank.join(text))
    assert found == blank.join(table.get(letter, letter) for letter in text)


@given(st.dictionaries(letters, st.sampled_from("abc"), min_size=1, max_size=60))
def test_a_key_of_several_characters(table):
    mark = "\u0343"
    normalizer = Precompiled(compiled({letter + mark: value for letter, value in table.items()}))
    assert normalizer.normalize_str(" ".join(table)) == " ".join(table), "without the mark, nothing is replaced"
    assert normalizer.normalize_str(f"{mark} ".join(table) + mark) == " ".join(table.values())
