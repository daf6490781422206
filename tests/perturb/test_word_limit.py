"""What an edited word may become: nothing that is in a dictionary, or another word of it."""

from __future__ import annotations

import pickle
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.counter_random import draw
from charrobust.perturb.letter_edits import LetterEdits
from charrobust.perturb.operators import Add, Drop, Keyboard, Swap
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.ocr import OcrGlyphs
from charrobust.perturb.operators.other_words import Homophones
from charrobust.perturb.operators.spacing import Split
from charrobust.perturb.operators.substitution import Substitute
from charrobust.perturb.recipe import Part
from charrobust.perturb.recipe_files import parse_recipe
from charrobust.perturb.word_limit import WordLimit, load_dictionary
from charrobust.perturb.words import word_spans
from tests.strategies import any_texts

LIMITS = ("non-word", "real-word")
OPERATORS = (Drop(positions="all"), Swap(), Add(), Keyboard(positions="all"), Homophones(), OcrGlyphs(rate=0), Split())
WORDS = [
    "the",
    "form",
    "of",
    "their",
    "cat",
    "quite",
    "brown",
    "through",
    "witch",
    "sold",
    "bear",
    "café",
    "Paris",
    "don't",
    "it's",
    "lake",
    "hat",
    "corner",
    "I",
    "7up",
]
sentences = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def attack_of(*operators, seed=0, **rules) -> Attack:
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=operators, **rules)
    return Attack(recipe, seed)


def limit(errors: str) -> WordLimit:
    return WordLimit(errors, load_dictionary("en"))


def edited_words(made) -> dict[int, tuple[str, str]]:
    """Return the words that were edited, before and after, by their numbers."""
    spans = word_spans(made.source)
    by_word = defaultdict(list)
    for edit in made.edits:
        by_word[edit.word].append(edit)
    found = {}
    for number, edits in by_word.items():
        start, end = spans[number]
        word = made.source[start:end]
        for edit in reversed(edits):
            first, last = edit.old[0] - start, edit.old[1] - start
            word = word[:first] + edit.new_text + word[last:]
        found[number] = made.source[start:end], word
    return found


@pytest.mark.parametrize(("old", "new", "non_word", "real_word"), [
    ("cat", "cta", True, False), ("cat", "car", False, True), ("Cat", "Car", False, True), ("CAT", "CAR", False, True),
    ("cat", "cAr", False, True), ("cat", "caT", False, False), ("xqz", "xqZ", True, False), ("paris", "Paris", False, False),
    ("pairs", "paris", True, False), ("Pairs", "Paris", False, True), ("PAIRS", "PARIS", False, True),
    ("its", "it's", False, True), ("its", "it’s", False, True), ("don't", "don’t", False, False),
    ("cafés", "café", False, True), ("cafés", "cafe\u0301", False, True), ("along", "a long", False, True),
    ("together", "to gether", True, False), ("well-knows", "well-known", False, True), ("cat", "c@t", True, False),
    ("it", "t", True, False), ("1990", "199", True, False), ("cat", "c\u200bat", True, False), ("a", "-", True, False),
])  # fmt: skip
def test_what_is_a_word(old, new, non_word, real_word):
    assert limit("non-word").allows(old, new) == non_word
    assert limit("real-word").allows(old, new) == real_word


@pytest.mark.parametrize("errors", LIMITS)
@settings(max_examples=40)
@given(
    text=st.one_of(sentences, any_texts), seed=st.integers(0, 99), edits=st.sampled_from([1, 2, {"1": 0.5, "3": 0.5}])
)
def test_what_is_drawn_keeps_to_the_limit(errors, text, seed, edits):
    made = attack_of(*OPERATORS, seed=seed, errors=errors, edits_per_word=edits, redraw=True).text(text)
    assert all(limit(errors).allows(*forms) for forms in edited_words(made).values())


@pytest.mark.parametrize("errors", LIMITS)
@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
@settings(max_examples=20)
@given(text=sentences, seed=st.integers(0, 99))
def test_a_word_is_edited_where_an_edit_of_it_is_allowed(operator, errors, text, seed):
    attack = attack_of(operator, seed=seed, errors=errors)
    listed = attack.candidates(text)
    assert set(edited_words(attack.text(text))) == set(listed.word.tolist())


