"""What holds for every recipe on any text."""

import random
from dataclasses import replace
from importlib.util import find_spec

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.perturb import Attack, load_recipe, recipe_names, replay, revert
from charrobust.perturb.operators import Add, Drop, Keyboard, Swap
from charrobust.perturb.words import word_spans
from tests.strategies import any_texts, texts, tokens

RECIPES = [load_recipe(name) for name in recipe_names()]
if not find_spec("nlpaug"):  # a light installation
    RECIPES = [recipe for recipe in RECIPES if not any(operator.package for operator in recipe.operators)]
ATTACKS = [Attack(recipe, recipe.seed) for recipe in RECIPES]
ATTACKS += [Attack.load("charbert@0.5x3"), Attack.load("pruthi-random@2"), Attack.load("keyboard@0")]
ATTACKS += [
    Attack(replace(load_recipe("drop"), name=f"{operator.name}-anywhere", min_length=1, operators=(operator,)), 1)
    for operator in (Drop(positions="all"), Swap(positions="all"), Add(positions="all"), Keyboard(positions="all"))
]
# Of the other recipes each family has its own tests, and the fuzzed texts of tests/faults go through all of them: here
# they are a matter of the night.
CENTRAL = {
    *(
        "add",
        "any-letter",
        "broad",
        "charbert",
        "drop",
        "everyday",
        "keyboard",
        "mixed-noise",
        "noisy-lm",
        "ocr",
        "pruthi-random",
    ),
    *(
        "spelling",
        "swap",
        "typing",
        "homoglyphs",
        "invisible",
        "misspellings",
        "split-words",
        "join-words",
        "drop-words",
    ),
}


def _parameter(attack):
    """Return an attack as a parameter of a test."""
    name = f"{attack.recipe.name}@{attack.recipe.severity}"
    is_central = attack.recipe.name in CENTRAL or attack.recipe.name not in recipe_names()
    return pytest.param(attack, id=name, marks=() if is_central else pytest.mark.nightly)


every_attack = pytest.mark.parametrize("attack", list(map(_parameter, ATTACKS)))
# Those whose edits stay inside a word, so that a sentence keeps its words.
in_words = pytest.mark.parametrize(
    "attack", [_parameter(attack) for attack in ATTACKS if not attack.recipe.breaks_tokens]
)


@every_attack
@given(many=st.lists(any_texts, max_size=3))
def test_edits_are_on_record_and_can_be_undone(attack, many):
    made = attack.texts(many)
    assert len(made) == len(many)
    for source, pair in zip(many, made, strict=True):
        assert pair.source == source
        assert revert(pair.text, pair.edits) == source
        assert replay(source, pair.edits) == pair.text
        for edit in pair.edits:
            assert source[slice(*edit.old)] == edit.old_text != edit.new_text == pair.text[slice(*edit.new)]


@every_attack
@given(text=texts)
def test_edits_lie_between_clusters(attack, text):
    borders = {0} | {match.end() for match in regex.finditer(r"\X", text)}
    for edit in attack.text(text).edits:
        assert set(edit.old) <= borders


@in_words
@given(text=texts)
def test_edits_lie_inside_words(attack, text):
    words = word_spans(text)
    for edit in attack.text(text).edits:
        a, b = words[edit.word]
        assert a <= edit.old[0] <= edit.old[1] <= b


@in_words
@given(sentences=st.lists(tokens, max_size=4))
def test_tokens_stay_tokens(attack, sentences):
    made = attack.tokens(sentences)
    assert [len(sentence) for sentence in made.sentences] == [len(sentence) for sentence in sentences]
    restored = [list(sentence) for sentence in made.sentences]
    by_token = {}
    for number in range(len(made.edits)):
        edit = made.edits.row(number)
        by_token.setdefault((int(made.edits.example[number]), edit.word), []).append(edit)
    for (sentence, token), edits in by_token.items():
        new = made.sentences[sentence][token]
        assert new
        assert any(map(str.isspace, sentences[sentence][token])) or not any(map(str.isspace, new))
        restored[sentence][token] = revert(new, edits)
    assert restored == sentences


@every_attack
@settings(max_examples=15)  # each attacks every text of some three times
@given(many=st.lists(texts, max_size=6), salt=st.integers())
def test_order_and_company_do_not_matter(attack, many, salt):
    alone = [attack.text(text).text for text in many]
    assert attack.texts(many).texts == alone
    order = list(range(len(many)))
    random.Random(salt).shuffle(order)
    assert attack.texts([many[i] for i in order]).texts == [alone[i] for i in order]


