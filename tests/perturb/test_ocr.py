"""Misread glyphs: what may become of a word, and the shipped table."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust import resources
from charrobust.perturb import Attack, load_recipe
from charrobust.perturb.glyphs import load_glyphs
from charrobust.perturb.operators.ocr import OcrGlyphs
from tests.word_operators import attack, outcomes, rewritten

TABLES = resources.names("attacks/glyphs", ".txt")


@pytest.fixture
def few(tmp_path):
    """Return a table of three confusions."""
    path = tmp_path / "few.txt"
    path.write_text("# mine\nrn m\n\nm rn\ne c\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_well_formed(name):
    confusions = load_glyphs(name)
    assert len(confusions) > 50
    for printed, read in confusions:
        assert printed != read
        assert printed.isalnum()
        assert read.isalnum()


def test_the_table_has_what_everybody_names():
    assert {("rn", "m"), ("m", "rn"), ("cl", "d"), ("l", "1"), ("O", "0"), ("e", "c")} <= set(load_glyphs("latin"))


def test_one_place_at_least_and_at_most_at_rate_0(few):
    assert outcomes(OcrGlyphs(glyphs=few, rate=0), "rnee") == {"mee", "rnce", "rnec"}


def test_all_places_at_rate_1(few):
    assert outcomes(OcrGlyphs(glyphs=few, rate=1), "rnem") == {"mcrn"}


def test_what_overlaps_the_certain_place_is_read_right(tmp_path):
    path = tmp_path / "overlapping.txt"
    path.write_text("ab x\nbc y\n")
    assert outcomes(OcrGlyphs(glyphs=str(path), rate=1), "abc") == {"xc", "ay"}


def test_words_without_a_place_stay(few):
    made = attack(OcrGlyphs(glyphs=few)).tokens([["lot"]])
    assert made.sentences == [["lot"]]
    assert made.tally.left == {("ocr-glyphs", "nothing to change"): 1}


def test_the_rate_is_that_of_places(few):
    # One of the 21 places is certain: 1 + 20 * 0.3 = 7 are expected; the mean of 2,000 words is within 0.2 of it.
    read = rewritten(OcrGlyphs(glyphs=few, rate=0.3), ["e" * 21] * 2000)
    assert abs(sum(word.count("c") for word in read) / 2000 - 7) < 0.2


@given(st.text(st.sampled_from("rnmcdloOe01Sé\u0301'-ж"), min_size=1, max_size=12), st.integers(0, 2**64 - 1))
def test_what_is_read_is_printed_by_the_table_read_backwards(word, bits):
    """Some way to undo confusions of the table, left to right, gives the word back."""
    read = OcrGlyphs(rate=0.5).rewrite(word, bits)
    assert read
    confusions = load_glyphs("latin")

    def reads(printed: str, rest: str) -> bool:
        if not printed:
            return not rest
        if rest[:1] == printed[0] and reads(printed[1:], rest[1:]):
            return True
        return any(
            printed.startswith(before) and rest.startswith(after) and reads(printed[len(before) :], rest[len(after) :])
            for before, after in confusions
        )

    assert reads(word, read)


def test_a_recipe_with_an_own_table_is_sent_without_it(few, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "summary = 's'\nsource = 's'\nseed = 1\n[[operators]]\nname = 'ocr-glyphs'\nglyphs = 'few.txt'\nrate = 1.0\n"
    )
    sent = pickle.dumps(Attack.load(str(path)))
    (tmp_path / "few.txt").unlink()
    load_glyphs.cache_clear()
    assert pickle.loads(sent).text("rnem").text == "mcrn"


def test_the_shipped_recipe_reads_several_letters_as_one():
    attack = Attack(load_recipe("ocr-confusions").at(1), 3)
    made = attack.texts(["modern corner clinic mornings"] * 20, ids=list(map(str, range(20))))
    lengths = {len(pair.text) for pair in made}
    assert len(lengths) > 3
