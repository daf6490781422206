"""Words that overlap a match of a protected pattern stay."""

import pickle
from dataclasses import replace
from functools import cache

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.formats import format_of
from charrobust.errors import RecipeError
from charrobust.perturb import Attack, load_recipe, recipe_names
from charrobust.perturb import patterns as patterns_module
from charrobust.perturb.patterns import LINEAR, matched_spans
from charrobust.tasks.registry import task_class
from tests.strategies import any_texts, texts, tokens

PATTERNS = st.lists(
    st.sampled_from(
        [r"\d+", r"https?://\S+", r"[a-d]", r"(?i)letter|the ", r"\b\w{2}\b", r"\p{Cyrillic}+", "^.", "x*"]
    ),
    max_size=3,
)
LOADED = ("charbert", "charbert@1x3", "everyday@1", "pruthi-random@2")
loaded = cache(Attack.load)  # reading a recipe takes longer than an attack on a few words
every_attack = pytest.mark.parametrize("name", LOADED)


def overlaps(edit, match) -> bool:
    """Tell whether an edit changes a letter of a match or inserts one inside it; an empty match protects nothing."""
    return match.group() != "" and edit.old[0] < match.end() and match.start() < edit.old[1]


@every_attack
@given(many=st.lists(any_texts, max_size=4), patterns=PATTERNS)
def test_no_edit_of_a_text_overlaps_a_match(name, many, patterns):
    attack = Attack.load(name, protect_patterns=patterns)
    for pair in attack.texts(many):
        assert attack.text(pair.source) == pair
        for pattern in patterns:
            for match in regex.finditer(pattern, pair.source):
                assert not any(overlaps(edit, match) for edit in pair.edits)


@every_attack
@given(sentences=st.lists(tokens, max_size=4), patterns=PATTERNS)
def test_tokens_that_hold_a_match_stay(name, sentences, patterns):
    edited = Attack.load(name, protect_patterns=patterns).tokens(sentences)
    for before, after in zip(sentences, edited.sentences, strict=True):
        for old, new in zip(before, after, strict=True):
            if any(match.group() for pattern in patterns for match in regex.finditer(pattern, old)):
                assert new == old


@pytest.mark.parametrize("name", LOADED)
@given(many=st.lists(texts, max_size=4))
def test_without_a_pattern_or_a_match_nothing_changes(name, many):
    plain = loaded(name).texts(many)
    assert list(loaded(name, protect_patterns=()).texts(many)) == list(plain)
    assert list(loaded(name, protect_patterns=("qqq",)).texts(many)) == list(plain)


@pytest.mark.parametrize("name", ["charbert", "charbert@0.4x2", "everyday@0.5"])
@given(text=texts, patterns=PATTERNS)
def test_words_elsewhere_are_edited_as_without_patterns(name, text, patterns):
    plain = loaded(name).text(text)
    pair = Attack.load(name, protect_patterns=patterns).text(text)
    kept = {(edit.word, edit.operator, edit.old, edit.new_text) for edit in pair.edits}
    assert kept <= {(edit.word, edit.operator, edit.old, edit.new_text) for edit in plain.edits}
    touched = {edit.word for edit in plain.edits} - {edit.word for edit in pair.edits}
    matches = [match for pattern in patterns for match in regex.finditer(pattern, text) if match.group()]
    assert bool(touched) <= bool(matches)


def test_matches_stay_and_others_do_not():
    attack = Attack.load("drop", protect_patterns=["weather|Ham"])
    edited = attack.texts(["wonderful weather in Hamburg", "wonderful"])
    assert edited.texts[0].endswith(" weather in Hamburg")
    assert not edited.texts[0].startswith("wonderful")
    assert edited.texts[1] != "wonderful"
    assert edited.tally.excluded["protected"] == 2
    tokens = attack.tokens([["weather", "wonderful"]], protect=[[False, True]])
    assert tokens.sentences == [["weather", "wonderful"]]


