"""What searches find, against loops that are written out here."""

from dataclasses import replace
from functools import cache
from itertools import chain, combinations

import numpy as np
import pytest

from charrobust.perturb import Attack
from charrobust.perturb.word_limit import limit_of
from charrobust.search import SEARCHES, Answers, find_search, search
from charrobust.search.units import Unit, units_of
from charrobust.systems.system import System
from charrobust.tasks.moves import Moves
from tests.search.systems import LABELS, TEXTS, Graded, Hashed, attack_of, data_of

ALL = sorted(SEARCHES.names())
LABELS_ALONE = ["decision", "exhaustive", "random"]
every_search = pytest.mark.parametrize("name", ALL)


def found_by(name, system=None, *, texts=TEXTS, attack=None, **options):
    system = Graded() if system is None else system
    return search(system, data_of(system, texts), attack or attack_of(), search=name, **options)


def moves_of(text, label="good"):
    data = data_of(Hashed(), [text])
    (unit,) = units_of(data, lambda batch: Moves(data.task, batch, attack_of()))
    return unit.moves


def text_of(moves, state):
    return moves.perturb([state]).records[0]["text"]


def found_texts(found):
    return [record["text"] for batch in found.batches for record in batch.records]


def nested_loop(system, text, edits):
    """Return the lowest margin of the right class under single edits, or pairs of them, and whether it is lost."""
    moves = moves_of(text)
    sign = 1 if system.margin(text) > 0 else -1
    singles = [sign * system.margin(text_of(moves, (move,))) for move in range(len(moves))]
    margins = [sign * system.margin(text), *singles]
    if edits == 2 and min(margins) > 0:
        for first, second in combinations(range(len(moves)), 2):
            if moves.may_join((first,))[second]:
                margins.append(sign * system.margin(text_of(moves, (first, second))))
    return min(margins)


@pytest.mark.parametrize("salt", ["", "1", "2"])
@pytest.mark.parametrize("edits", [1, 2])
def test_exhaustive_search_is_a_nested_loop(edits, salt):
    system = Hashed(salt=salt)
    found = found_by("exhaustive", system, edits=edits)
    for text, changed, outcome in zip(TEXTS, found_texts(found), found.outcomes, strict=True):
        worst = nested_loop(system, text, edits)
        sign = 1 if system.margin(text) > 0 else -1
        assert sign * system.margin(changed) == pytest.approx(worst)
        assert outcome.success == (LABELS[system.margin(changed) > 0] != LABELS[sign > 0])
        assert outcome.found == float(not outcome.success)


@cache
def exhaustively(salt):
    return found_by("exhaustive", Graded(salt=salt), edits=2)


@every_search
@pytest.mark.parametrize("salt", ["", "1", "2"])
def test_nothing_beats_exhaustive_search(name, salt):
    exhaustive = exhaustively(salt)
    other = found_by(name, Graded(salt=salt), edits=2)
    for best, outcome in zip(exhaustive.outcomes, other.outcomes, strict=True):
        assert best.success >= outcome.success
        assert len(outcome.state) <= 2


@every_search
@pytest.mark.parametrize("edits", [1, 2])
def test_what_is_found_is_said_again(name, edits):
    system = Graded(salt="1")
    found = found_by(name, system, edits=edits)
    successes = 0
    for text, changed, outcome in zip(TEXTS, found_texts(found), found.outcomes, strict=True):
        flipped = (system.margin(text) > 0) != (system.margin(changed) > 0)
        assert flipped == outcome.success
        assert (changed == text) == (outcome.state == ())
        successes += flipped
    assert successes


@every_search
@pytest.mark.parametrize("edits", [1, 2])
def test_the_size_of_rounds_does_not_matter(name, edits):
    one, seven, many = (found_by(name, edits=edits, round_size=size) for size in (1, 7, 64))
    assert one.outcomes == seven.outcomes == many.outcomes
    assert found_texts(one) == found_texts(seven) == found_texts(many)


@every_search
def test_a_record_is_searched_alike_among_others(name):
    together = found_by(name, edits=2).outcomes
    for number, text in enumerate(TEXTS):
        (alone,) = found_by(name, texts=[text], edits=2).outcomes
        shown = together[number]
        assert (alone.state, alone.queries, alone.found) == (shown.state, shown.queries, shown.found)


@pytest.mark.parametrize("name", ["greedy", "gradient"])
def test_estimates_are_made_within_the_budget(name):
    text = max(TEXTS, key=len)
    (one,) = found_by(name, Graded(), texts=[text], edits=1).outcomes
    for budget in (one.queries, one.queries + 1, one.queries + 2):
        (outcome,) = found_by(name, Graded(), texts=[text], edits=2, budget=budget).outcomes
        assert outcome.queries <= budget


def test_a_budget_of_one_query_asks_about_a_text():
    system = Graded()
    found_by("greedy", system, texts=[max(TEXTS, key=len)], budget=1)
    assert len(system.searched) == 1