@given(many=st.lists(texts, min_size=1, max_size=6))
def test_batch_size_does_not_matter(many):
    attack = Attack.load("charbert")
    expected = attack.texts(many)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("charrobust.perturb.batches.BATCH_SIZE", 7)
        made = attack.texts(many)
        sentences = attack.tokens([text.split() for text in many])
    assert made.texts == expected.texts
    assert list(made) == list(expected)
    assert sentences.sentences == attack.tokens([text.split() for text in many]).sentences


def test_known_outcome_stays_the_same_on_every_machine():
    text = "Typing errors change what language models read, sometimes badly."
    assert Attack.load("charbert").text(text).text == GOLDEN["charbert"]
    assert Attack.load("everyday", severity=0.5, seed=1).text(text).text == GOLDEN["everyday"]


@pytest.mark.needs("nlpaug")
def test_known_outcome_of_nlpaug():
    text = "Typing errors change what language models read, sometimes badly."
    assert Attack.load("ocr").text(text).text == GOLDEN["ocr"]
    assert Attack.load("spelling").text(text).text == GOLDEN["spelling"]


GOLDEN = {
    "charbert": "Typkng erfors chamge whaHt langusge moRdels reqd, sometivmes bdly.",
    "everyday": "Typng errors change wat language models read, sometimes badly.",
    "ocr": "Typing ekr0rs chan9e what language models read, sometimes badly.",
    "spelling": "Typing erros chande wath's langue modeles reak, simetimes bedly.",
}


def test_severities_are_nested():
    text = " ".join(f"wonderful{chr(97 + i)}" for i in range(26))
    before: set[int] = set()
    for share in (0.1, 0.3, 0.6, 1.0):
        now = {edit.word for edit in Attack.load("drop", severity=share).text(text).edits}
        assert before < now
        before = now
    assert len(before) == 26


def test_severity_is_the_share_of_eligible_words():
    ids = [str(number) for number in range(200)]
    made = Attack.load("drop", severity=0.25).texts([" ".join(["wonderful"] * 40)] * 200, ids=ids)
    assert made.tally.eligible == 8000
    assert 0.23 < len(made.edits) / 8000 < 0.27


def test_exact_number_of_edited_words():
    for count in (1, 2, 3):
        made = Attack.load("pruthi-random", severity=count).texts(["wonderful weather greets patient travellers"] * 3)
        assert [len({edit.word for edit in pair.edits}) for pair in made] == [count] * 3


def test_a_text_with_too_few_words_gets_the_edits_it_can():
    made = Attack.load("pruthi-random@3").text("wonderful the 1990")
    assert {edit.word for edit in made.edits} == {0}


def test_several_edits_of_a_word_do_not_touch():
    for pair in Attack.load("charbert@1x3").texts(["extraordinarily wonderful counterintuitive"] * 2):
        words = [edit.word for edit in pair.edits]
        assert max(map(words.count, words)) == 3
        for left, right in zip(pair.edits, pair.edits[1:], strict=False):
            assert left.old[1] < right.old[0] or left.word != right.word


def test_ids_tell_equal_texts_apart():
    attack = Attack.load("keyboard")
    made = attack.texts(["extraordinarily wonderful weather"] * 50, ids=[str(i) for i in range(50)])
    assert len(set(made.texts)) > 45
    assert len(set(attack.texts(["extraordinarily wonderful weather"] * 50).texts)) == 1


@every_attack
@given(text=texts)
def test_words_can_be_found_and_found_back(attack, text):
    pair = attack.text(text)
    moved = [edit.old for edit in pair.edits] if attack.recipe.moves_words else []
    for start, end in word_spans(text):
        if any(first < end and start < last for first, last in moved):
            continue  # a word that is lost, or stands elsewhere
        new = pair.moved(start, end)
        assert pair.original(*new) == (start, end)
        assert new[1] > new[0]


def test_protected_spans_stay():
    text = "Rotterdam welcomes wonderful Hamburg"
    for seed in range(20):
        pair = Attack.load("drop", seed=seed).text(text, protect=[(0, 9), (30, 31)])
        assert pair.text.startswith("Rotterdam ")
        assert pair.text.endswith(" Hamburg")
        assert {edit.word for edit in pair.edits} == {1, 2}


