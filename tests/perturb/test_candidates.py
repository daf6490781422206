"""Candidates: what is enumerated is what can be drawn, neither less nor more."""

from importlib.util import find_spec
from itertools import groupby
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe, load_recipe, recipe_names, replay
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import Add, Drop, Keyboard, LetterOperator, Operator, Swap
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.controls import Backspace, Reorder
from charrobust.perturb.operators.diacritics import Diacritics
from charrobust.perturb.operators.distractor import Distractor
from charrobust.perturb.operators.doubling import Double, Undouble
from charrobust.perturb.operators.forms import NormalForm
from charrobust.perturb.operators.homoglyphs import Homoglyph
from charrobust.perturb.operators.invisible import Invisible
from charrobust.perturb.operators.marks import DropFinalMark, DropMarks
from charrobust.perturb.operators.misspelt import Misspelt
from charrobust.perturb.operators.ocr import OcrGlyphs
from charrobust.perturb.operators.other_words import ConfusionSets, Homophones, Inflections
from charrobust.perturb.operators.pinyin import Pinyin
from charrobust.perturb.operators.rewriting import Phonetic
from charrobust.perturb.operators.spacing import Join, Split
from charrobust.perturb.operators.substitution import Substitute
from charrobust.perturb.operators.subwords import Pieces
from charrobust.perturb.operators.tables import Leet
from charrobust.perturb.operators.transcripts import LostCase, LostMarks, Transcript
from charrobust.perturb.operators.units import DoubleSentence, DropSentence, DropWord, SwapSentences, SwapWords
from charrobust.perturb.operators.vowels import Vowels
from charrobust.perturb.words import word_spans
from tests.strategies import any_texts, texts, tokens

LADDER = ("ladder-inner", "ladder-last", "ladder-first", "ladder-any")
# Operators that change several places of a word at once: their candidates change one.
SEVERAL = ("ocr-glyphs",)
CENTRAL = {*LADDER, "charbert", "any-letter", "homoglyphs", "invisible", "misspellings", "drop-words", "split-words"}


def parameter(name):
    """Return a recipe as a parameter; those beyond the central ones are a matter of the night."""
    return pytest.param(Attack.load(name), id=name, marks=() if name in CENTRAL else pytest.mark.nightly)


def can_be_listed(name):
    """Tell whether the edits of a recipe can be listed here: in the light installation some packages are not there."""
    return all(
        each.enumerable and (not each.package or find_spec(each.package)) for each in load_recipe(name).operators
    )


ENUMERABLE = list(filter(can_be_listed, recipe_names()))
every_attack = pytest.mark.parametrize("attack", list(map(parameter, [*ENUMERABLE, "charbert@1x3", "ladder-any:hi"])))


def attack_of(*operators: Operator, **rules) -> Attack:
    return Attack(Recipe(name="test", summary="", source="", seed=0, operators=operators, **rules), 0)


def single_edits(attack, edits):
    """Cut an edit log into what is one edit of a candidate: an edit of letters, or all that rewrites a word."""
    of_letters = {each.label for each in attack.recipe.operators if isinstance(each, LetterOperator)}
    for (_, name), of_word in groupby(edits, key=lambda edit: (edit.word, edit.operator)):
        group = list(of_word)
        if name in of_letters:
            yield from ([edit] for edit in group)
        else:
            yield group


@every_attack
@settings(max_examples=30)
@given(any_texts)
def test_every_drawn_edit_is_a_candidate(attack, text):
    made = attack.text(text)
    found = set(attack.candidates(text).texts([text]))
    for edits in single_edits(attack, made.edits):
        if edits[0].operator not in SEVERAL:
            assert replay(text, edits) in found


@pytest.mark.parametrize("attack", [parameter(n) for n in ENUMERABLE if not load_recipe(n).breaks_tokens])
@settings(max_examples=30)
@given(tokens)
def test_every_drawn_edit_of_tokens_is_a_candidate(attack, sentence):
    made = attack.tokens([sentence])
    found = attack.token_candidates(sentence)
    pairs = set(zip(found.slot.tolist(), found.texts(sentence), strict=True))
    for slot, word in enumerate(sentence):
        for edits in single_edits(attack, made.edits.rows(slot)):
            if edits[0].operator not in SEVERAL:
                assert (slot, replay(word, edits)) in pairs