@every_search
@pytest.mark.parametrize("budget", [1, 3, 10])
def test_the_budget_is_kept_to_the_query(name, budget):
    if name == "gradient" and budget == 1:
        return  # refused, see test_searches_errors
    texts = [text for text in TEXTS if len(text) > 20]
    for text in texts:
        system, free = Graded(), Graded()
        (outcome,) = found_by(name, system, texts=[text], edits=2, budget=budget).outcomes
        (unlimited,) = found_by(name, free, texts=[text], edits=2).outcomes
        assert outcome.queries <= budget
        # What a draw repeats costs nothing: there may be fewer distinct draws than queries.
        if not outcome.success and name != "random":
            assert outcome.queries == min(budget, unlimited.queries)


@pytest.mark.parametrize("name", ["pruthi", "beam", "exhaustive", "greedy"])
def test_the_budget_cuts_the_same_order(name):
    """What is asked within a budget is the beginning of what is asked without."""
    text = "plain words without any meaning today"
    limited, free = Hashed(), Hashed()
    found_by(name, limited, texts=[text], edits=2, budget=20, round_size=1)
    found_by(name, free, texts=[text], edits=2, round_size=1)
    assert limited.searched == free.searched[: len(limited.searched)]
    assert limited.searched


def test_the_order_of_pruthi():
    """All single edits in their order, until the first flips; else on from the one that lowers the margin most."""
    system = Hashed(salt="2")
    for text in TEXTS:
        moves, sign = moves_of(text), 1 if system.margin(text) > 0 else -1
        state, expected, is_lost = (), [], False
        for _ in range(2):
            margins = {}
            for move in np.flatnonzero(moves.may_join(state)):
                longer = tuple(sorted((*state, int(move))))
                expected.append(text_of(moves, longer))
                margins[longer] = sign * system.margin(expected[-1])
                is_lost = (system.margin(expected[-1]) > 0) != (sign > 0)
                if is_lost:
                    break
            if is_lost or not margins:
                break
            state = min(margins, key=margins.get)
        (outcome,) = found_by("pruthi", system, texts=[text], edits=2).outcomes
        assert outcome.success == is_lost
        # Each text counts once, however often it comes.
        assert outcome.queries == len(dict.fromkeys(expected))


@pytest.mark.parametrize("salt", ["", "1", "2"])
def test_labels_suffice_for_one_edit(salt):
    by_scores = found_by("exhaustive", Hashed(salt=salt)).outcomes
    for name in ("exhaustive", "certify", "pruthi", "decision"):
        by_labels = found_by(name, Hashed(salt=salt, scores=False)).outcomes
        assert [outcome.success for outcome in by_labels] == [outcome.success for outcome in by_scores]


def test_what_is_read_alike_is_asked_once():
    system = Hashed()
    (outcome,) = found_by(
        "exhaustive", system, texts=["wonderful weather"], attack=attack_of("drop", "capitals")
    ).outcomes
    assert outcome.queries == outcome.candidates
    # The edits of letters' case are one reading, which is that of the clean text, and is asked once for all.
    assert outcome.distinct == len({text.lower() for text in system.searched}) == len(system.searched)
    assert outcome.distinct < outcome.queries


def test_certificates():
    one = found_by("exhaustive", edits=1).outcomes
    two = found_by("exhaustive", edits=2).outcomes
    assert any(outcome.is_complete for outcome in one)
    for outcome in one:
        assert outcome.is_complete == (outcome.certified == 1) == (not outcome.success)
    for outcome, of_two in zip(one, two, strict=True):
        assert of_two.certified == (0 if of_two.success else 2)
        assert not of_two.certified or outcome.is_complete
    # With a budget nothing is proved, unless all was asked.
    assert not any(outcome.certified for outcome in found_by("exhaustive", budget=3).outcomes if outcome.candidates > 3)


@pytest.mark.parametrize("salt", ["", "1", "2"])
def test_certification_tells_what_exhaustive_search_does(salt):
    exhaustive, certify = (found_by(name, Graded(salt=salt)).outcomes for name in ("exhaustive", "certify"))
    assert [outcome.success for outcome in certify] == [outcome.success for outcome in exhaustive]
    assert [outcome.certified for outcome in certify] == [outcome.certified for outcome in exhaustive]
    lost = [number for number, outcome in enumerate(exhaustive) if outcome.success]
    assert sum(certify[number].queries for number in lost) < sum(exhaustive[number].queries for number in lost) / 2


@pytest.mark.parametrize(("first", "second"), [("exhaustive", "greedy"), ("greedy", "certify"), ("beam", "exhaustive")])
def test_what_was_asked_is_remembered(first, second):
    system, answers = Hashed(), Answers()
    found_by(first, system, edits=2, answers=answers)
    before = set(system.searched)
    rounds = len(system.asked)
    found = found_by(second, system, edits=2, answers=answers)
    fresh = found_by(second, Hashed(), edits=2)
    assert found_texts(found) == found_texts(fresh)
    assert [outcome.queries for outcome in found.outcomes] == [outcome.queries for outcome in fresh.outcomes]
    after = set(chain.from_iterable(system.asked[rounds + 1 :]))  # what stands before are the clean records
    assert before
    assert not before & after
    assert len(after) < sum(outcome.queries for outcome in fresh.outcomes)


