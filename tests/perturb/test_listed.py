"""Lists of users: a byte order mark is no part of the first entry, and what is not UTF-8 is refused with its place."""

import codecs

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.glyphs import load_glyphs
from charrobust.perturb.misspellings import load_misspellings
from charrobust.perturb.operators.hunspell import load_replacements
from charrobust.perturb.operators.pinyin import Pinyin
from charrobust.perturb.word_classes import stop_words
from charrobust.perturb.word_limit import load_dictionary


def homophones(name):
    return Pinyin(homophones=name)._written


LISTS = {
    "words.txt": (stop_words, "né\n"),
    "dictionary.txt": (load_dictionary, "né\n"),
    "homophones.txt": (homophones, "在再é\n"),
    "glyphs.txt": (load_glyphs, "é e\n"),
    "list.tsv": (load_misspellings, "né\tne\n"),
    "list.jsonl": (load_misspellings, '{"correct": "né", "misspelt": "ne"}\n'),
    "list.aff": (load_replacements, "SET UTF-8\nREP 1\nREP né nea\n"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_mark_is_no_part_of_a_list(name, tmp_path):
    load, content = LISTS[name]
    plain, marked = tmp_path / name, tmp_path / f"marked-{name}"
    plain.write_text(content, encoding="utf-8")
    marked.write_bytes(codecs.BOM_UTF8 + plain.read_bytes())
    assert load(str(marked)) == load(str(plain))


def test_a_mark_tells_the_encoding_of_a_dictionary(tmp_path):
    path = tmp_path / "xx.aff"
    path.write_text("REP né nea\n", encoding="utf-8-sig")
    assert "né" in str(load_replacements(str(path)))


@pytest.mark.parametrize("name", [name for name in LISTS if not name.endswith(".aff")])
def test_other_encodings_are_refused(name, tmp_path):
    load, content = LISTS[name]
    path = tmp_path / name
    path.write_bytes(content.encode("gb18030"))
    with pytest.raises(RecipeError, match=rf"{name} is not UTF-8 \(byte [0-9]+\); save it as UTF-8"):
        load(str(path))