WORDS = [
    (Drop(), "abcde"), (Drop(positions="all"), "aabc"), (Drop(letters="e"), "eleven"), (Swap(), "xaabx"),
    (Swap(positions="all"), "abc"), (Add(letters="xyz"), "abcd"), (Add(letters="xz", positions="all"), "axb"),
    (Add(case="any", letters="z"), "aB"), (Add(letters="repeat"), "ab1d"), (Add(), "жук"), (Add(), "жуккк1"),
    (Add(letters="q"), "xжx"), (Keyboard(), "xgx"), (Keyboard(neighbours=8, case="lower", positions="all"), "Ab1"),
    (Keyboard(keys="all", positions="last"), "cat"), (Double(), "abcd"), (Undouble(), "ballooon"),
    (Split(positions="all"), "abc"), (Vowels(), "sepia"), (Substitute(letters="abc"), "xbx"), (Capitals(), "abcd"),
    (Capitals(scope="word", case="upper", positions="all"), "abc"), (Diacritics(), "naïvé"),
    (Diacritics(action="add", positions="all"), "ne"), (Leet(positions="all"), "leet"), (Homoglyph(), "paca"),
    (Invisible(), "abc"), (NormalForm(positions="all"), "né"), (Reorder(), "abcd"), (Backspace(letters="xy"), "abc"),
    (Phonetic(), "phone"), (Phonetic(), "Write"), (Pinyin(), "在"), (Keyboard(layout="hi-inscript"), "किताब"),
    (Drop(positions="all"), "cafe\u0301s"), (Swap(positions="all"), "e\u0301e\u0300e"),
    (Drop(positions="first"), "abc"), (Swap(positions="last"), "abc"),
    (Misspelt(), "Separate"), (Misspelt(), "definitely"), (Homophones(), "THEIR"), (ConfusionSets(), "its"),
    (Inflections(), "Walks"), (LostCase(), "Paris"), (LostMarks(), "don't"), (Transcript(misheard=0.5), "There's"),
    (Transcript(misheard=0.5), "their"), (Transcript(misheard=1), "Their"), (Transcript(misheard=0), "Their"),
    (OcrGlyphs(rate=0), "corner"),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "word"), WORDS, ids=str)
def test_candidates_of_a_word_are_all_that_is_drawn(operator, word):
    check_candidates_of(operator, word)


@pytest.mark.needs("tokenizers")
@pytest.mark.parametrize("edit", ["drop", "swap", "replace"])
def test_candidates_of_pieces_are_all_that_is_drawn(edit):
    check_candidates_of(Pieces(edit=edit), "unbelievably")


def check_candidates_of(operator, word):
    attack = attack_of(operator)
    ids = [str(number) for number in range(3000)]
    drawn = {edited.text for edited in attack.texts([word] * len(ids), ids=ids)} - {word}
    found = attack.candidates(word)
    assert drawn
    assert sorted(found.texts([word])) == sorted(drawn)


@pytest.mark.parametrize(("operator", "text"), [
    (DropWord(), "the cat, the cat sat"), (SwapWords(), "one two two three"), (Join(), "one two, three four"),
    (DropMarks(), "one, two. three!"), (DropFinalMark(), "One two. Three? Four"), (DropSentence(), "One. Two. Three"),
    (DoubleSentence(), "One. Two."), (SwapSentences(), "One. Two. Three."), (Distractor(), "One two"),
    (Distractor(place="behind", sentences=("A.", "B.")), "One two"), (DropWord(), "one"), (Drop(), "abcd efgh"),
    (Misspelt(), "separate the definitely"),
], ids=str)  # fmt: skip
def test_candidates_of_a_text_are_all_that_is_drawn(operator, text):
    attack = attack_of(operator, edited_words=1)
    ids = [str(number) for number in range(2000)]
    drawn = {edited.text for edited in attack.texts([text] * len(ids), ids=ids)} - {text}
    assert sorted(attack.candidates(text).texts([text])) == sorted(drawn)


