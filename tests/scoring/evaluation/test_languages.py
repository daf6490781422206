"""Scores by the language of the records."""

import pytest

from charrobust.datasets import load_data
from charrobust.scoring import evaluate
from charrobust.systems.system import System

RECORDS = [
    {"text": "Wir warten gemeinsam am Bahnsteig", "label": "late", "lang": "de"},
    {"text": "The train to London leaves later", "label": "late", "lang": "en"},
    {"text": "Der Zug kommt heute wieder", "label": "soon", "lang": "de"},
    {"text": "Le train arrive maintenant", "label": "soon", "lang": "fr"},
    {"text": "Another train arrives shortly", "label": "soon", "lang": "en"},
    {"text": "Der letzte Zug verkehrt verspätet", "label": "late", "lang": "de"},
]


def says_late(texts):
    return ["late" for _ in texts]


def reads_trains(texts):
    return ["late" if "train" in text else "soon" for text in texts]


@pytest.fixture(scope="module")
def results():
    data = load_data(RECORDS, task="classification", language_column="lang")
    systems = [
        System.of(function, name=function.__name__, task="classification") for function in (says_late, reads_trains)
    ]
    return evaluate(systems, data, ["drop", "swap"])


def values(results, system, attack):
    found = [score for score in results.languages if (score.system, score.attack) == (system, attack)]
    return {score.language: (score.value.value, score.size) for score in found}


def test_each_language_is_scored_on_its_own_examples(results):
    assert values(results, "says_late", "clean") == {"de": (2 / 3, 3), "en": (0.5, 2)}
    assert values(results, "reads_trains", "clean") == {"de": (1 / 3, 3), "en": (0.5, 2)}
    assert {score.metric for score in results.languages} == {"accuracy"}


def test_every_version_and_the_worst_case_are_scored(results):
    assert {score.attack for score in results.languages} == {"clean", "drop", "swap", "worst case"}
    assert all((score.lost is None) == (score.attack == "clean") for score in results.languages)
    for score in results.languages:
        assert score.value.low <= score.value.value <= score.value.high
        if score.lost is not None:
            clean = values(results, score.system, "clean")[score.language][0]
            assert score.lost.value == pytest.approx(clean - score.value.value)


def test_one_language_alone_has_the_scores_of_all():
    records = [record | {"lang": "en"} for record in RECORDS]
    data = load_data(records, task="classification", language_column="lang")
    results = evaluate([System.of(reads_trains, task="classification")], data, ["drop"])
    main = [score for score in results.scores if score.metric == "accuracy"]
    assert [(score.value, score.lost) for score in main] == [(each.value, each.lost) for each in results.languages]


def test_a_sample_keeps_the_languages_of_its_examples():
    data = load_data(RECORDS, task="classification", language_column="lang")
    assert data.examples_by_language == {"de": [0, 2, 5], "en": [1, 4], "fr": [3]}
    sample = data.sample(3)
    for language, numbers in sample.examples_by_language.items():
        assert all(sample.record_of(number).records[0]["lang"] == language for number in numbers)


def test_records_that_name_no_language_are_in_none(results):
    assert load_data(RECORDS, task="classification").examples_by_language == {}
    frame = results.to_frame("languages")
    assert list(frame.columns[:4]) == ["system", "attack", "language", "metric"]
    assert set(frame.case) == {"clean", "average case", "worst case"}