@pytest.mark.parametrize("errors", LIMITS)
@settings(max_examples=30)
@given(text=st.one_of(sentences, any_texts))
def test_what_is_listed_is_what_is_listed_without_a_limit_and_allowed(errors, text):
    free, limited = attack_of(*OPERATORS), attack_of(*OPERATORS, errors=errors)
    found = free.candidates(text)
    places = zip(*(getattr(found, name).tolist() for name in ("word_start", "word_end", "start", "end")), strict=True)
    allowed = []
    for (first, last, start, end), new, made in zip(places, found.new, found.texts([text]), strict=True):
        if limit(errors).allows(text[first:last], text[first:start] + new + text[end:last]):
            allowed.append(made)
    assert limited.candidates(text).texts([text]) == allowed


@pytest.mark.parametrize("errors", LIMITS)
@settings(max_examples=30)
@given(text=sentences, seed=st.integers(0, 99))
def test_what_is_allowed_is_edited_the_same_without_a_limit(errors, text, seed):
    free = attack_of(Drop(), Swap(), Homophones(), seed=seed)
    limited = replace(free, recipe=replace(free.recipe, errors=errors))
    wanted = {number: forms for number, forms in edited_words(free.text(text)).items() if limit(errors).allows(*forms)}
    assert wanted.items() <= edited_words(limited.text(text)).items()