@every_attack
@settings(max_examples=30)
@given(text=any_texts)
def test_candidates_are_distinct_and_in_order(attack, text):
    found = attack.candidates(text)
    made = found.texts([text])
    assert len(set(made)) == len(made)
    assert text not in made
    spans = list(zip(found.start.tolist(), found.end.tolist(), strict=True))
    assert spans == sorted(spans)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    numbers = dict(zip(spans, found.place.tolist(), strict=True))
    assert [numbers[span] for span in spans] == found.place.tolist() == sorted(found.place.tolist())
    assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize("name", LADDER)
@settings(max_examples=30)
@given(text=texts, protect=st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_what_stays_has_no_candidates(name, text, protect):
    first, last = sorted(protect)
    attack = Attack.load(name, protect_patterns=["wonder"])
    found = attack.candidates(f"{text} wonderful", protect=[(first, last)])
    words = word_spans(f"{text} wonderful")
    for word, start, end in zip(found.word.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        first_letter, behind = words[word]
        assert first_letter <= start <= end <= behind
        assert first == last or behind <= first or first_letter >= last
    assert len(words) - 1 not in found.word
    drawn = attack.text(f"{text} wonderful", protect=[(first, last)])
    assert found.tally.words == len(words)
    assert {edit.word for edit in drawn.edits} <= set(found.word.tolist())


@given(texts, st.integers(), st.sampled_from(["0.2", "1", "1x3"]))
def test_severity_and_seed_do_not_count(text, seed, severity):
    wanted = Attack.load("charbert").candidates(text)
    found = Attack.load("charbert", severity=severity, seed=seed).candidates(text)
    assert found.texts([text]) == wanted.texts([text])
    assert (found.word == wanted.word).all()


def by_hand(word: str, first: int, last: int) -> set[str]:
    """Edit the letters ``first`` to ``last`` (exclusive) of a small word, with nested loops."""
    near = load_layout("us-qwerty").neighbours(8, letters_only=True)
    made = set()
    for place in range(first, last):
        made.add(word[:place] + word[place + 1 :])
        made |= {word[:place] + key + word[place + 1 :] for key in near[word[place]]}
        if place + 1 < last:
            made.add(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
    for gap in range(first, last + 1):
        made |= {word[:gap] + letter + word[gap:] for letter in ascii_lowercase}
    return made - {word}


@pytest.mark.parametrize("word", ["word", "letter", "aardvark"])
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("ladder-inner", 1, -1), ("ladder-last", 1, 0), ("ladder-first", 0, -1), ("ladder-any", 0, 0)],
)
def test_the_ladder_by_hand(word, name, first, last):
    found = Attack.load(name).candidates(f"the {word} is 1990")
    made = {text.split()[1] for text in found.texts([f"the {word} is 1990"])}
    assert made == by_hand(word, first, len(word) + last)


@settings(max_examples=50)
@given(texts)
def test_each_rung_of_the_ladder_allows_more(text):
    inner, last, first, all_places = (set(Attack.load(name).candidates(text).texts([text])) for name in LADDER)
    assert inner <= first & last
    assert first | last == all_places


def test_tokens_are_named_by_their_numbers():
    found = Attack.load("ladder-inner").token_candidates(["The", "wonderful", "weather"], protect=[False, True, False])
    assert set(found.slot.tolist()) == set(found.word.tolist()) == {2}
    assert set(found.example.tolist()) == {0}
    assert found.operators == ("drop", "add", "swap", "keyboard")


def test_parts_of_a_mixture_are_told_apart():
    found = Attack.load("noisy-lm").candidates("wonderful")
    labels = {found.operators[number] for number in found.operator.tolist()}
    assert len(set(found.part.tolist())) > 1 or len(load_recipe("noisy-lm").parts) == 1
    assert labels <= set(found.operators)


def test_an_empty_text_has_none():
    assert len(Attack.load("ladder-any").candidates("")) == 0
    assert len(Attack.load("ladder-any").token_candidates([])) == 0
