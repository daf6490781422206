"""Robust encodings: whose typo a form is, which words are read as one, and what is written."""

import itertools
import json
import math
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, load_recipe
from charrobust.systems.encodings import Encodings
from charrobust.systems.restoration import load_restorer, restored
from charrobust.systems.word_owners import WordOwners
from charrobust.training.encodings.clusters import Clusters
from charrobust.training.encodings.reach import reach_of
from charrobust.training.encodings.settings import EncodingSettings
from charrobust.training.encodings.train import train_encodings

RECIPES = ("ladder-inner", "ladder-any")
VOCABULARIES = st.lists(st.text("abcd", min_size=1, max_size=6), min_size=1, max_size=8, unique=True)


def typos(recipe, word):
    return set(Attack(load_recipe(recipe), 0).candidates(word).texts([word]))


@pytest.mark.parametrize("recipe", RECIPES)
@given(vocabulary=VOCABULARIES)
def test_owners_are_those_of_a_plain_loop(recipe, vocabulary):
    forms = {word: typos(recipe, word) for word in vocabulary}

    def owner(form):
        if form in vocabulary:
            return vocabulary.index(form)
        return next((number for number, word in enumerate(vocabulary) if form in forms[word]), None)

    owners = WordOwners(load_recipe(recipe), vocabulary)
    reach = reach_of(vocabulary, load_recipe(recipe)).owners
    for number, word in enumerate(vocabulary):
        assert reach[number] == sorted({number, *map(owner, forms[word])})
        for form in forms[word]:
            assert owners.owner(form) == owner(form)
    assert owners.owner("zzzzzzzzz") is None


def objective(shares, owners, read_as, fidelity):
    """Return what clustering makes small: encodings beyond the first, and what is not told any more, in nats."""
    encodings = math.fsum(
        share * (len({read_as[o] for o in own}) - 1) for share, own in zip(shares, owners, strict=True)
    )
    whole = Counter()
    for share, cluster in zip(shares, read_as, strict=True):
        whole[cluster] += share
    lost = math.fsum(share * math.log(whole[cluster] / share) for share, cluster in zip(shares, read_as, strict=True))
    return encodings + fidelity * lost


@given(vocabulary=VOCABULARIES, fidelity=st.sampled_from([0.05, 0.3, 1.0, 5.0]), seed=st.integers(0, 9))
def test_no_two_near_clusters_would_gain_by_merging(vocabulary, fidelity, seed):
    shares = sorted(np.random.default_rng(seed).dirichlet(np.ones(len(vocabulary))).tolist(), reverse=True)
    owners = reach_of(vocabulary, load_recipe("ladder-any")).owners
    read_as = Clusters(shares, owners, fidelity).merged()
    assert all(read_as[cluster] == cluster <= word for word, cluster in enumerate(read_as))
    least = objective(shares, owners, read_as, fidelity)
    assert least <= objective(shares, owners, range(len(shares)), fidelity) + 1e-12
    for own in owners:
        for one, other in itertools.pairwise(own):
            merged = [read_as[one] if cluster == read_as[other] else cluster for cluster in read_as]
            assert objective(shares, owners, merged, fidelity) >= least - 1e-9


WORDS = ["movie", "move", "good", "food", "god", "wonderful", "story", "stories", "form", "from", "sister's", "x1"]
TEXT = "\n".join(" ".join(WORDS[: number + 1]) for number in range(len(WORDS))) + "\n"


def train(folder, text=TEXT, **settings):
    (folder / "text.txt").write_text(text, encoding="utf-8")
    return train_encodings(EncodingSettings(**settings), [folder / "text.txt"], folder / "out")


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_measured_stable_is_stable(tmp_path, recipe):
    done = train(tmp_path, recipe=recipe, fidelity=0.05)
    encodings, found = load_restorer(done.output), done.measures
    times = Counter(TEXT.split())
    stable = changed = 0
    for word in encodings.read_as:
        told = []
        for written in (word, word.capitalize(), word.upper()):
            [[read]] = restored(encodings, [[written]])
            told.append({form for [form] in restored(encodings, [[form] for form in typos(recipe, written)])} <= {read})
        assert len(set(told)) == 1  # whatever the case
        stable += times[word] * told[0]
        changed += times[word] * (read != word)
    known = sum(times[word] for word in encodings.read_as)
    assert (found.stable, found.changed) == pytest.approx((stable / known, changed / known))
    assert found.stable > found.stable_before
    assert (found.stable < 1) == (recipe == "ladder-any")  # whose apostrophe moves to the end of sister's
    assert found.encodings < found.vocabulary == len(WORDS) - 1
    assert found.outside == pytest.approx(1 / len(TEXT.split()))  # the word with a digit


def test_what_is_written(tmp_path):
    done = train(tmp_path)
    assert {path.name for path in done.output.iterdir()} == {"encodings.json", "training.json", "README.md"}
    record = json.loads((done.output / "training.json").read_text(encoding="utf-8"))
    assert record["measured"] == asdict(done.measures)
    assert "| typos | recipe `ladder-any` |" in (done.output / "README.md").read_text(encoding="utf-8")
    loaded = load_restorer(done.output)
    assert loaded.name == "robust encodings"
    assert loaded.fingerprint == load_restorer(done.output).fingerprint
    (tmp_path / "again").mkdir()
    again = train(tmp_path / "again")
    assert (again.output / "encodings.json").read_bytes() == (done.output / "encodings.json").read_bytes()


def test_great_fidelity_reads_each_word_as_itself(tmp_path):
    done = train(tmp_path, fidelity=1e6)
    assert done.measures.changed == 0
    assert done.measures.stable == done.measures.stable_before


@pytest.mark.parametrize(("neutral", "strange"), [(None, "Zyzzyva"), ("a", "a")])
def test_words_between_and_others(neutral, strange):
    encodings = Encodings("ladder-any", {"movie": "movie", "move": "movie", "good": "good", "a": "a"}, neutral)
    [[text]] = restored(encodings, [["A GOOD Move, a goood mvie: 3 x9 Zyzzyva!"]])
    assert text == f"a good movie, a good movie: 3 x9 {strange}!"


def test_fingerprints_tell_encodings_apart():
    read_as = {"movie": "movie", "move": "movie"}
    others = [
        Encodings("ladder-any", read_as),
        Encodings("ladder-inner", read_as),
        Encodings("ladder-any", read_as, "a"),
        Encodings("ladder-any", {"move": "move", "movie": "move"}),
        Encodings("ladder-any", {"move": "movie", "movie": "movie"}),
    ]
    assert len({each.fingerprint for each in others}) == len(others)
