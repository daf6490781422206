"""Languages: what recipes take from them, and what they do to a paragraph of each."""

import functools
import pickle
import tomllib
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.packages import is_installed
from charrobust.perturb import Attack, language_codes, load_language, load_recipe, recipe_names, revert
from charrobust.perturb.clusters import cluster_borders
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import Add, Keyboard
from charrobust.perturb.perturbed import EditedText
from charrobust.perturb.word_classes import WordClasses, stop_words
from charrobust.perturb.words import CodePointBuffer, find_words

PARAGRAPHS = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
LANGUAGES = language_codes()
# Operators that write letters of the language's own, on any word.
OF_LETTERS = {"drop", "add", "swap", "keyboard", "vowels", "substitute", "double", "undouble"}
RECIPES = []
for recipe in map(load_recipe, recipe_names()):
    needed = {operator.package for operator in recipe.operators} - {""}
    if all(map(is_installed, needed)):  # some packages are not there in a light installation
        RECIPES.append(recipe.name)
DIRECTION_MARKS = "\u200e\u200f\u061c"
# Of the words of a paragraph, so many are edited at least by each recipe, and by all of them at their own severities.
FEWEST, FEWEST_OF_ALL = 1, 100
paragraphs = pytest.mark.parametrize("code", LANGUAGES)


def paragraph(code: str) -> str:
    return PARAGRAPHS[code].strip()


@functools.cache
def attacks_of(code: str) -> list[Attack]:
    """Return the attacks whose recipes know the language; of the others another test tells that they are refused."""
    known = []
    for name in RECIPES:
        try:
            known.append(Attack.load(name, language=code))
        except RecipeError:
            assert _is_of_another_language(name, code)
    return known


@functools.cache
def edited_paragraphs(code: str) -> list[tuple[Attack, EditedText]]:
    """Return the attacks that know the language with what each makes of its paragraph."""
    return [(attack, attack.text(paragraph(code))) for attack in attacks_of(code)]


def _is_of_another_language(name: str, code: str) -> bool:
    """Tell whether a recipe has words of another language."""
    recipe = load_recipe(name)
    return name == "spelling" or any(each.lists_are_of not in ("", code) for each in recipe.operators)


def writes_letters(name: str) -> bool:
    """Tell whether a recipe, of which the name may say a language, only writes letters of the language."""
    return {each.name for each in load_recipe(name.partition(":")[0]).operators} <= OF_LETTERS


def keep_form(attack: Attack) -> bool:
    """Tell whether an attack leaves the normal form of a text as it is."""
    return all(operator.keeps_form for operator in attack.recipe.operators)


def test_all_languages_of_the_project_are_there():
    wanted = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "fi", "pl", "cs", "tr", "ru", "uk", "el", "ar", "hi"]
    assert set(wanted) <= set(LANGUAGES)
    assert set(PARAGRAPHS) == set(LANGUAGES)


@paragraphs
def test_every_language_says_where_its_facts_are_from(code):
    content = resources.read_toml(resources.find(code, "attacks/languages", "language"))
    facts = set(content) - {"name", "sources"}
    assert facts == set(content["sources"])
    assert all(content["sources"].values())
    assert len(stop_words(content["stop_words"])) >= 100


@paragraphs
def test_a_language_is_named_by_an_argument_or_with_the_recipe(code):
    by_name = load_recipe(f"charbert:{code}@0.5")
    assert by_name == load_recipe("charbert@0.5").in_language(code) == load_recipe("charbert").in_language(code).at(0.5)
    assert (by_name.name, by_name.language, by_name.severity) == (f"charbert:{code}", code, "0.5")
    assert (
        Attack.load("charbert@0.5", language=code)
        == Attack.load(by_name)
        == Attack.load("charbert@0.5").in_language(code)
    )


@pytest.mark.parametrize("name", recipe_names())
def test_english_changes_nothing(name):
    plain, english = load_recipe(name), load_recipe(name).in_language("en")
    assert (english.operators, english.fingerprint) == (plain.operators, plain.fingerprint)
    assert (english.min_length, english.known_stop_words) == (plain.min_length, plain.known_stop_words)


