"""Attackers from outside of the package: those that ask a system, and those known by a name."""

from dataclasses import dataclass, replace

import pytest

from charrobust.attackers.attacker import ATTACKERS, Attacker
from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.attackers.versions import AttackInfo, FieldEdit, Version
from charrobust.errors import UserError
from charrobust.report.page import page
from charrobust.scoring import evaluate, read_results, write_results
from charrobust.systems.system import System
from tests.scoring.fakes import TEXTS, fake_system, reviews


@dataclass(frozen=True)
class Search(Attacker):
    """Drops the letter of a text that makes the class it has least probable."""

    name: str = "search"
    asks = True

    def attack(self, system, data):
        examples, edits = [], []
        for example in data.examples:
            (text,) = example.texts
            candidates = [replace(example, texts=(text[:n] + text[n + 1 :],)) for n in range(len(text))]
            scores = system.scores(candidates)
            if scores is None:
                raise UserError(f"{system.name} has no scores")
            of_target = scores[:, system.labels.index(example.target)]
            chosen = int(of_target.argmin())
            examples.append(candidates[chosen])
            edits.append((FieldEdit(0, (chosen, chosen + 1), (chosen, chosen), "drop"),))
        info = AttackInfo(self.name, "searched", edits=1.0, distance=1.0)
        return Version(info, tuple(examples), edits.__getitem__)


def good_if(word):
    def answers(texts):
        return [{"bad": 0.1 + 0.8 * (word not in text), "good": 0.9 - 0.8 * (word not in text)} for text in texts]

    return answers


@pytest.fixture
def systems():
    wonderful = System.of(good_if("wonderful"), task="classification", name="one", labels=["bad", "good"])
    other = System.of(good_if("o"), task="classification", name="two", labels=["bad", "good"])
    return [wonderful, other]


def test_a_version_for_each_system(systems):
    versions = make_versions(reviews(), [Search()], systems)
    assert [(version.name, version.info.system) for version in versions] == [
        ("clean", None), ("search", "one"), ("search", "two"),
    ]  # fmt: skip
    assert versions[1].examples[0].texts == (TEXTS[0][1:],)


def test_a_searched_attack_is_evaluated_and_reported(systems, tmp_path):
    found = evaluate(systems, reviews(), [Search(), "drop@0.5"])
    value = {(s.system, s.attack): s.value.value for s in found.scores if s.metric == "accuracy"}
    # every good text loses its word; words with several o keep one
    assert value["one", "clean"] == 1
    assert value["one", "search"] == 0.5
    assert {info.system for info in found.attacks if info.name == "search"} == {"one", "two"}
    assert value["one", "worst case"] <= value["one", "search"]
    shown = [example for example in found.shown if example.attack == "search"]
    assert {len(example.predictions) for example in shown} == {1}
    assert read_results(write_results(found, tmp_path)) == found
    frame = found.to_frame()
    assert set(frame[frame.attack == "search"].case) == {"searched"}
    text = page(found)
    assert "searched" in text
    assert "against model one" in text
    assert "against model two" in text


def test_a_system_without_scores(systems):
    with pytest.raises(UserError, match="plain has no scores"):
        evaluate([fake_system("plain")], reviews(), [Search()])


def test_attackers_by_name():
    def make(text, options):
        return Search(f"{text}, seed {options.seed}")

    ATTACKERS.register("search", make)
    try:
        attackers = plan_attackers(["search@3", "drop"], seed=5)
        assert [attacker.name for attacker in attackers] == ["search@3, seed 5", "drop"]
        with pytest.raises(UserError, match="an attacker 'search' is registered already"):
            ATTACKERS.register("search", lambda text, options: Search())
        with pytest.raises(UserError, match=r"attack 'serch' is no recipe and no existing file; did you mean 'search'"):
            plan_attackers(["serch"])
    finally:
        ATTACKERS.unregister("search")