def test_patterns_add_to_those_of_the_recipe():
    text = "write to someone@example.org about 4711wonderful things"
    for seed in range(10):
        edited = Attack.load("everyday", severity=1, seed=seed, protect_patterns=[r"\d+\w*"]).text(text).text
        assert "someone@example.org" in edited
        assert "4711wonderful" in edited
        assert "things" in Attack.load("everyday", severity=1, seed=seed, protect_patterns=["thing"]).text(text).text


def test_patterns_tell_attacks_apart_and_travel():
    attack = Attack.load("drop", protect_patterns=["a", "b"])
    assert attack.protect_patterns == ("a", "b")
    assert attack != Attack.load("drop")
    assert len({attack, Attack.load("drop"), Attack.load("drop", protect_patterns=("a", "b"))}) == 2
    assert pickle.loads(pickle.dumps(attack)) == attack


@pytest.mark.parametrize(("patterns", "message"), [
    (["fine", "(ab"], r"protect_patterns: '\(ab' is not a regular expression: missing \) at position 3"),
    (["(" * 3_000], r"protect_patterns: '\({199} is not a regular expression: brackets are nested too deep"),
    (["[z-a]"], r"protect_patterns: '\[z-a\]' is not a regular expression: bad character range at position 4"),
    ([3], r"protect_patterns: expected a regular expression, got 3"),
    (r"\d+", r"protect_patterns must be a list of regular expressions, got the string '\\\\d\+'"),
])  # fmt: skip
def test_what_is_no_pattern_is_refused(patterns, message):
    with pytest.raises(RecipeError, match=message):
        Attack.load("drop", protect_patterns=patterns)
    with pytest.raises(RecipeError, match=message):
        Attack(Attack.load("drop").recipe, 1, patterns)


ENDLESS = "(a|aa)+$"
TOOK_TOO_LONG = r"'\(a\|aa\)\+\$' took more than 0.05 seconds on the text 'aaa"


@pytest.fixture
def hurried(monkeypatch) -> None:
    monkeypatch.setattr(patterns_module, "TIME_LIMIT", 0.05)


@pytest.mark.usefixtures("hurried")
def test_a_pattern_without_end_is_given_up():
    attack = Attack.load("drop", protect_patterns=["fine", ENDLESS])
    with pytest.raises(RecipeError, match=f"protect_patterns: {TOOK_TOO_LONG}"):
        attack.texts(["a short text", "a" * 90 + "b"])
    with pytest.raises(RecipeError, match=f"protect_patterns: {TOOK_TOO_LONG}"):
        attack.tokens([["a", "a" * 90 + "b"]])


@pytest.mark.usefixtures("hurried")
def test_so_is_a_pattern_of_a_recipe():
    attack = Attack(replace(load_recipe("drop"), name="mine", protect=(ENDLESS,)), 1)
    with pytest.raises(RecipeError, match=f"recipe 'mine', protect: {TOOK_TOO_LONG}"):
        attack.text("a" * 90 + "b")


@pytest.mark.usefixtures("hurried")
def test_the_file_and_the_lines_are_named(tmp_path):
    path = tmp_path / "in.jsonl"
    texts_of_lines = ["fine", "a" * 90 + "b", "fine"]
    path.write_text("".join(f'{{"text": "{text}", "label": "x"}}\n' for text in texts_of_lines))
    task = task_class("classification").of_columns({"texts": ("text",)})
    attack = Attack.load("drop", protect_patterns=[ENDLESS])
    with pytest.raises(RecipeError, match=rf"in\.jsonl, line 1 to line 3: protect_patterns: {TOOK_TOO_LONG}"):
        attack_file(format_of(path), task, attack, output=tmp_path / "out.jsonl")
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]


def test_patterns_of_shipped_recipes_are_linear():
    shipped = {pattern for name in recipe_names() for pattern in load_recipe(name).protect}
    assert shipped == set(LINEAR)


@given(text=st.text("@@..a \nhtps:/#_0é", max_size=30) | any_texts)
def test_linear_forms_match_the_same(text):
    for pattern in LINEAR:
        matches = [match.span() for match in regex.finditer(pattern, text)]
        assert matched_spans([pattern], text, "protect") == matches


def test_a_line_of_at_signs_ends():
    line = "@" * 400_000
    assert Attack.load("everyday@1").text(line).text == line