def test_english_text_is_edited_as_without_a_language():
    texts = [paragraph("en"), "Привет, мир! Ёлка and a Christmas tree", "½ naïve façade 中文"]
    for name in ("charbert", "everyday", "keyboard", "add"):
        assert Attack.load(name, language="en").texts(texts).texts == Attack.load(name).texts(texts).texts


@paragraphs
def test_every_recipe_edits_a_paragraph(code):
    text = paragraph(code)
    edits = {attack.recipe.name: edited.edits for attack, edited in edited_paragraphs(code)}
    for attack in attacks_of(code):
        name = attack.recipe.name
        if writes_letters(name) and not name.startswith("undouble"):
            assert len(replace(attack, recipe=attack.recipe.at("1")).text(text).edits) >= FEWEST, name
    assert sum(map(len, edits.values())) >= FEWEST_OF_ALL


@paragraphs
def test_every_edit_is_undone_and_tears_no_letter(code):
    text = paragraph(code)
    assert unicodedata.is_normalized("NFC", text)
    for attack, edited in edited_paragraphs(code):
        if not keep_form(attack):
            assert revert(edited.text, edited.edits) == text
            continue
        assert revert(edited.text, edited.edits) == text
        before, after = set(cluster_borders(text)), set(cluster_borders(edited.text))
        assert all(before.issuperset(edit.old) and after.issuperset(edit.new) for edit in edited.edits)
        assert unicodedata.is_normalized("NFC", edited.text)
        if attack.recipe.breaks_tokens:
            continue  # what is lost or said twice has its marks with it
        marks = [[mark for mark in form if mark in DIRECTION_MARKS] for form in (text, edited.text)]
        assert marks[0] == marks[1]


@paragraphs
def test_equal_paragraphs_are_edited_alike_in_any_batch(code):
    # Of one byte a letter and of more, from both directions: what else there is in a batch is of these kinds.
    company = [PARAGRAPHS[other][:120] for other in ("en", "fr", "ru", "ar", "hi")]
    for attack, alone in edited_paragraphs(code):
        assert attack.texts([*company, paragraph(code)]).texts[-1] == alone.text
        assert pickle.loads(pickle.dumps(attack)).text(paragraph(code)).text == alone.text


@paragraphs
def test_letters_that_are_written_are_of_the_language(code):
    language, text = load_language(code), paragraph(code)
    layout = load_layout(language.layouts[0])
    keys = {key for key, _, _ in layout.places}
    known = set(language.alphabet + language.vowels) | keys | set(layout.uppercase.values()) | set(text)
    known |= {layout.upper(letter) for letter in known}
    for attack, edited in edited_paragraphs(code):
        if writes_letters(attack.recipe.name):
            assert set(edited.text) <= known, attack.recipe.name


@paragraphs
def test_added_letters_are_of_the_alphabet(code):
    alphabet = set(load_language(code).alphabet)
    operator = Add().in_language(load_language(code))
    recipe = replace(load_recipe("add"), operators=(operator,), min_length=1)
    edits = Attack(recipe, 1).text(paragraph(code).lower().replace("i̇", "i")).edits
    assert edits
    added = {edit.new_text for edit in edits}
    # Beside a letter of another script, one of the word itself is drawn.
    assert all(letter in alphabet or letter.isascii() for letter in added)
    assert added & alphabet


def test_letters_of_another_script_get_letters_of_their_own_word():
    edited = Attack.load("add", language="ru").text("Компания Microsoft купила Nokia")
    by_word = {edit.word: edit.new_text for edit in edited.edits}
    assert by_word[1] in "Microsft"
    assert by_word[3] in "Nokia"
    assert not by_word[0].isascii()


def test_capitals_of_turkish():
    operator = Add().in_language(load_language("tr"))
    assert operator._cases.shape == (2, 29)
    pairs = dict(zip(*("".join(map(chr, row)) for row in operator._cases), strict=True))
    assert (pairs["i"], pairs["ı"], pairs["ş"]) == ("İ", "I", "Ş")