def test_another_system_is_asked_itself():
    answers = Answers()
    found_by("exhaustive", Graded(salt="1"), answers=answers)
    other = found_by("exhaustive", Graded(salt="2"), answers=answers)
    assert found_texts(other) == found_texts(found_by("exhaustive", Graded(salt="2")))


def test_pairs_that_may_be_drawn_in_one_word_are_not_certified(monkeypatch):
    few = attack_of()
    twice = Attack(few.recipe.at("1x2"), few.seed)
    system = Hashed()
    monkeypatch.setattr(system, "margin", lambda text: 1.0)  # nothing harms it
    # Of edits that lead to one text, one is a move; another may be drawn beside an edit that touches that one.
    for attack, certified in ((few, 2), (twice, 1)):
        (outcome,) = found_by("exhaustive", system, texts=["wonderful weather"], edits=2, attack=attack).outcomes
        assert (outcome.success, outcome.certified) == (False, certified)


@every_search
@pytest.mark.parametrize("edits_per_word", [1, 2])
@pytest.mark.parametrize("errors", ["non-word", "real-word"])
def test_no_search_makes_of_a_word_what_the_recipe_does_not_allow(name, edits_per_word, errors):
    recipe = replace(attack_of("drop", "keyboard").recipe, errors=errors, edits_per_word=edits_per_word)
    found = found_by(name, attack=Attack(recipe, 1), edits=3 if name != "exhaustive" else 2)
    limit = limit_of(recipe, recipe)
    changed = 0
    for text, made in zip(TEXTS, found_texts(found), strict=True):
        for old, new in zip(text.split(), made.split(), strict=True):
            assert old == new or limit.allows(old, new)
            changed += old != new
    assert changed


def test_certificates_within_a_limit_are_of_all_that_it_allows():
    recipe = replace(attack_of("drop", "keyboard").recipe, errors="real-word")
    system = Graded()
    found = found_by("exhaustive", system, attack=Attack(recipe, 1), edits=2)
    free = replace(recipe, errors="any")
    for text, outcome in zip(TEXTS, found.outcomes, strict=True):
        limit = limit_of(recipe, recipe)
        forms = Attack(free, 1).candidates(text).texts([text])
        allowed = {made for made in forms if _one_word_allowed(limit, text, made)}
        assert outcome.candidates == len(allowed)
        if not outcome.success:
            assert outcome.certified == 2


def _one_word_allowed(limit, text, made):
    pairs = zip(text.split(), made.split(), strict=True)
    return all(old == new or limit.allows(old, new) for old, new in pairs)


@pytest.mark.parametrize(("names", "askings"), [(("bad", "good"), 1), (("BAD", "GOOD"), 2)])
def test_clean_texts_are_asked_again_only_where_labels_have_other_names(names, askings):
    asked = []

    def scored(texts):
        asked.extend(texts)
        signs = [1 if Hashed().margin(text) > 0 else -1 for text in texts]
        return [dict(zip(names, (0.5 - sign / 4, 0.5 + sign / 4), strict=True)) for sign in signs]

    data = data_of(Hashed())
    found = search(System.of(scored, task="classification"), data, attack_of("drop"), search="greedy", budget=2)
    assert {text: asked.count(text) for text in TEXTS} == dict.fromkeys(TEXTS, askings)
    assert len(found.searched) == len(TEXTS)


def test_records_that_are_wrong_already_are_not_searched():
    system = Hashed()
    data = data_of(system)
    other = data_of(Hashed(salt="3"))
    found = search(Hashed(), other, attack_of(), search="exhaustive")
    wrong = [own.target != given.target for own, given in zip(data.examples, other.examples, strict=True)]
    assert any(wrong)
    for is_wrong, outcome, text, changed in zip(wrong, found.outcomes, TEXTS, found_texts(found), strict=True):
        assert outcome.right_before == (not is_wrong)
        assert not is_wrong or (outcome.queries == 0 and changed == text and not outcome.is_complete)
    assert len(found.searched) == len(TEXTS) - sum(wrong)


def test_the_edits_are_logged_and_can_be_undone():
    system = Hashed()
    data = data_of(system)
    found = search(system, data, attack_of(), search="exhaustive", edits=2)
    edits = [edit for log in found.logs for edit in log.edits()]
    assert len(edits) == sum(outcome.edits for outcome in found.outcomes)
    for batch in found.batches:
        for row, record, place in batch.rows():
            own = [edit for edit in edits if edit.row == row]
            assert data.task.restore(record, own, place)["text"] == TEXTS[row]


def test_a_greedy_search_asks_little():
    exhaustive = found_by("exhaustive").outcomes
    greedy = found_by("greedy").outcomes
    assert sum(outcome.queries for outcome in greedy) < sum(outcome.queries for outcome in exhaustive) / 2


def test_searches_are_told_by_their_settings():
    assert find_search("beam") == find_search("beam")
    assert find_search(find_search("charmer")).name == "charmer"
    assert [find_search(name).name for name in ALL] == ALL
    assert isinstance(units_of(data_of(Hashed()), lambda batch: None)[0], Unit)