@pytest.mark.parametrize(("operator", "word"), [
    (Keyboard(positions="all"), "cat"), (Drop(positions="all"), "brown"), (Add(positions="all"), "hat"),
    (Homophones(), "their"), (OcrGlyphs(rate=0), "corner"), (Swap(positions="all"), "form"), (Split(), "together"),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("errors", LIMITS)
def test_all_that_is_listed_is_drawn(operator, word, errors):
    attack = attack_of(operator, errors=errors)
    ids = [str(number) for number in range(2000)]
    drawn = {edited.text for edited in attack.texts([word] * len(ids), ids=ids)} - {word}
    assert sorted(attack.candidates(word).texts([word])) == sorted(drawn)


def test_words_that_stay_are_counted_with_the_reason():
    # "bcde" has no letter by whose loss it becomes a word; "it" and "is" are words whatever is exchanged.
    made = attack_of(Drop(positions="all"), errors="real-word").texts(["bcde", "brown"])
    assert made.texts[0] == "bcde"
    assert made.texts[1] == "brow"
    assert made.tally.left == {("drop", "would be no other word"): 1}
    made = attack_of(Swap(positions="last"), errors="non-word").text("no")
    assert made.text == "no"


def test_another_operator_is_drawn():
    swap, add = Swap(weight=1e6), Add(letters="s", positions="last")
    made = attack_of(swap, add, errors="real-word", redraw=True).texts(["lake"])
    assert made.texts == ["lakes"]
    assert made.tally.drawn_again == {("swap", "would be no other word"): 1}


def test_an_operator_that_cannot_be_listed_leaves_the_word(monkeypatch):
    monkeypatch.setattr(Capitals, "enumerable", False)
    made = attack_of(Capitals(), errors="non-word").texts(["through"])
    assert made.texts == ["through"]
    assert made.tally.left == {("capitals", "would be a word"): 1}


def test_the_last_of_several_edits_decides():
    ids = [str(number) for number in range(200)]
    made = attack_of(Swap(positions="all"), errors="real-word", edits_per_word=2).texts(["form"] * 200, ids=ids)
    # Two exchanges that do not touch: "ofmr" alone, which is no word. One may stand at the second place alone: "from".
    assert set(made.texts) <= {"form", "from"}
    made = attack_of(Substitute(positions="all"), errors="real-word", edits_per_word=2).texts(["bear"] * 200, ids=ids)
    changed = set(made.texts) - {"bear"}
    assert {"deer", "peer"} <= changed <= load_dictionary("en")
    # One of them where no second one leads to a word.
    assert {sum(old != new for old, new in zip("bear", word, strict=True)) for word in changed} == {1, 2}
    # The last letter is drawn until there is a word, for whatever the first edit has left.
    assert made.texts.count("bear") < 150


def test_an_exact_number_of_words_is_taken_of_those_that_may_be_edited():
    text = "bcde bcde brown bcde bcde lakes"
    attack = attack_of(Drop(positions="all"), errors="real-word", edited_words=2)
    assert attack.text(text).text == "bcde bcde brow bcde bcde lake"


@settings(max_examples=20)
@given(st.lists(sentences, min_size=1, max_size=4), st.integers(0, 99))
def test_results_do_not_hang_on_the_batch(texts, seed):
    attack = attack_of(*OPERATORS, seed=seed, errors="real-word", edits_per_word={"1": 0.5, "2": 0.5})
    assert attack.texts(texts).texts == [attack.text(text).text for text in texts]


def test_tokens_keep_to_the_limit():
    sentence = ["Their", "well-known", "cat", ",", "sold", "."]
    made = attack_of(Drop(positions="all"), Keyboard(), errors="real-word").tokens([sentence] * 50)
    pairs = [pair for edited in made.sentences for pair in zip(sentence, edited, strict=True)]
    assert all(old == new or limit("real-word").allows(old, new) for old, new in pairs)


@pytest.mark.parametrize("of_parts", [True, False])
def test_a_mixture_is_limited_as_a_whole_or_part_by_part(of_parts):
    words = ["brown", "lakes", "form"] * 50
    own = "real-word" if of_parts else "any"
    drop = attack_of(Drop(positions="all"), errors=own).recipe
    parts = (Part(drop), Part(attack_of(Swap(positions="all"), errors=own).recipe))
    errors = "any" if of_parts else "real-word"
    mixed = Recipe(name="mixed", summary="", source="", seed=1, mixture=parts, errors=errors)
    made = Attack(mixed, 1).texts(words, ids=list(map(str, range(len(words)))))
    assert set(made.texts) - set(words) == {"brow", "lake", "from", "for"}
    assert set(Attack(mixed, 1).candidates("brown form").texts(["brown form"])) == {
        "brow form",
        "brown from",
        "brown for",
    }


def test_places_are_as_likely_as_each_other_whatever_may_be_written_there():
    row, at_place = np.zeros(5, np.int64), np.array([1, 4, 4, 4, 4])
    nothing = np.zeros(5, np.int64)
    made = LetterEdits(row, at_place, Replacements(nothing, nothing, nothing.astype(np.uint32), nothing))
    bits = draw(np.arange(4000, dtype=np.uint64), 0)
    drawn = np.concatenate([made.drawn(np.ones(5, bool), bits[number : number + 1]) for number in range(4000)])
    assert np.bincount(drawn)[0] / 4000 == pytest.approx(0.5, abs=0.03)
    assert np.bincount(drawn)[1:] / 4000 == pytest.approx(0.125, abs=0.03)
    # As drawing until it fits: a place of which little fits is drawn less often.
    fits = np.array([True, True, False, False, False])
    drawn = np.concatenate([made.drawn(fits, bits[number : number + 1]) for number in range(4000)])
    assert np.bincount(drawn)[0] / 4000 == pytest.approx(0.8, abs=0.03)
    assert len(made.drawn(np.zeros(5, bool), bits[:1])) == 0


def test_a_list_of_the_users(tmp_path):
    (tmp_path / "mine.txt").write_text("# of our shop\nKabel\n\nmess\nkabeln\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        'summary = ""\nsource = ""\nseed = 1\n[words]\nerrors = "real-word"\ndictionary = "mine.txt"\n'
        '[[operators]]\nname = "drop"\npositions = "all"\n',
        encoding="utf-8",
    )
    attack = Attack.load(tmp_path / "mine.toml", language="de")
    assert attack.texts(["Kabeln", "kabeln", "Messe"]).texts == ["Kabel", "kabeln", "Mess"]
    # Where it is sent the list may not lie; and it is sent alike before and after use.
    sent = pickle.dumps(attack)
    assert sent == pickle.dumps(Attack.load(tmp_path / "mine.toml", language="de"))
    (tmp_path / "mine.txt").unlink()
    assert pickle.loads(sent).texts(["Kabeln"]).texts == ["Kabel"]


def test_the_dictionary_that_ships_is_not_sent():
    attack = attack_of(Drop(), errors="non-word")
    assert len(pickle.dumps(attack)) < 3000
    assert pickle.loads(pickle.dumps(attack)).text("brown").text == attack.text("brown").text


def test_what_is_kept_is_told_apart():
    recipe = load_recipe("drop")
    others = [replace(recipe, errors=errors) for errors in LIMITS]
    others += [recipe.at("1x2"), replace(recipe, redraw=True)]
    assert len({other.digest for other in (recipe, *others)}) == 5
    assert recipe.at(0.5).digest == recipe.digest
    mixed = [
        Recipe(name="m", summary="", source="", seed=1, mixture=(Part(other),)).digest for other in (recipe, others[0])
    ]
    assert len(set(mixed)) == 2


def test_real_word_errors_may_change_what_is_said():
    assert load_recipe("drop").effects == ("spelling",)
    assert replace(load_recipe("drop"), errors="real-word").effects == ("spelling", "other-word")
    assert replace(load_recipe("drop"), errors="non-word").effects == ("spelling",)


def test_options_of_a_file():
    content = {
        "summary": "s",
        "source": "s",
        "seed": 3,
        "operators": [{"name": "drop"}],
        "words": {"errors": "non-word"},
    }
    assert parse_recipe("mine", content).errors == "non-word"
    assert parse_recipe("mine", content).in_language("en").dictionary == "en"