@pytest.mark.parametrize(("code", "words", "others"), [
    ("tr", "için İçin İÇİN şey ŞEY biri BİRİ mı MI Mı", "yemek icin"),
    ("el", "είναι Είναι ΕΙΝΑΙ ΕΊΝΑΙ ή Ή Η", "σπίτι ΣΠΙΤΙ"),
    ("en", "the The THE", "tree"),
    ("de", "für Für FÜR", "Haus"),
])  # fmt: skip
def test_stop_words_are_known_in_capitals(code, words, others):
    text = f"{words} {others}"
    buffer = CodePointBuffer.of([text])
    found = find_words(buffer, [text])
    is_stop_word = WordClasses(buffer, found, stop_words(code)).has(
        "stop-words", found.first[:1] + range(len(found.start))
    )
    assert is_stop_word.tolist() == [True] * len(words.split()) + [False] * len(others.split())


def test_a_layout_of_the_language_stays_and_one_of_another_goes():
    german, english = load_language("de"), load_language("en")
    assert Keyboard(layout="qwerty-grid").in_language(english).layout == "qwerty-grid"
    assert Keyboard(layout="qwerty-grid").in_language(german).layout == "de-qwertz"
    assert Keyboard(layout="de-qwertz").in_language(english).layout == "us-qwerty"


def test_files_of_the_users_stay(tmp_path):
    layout, words = tmp_path / "mine.toml", tmp_path / "mine.txt"
    layout.write_text("rows = [{ keys = 'abc' }]")
    words.write_text("abc")
    recipe = replace(load_recipe("keyboard"), operators=(Keyboard(layout=str(layout)), Add(letters="xy")))
    german = replace(recipe, stop_words=str(words), skip=("stop-words",)).in_language("de")
    assert german.operators[0].layout == str(layout)
    assert german.operators[1].letters == "xy"
    assert german.known_stop_words == {"abc"}


def test_a_language_of_the_users_is_its_file(tmp_path):
    (tmp_path / "keys.toml").write_text("rows = [{ keys = 'abcº1' }]")
    (tmp_path / "words.txt").write_text("ab\n")
    path = tmp_path / "mine.toml"
    path.write_text("name = 'Mine'\nlayouts = ['keys.toml']\nstop_words = 'words.txt'")
    language = load_language(path)
    assert (language.code, language.alphabet, language.direction) == ("mine", "abc", "left-to-right")
    recipe = load_recipe(f"charbert:{path}")
    assert recipe.name == "charbert:mine"
    assert recipe.known_stop_words == {"ab"}
    assert set("".join(edit.new_text for edit in Attack(recipe, 1).text("abcabcabc " * 9).edits).lower()) <= set(
        "abcº1"
    )
    # What the files say matters, and not where they lie.
    assert str(tmp_path) not in recipe.fingerprint


def test_lengths_are_those_of_syllables_where_a_letter_is_one():
    hindi, german = load_recipe("pruthi-random:hi"), load_recipe("pruthi-random:de")
    assert (german.min_length, german.operators[2].min_length) == (3, 5)
    assert (hindi.min_length, hindi.operators[2].min_length) == (2, 3)
    edited = Attack.load("charbert", language="hi").text(paragraph("hi"))
    assert len(edited.edits) >= 15


hindi_text = st.text(
    st.sampled_from("कखगनमर\u094d\u093e\u093f\u0940\u0902\u093cअए ") | st.sampled_from("ab1 "), max_size=40
)


@given(hindi_text)
def test_keys_of_marks_stand_for_keys_of_marks(text):
    text = unicodedata.normalize("NFC", text)
    recipe = replace(
        load_recipe("keyboard:hi"), min_length=1, operators=(Keyboard(layout="hi-inscript", positions="all"),)
    )
    edited = Attack(recipe, 3).text(text)
    assert revert(edited.text, edited.edits) == text
    assert unicodedata.is_normalized("NFC", edited.text)
    for edit in edited.edits:
        assert len(edit.old_text) == len(edit.new_text)
        changed = [pair for pair in zip(edit.old_text, edit.new_text, strict=True) if pair[0] != pair[1]]
        assert len(changed) == 1
        kinds = [unicodedata.category(character)[0] == "M" for character in changed[0]]
        assert kinds[0] == kinds[1]
        assert regex.fullmatch(r"\X+", edit.new_text)


def test_a_recipe_that_knows_english_alone_is_refused_elsewhere():
    with pytest.raises(RecipeError, match=r"dictionary holds English words alone, and the language is 'de'; name one"):
        load_recipe("spelling:de")