def test_protected_expressions_stay():
    text = "please visit https://example.org/page or write to someone@example.org about #wonderful things"
    for seed in range(20):
        made = Attack.load("everyday", severity=1, seed=seed).text(text).text
        assert "https://example.org/page" in made
        assert "someone@example.org" in made
        assert "#wonderful" in made


def test_protected_tokens_stay():
    made = Attack.load("drop").tokens([["wonderful", "Hamburg"]], protect=[[False, True]])
    assert made.sentences[0][1] == "Hamburg"
    assert made.sentences[0][0] != "wonderful"
    assert made.tally.excluded["protected"] == 1


def test_the_tally_adds_up():
    made = Attack.load("charbert").texts(["A need to feel the keen wind of 1995 that would have been good"])
    tally = made.tally
    assert tally.words == 14
    assert tally.words - tally.eligible == sum(tally.excluded.values())
    assert sum(tally.drawn.values()) == tally.eligible
    assert sum(tally.edited.values()) + sum(tally.left.values()) == tally.eligible


def test_charbert_keeps_first_and_last_letters_and_short_words():
    made = Attack.load("charbert").texts(["Our wonderful weather has never been so good in the old town"] * 1)
    for before, after in zip(made.sources[0].split(), made.texts[0].split(), strict=True):
        assert (before[0], before[-1]) == (after[0], after[-1])
        if len(before) < 4:
            assert before == after


def test_nothing_in_nothing_out():
    made = Attack.load("charbert").texts([])
    assert made.texts == []
    assert len(made.edits) == 0
    assert Attack.load("charbert").tokens([]).sentences == []


def test_protected_spans_do_not_leak_into_other_texts():
    made = Attack.load("drop").texts(["abc", "wonderful"], protect=[[(-9, 100)], []])
    assert made.texts[0] == "abc"
    assert made.texts[1] != "wonderful"


def test_lists_of_another_length_are_refused():
    with pytest.raises(ValueError, match="ids must have one entry for each of the 2 examples, got 1"):
        Attack.load("drop").texts(["a", "b"], ids=["1"])
    with pytest.raises(ValueError, match="protect must have one entry for each of the 1 examples, got 0"):
        Attack.load("drop").tokens([["a"]], protect=[])


def test_conjoining_letters_of_korean_are_not_torn():
    text = "".join(map(str, ["\u1112\u1161\u11ab", "\u1100\u116e\u11a8", "\u110b\u1165"]))
    for seed in range(40):
        pair = Attack.load("add", seed=seed).text(text)
        clusters = regex.findall(r"\X", pair.text)
        assert len(clusters) == 4
        assert [cluster for cluster in clusters if len(cluster) > 1] == regex.findall(r"\X", text)


def test_many_edits_of_a_word_are_not_slow():
    text = " ".join(["extraordinarily"] * 20_000)
    pair = Attack.load("charbert@1x5").text(text)
    assert len(pair.edits) > 60_000


def test_slices_and_identity():
    made = Attack.load("drop").texts(["wonderful", "weather", "today"])
    assert made[1:] == [made[1], made[2]]
    assert made != Attack.load("drop").texts(["wonderful"])


def test_recipes_name_files_beside_them(tmp_path):
    folder = tmp_path / "a@b"
    folder.mkdir()
    (folder / "mine-keys.toml").write_text("summary = ''\nsource = ''\nrows = [{ keys = 'on' }]")
    (folder / "mine.toml").write_text(
        "summary = ''\nsource = ''\nseed = 1\n[[operators]]\nname = 'keyboard'\nlayout = 'mine-keys.toml'\n"
    )
    assert Attack.load(f"{folder}/mine.toml@1").text("xox").text == "xnx"


def test_the_place_of_an_own_layout_changes_nothing(tmp_path):
    outcomes = set()
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        rows = "summary = ''\nsource = ''\nrows = [{ keys = 'qwertyuiop' }, { keys = 'asdfghjkl' }]"
        (folder / "keys.toml").write_text(rows)
        (folder / "mine.toml").write_text(
            "summary = ''\nsource = ''\nseed = 1\n[[operators]]\nname = 'keyboard'\nlayout = 'keys.toml'\n"
        )
        outcomes.add(
            Attack.load(folder / "mine.toml").text("extraordinarily wonderful weather greets patient travellers").text
        )
    assert len(outcomes) == 1
