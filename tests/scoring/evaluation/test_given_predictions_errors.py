"""Predictions from Python that cannot be scored."""

import re

import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.errors import UserError
from charrobust.scoring import System, score_predictions
from tests.scoring.fakes import reviews

GOOD = ["good"] * 6


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        ({}, "there are no `predictions` to score"),
        ({"m": GOOD}, "expected the predictions of system 'm' by version, got list"),
        ({"m": {"clean": GOOD}}, "system 'm' has no predictions for the version 'drop'; all: clean, drop"),
        ({"m": {"clean": GOOD, "drop": GOOD, "drp": GOOD}}, "an unknown version 'drp'; did you mean 'drop'"),
        ({"m": {"clean": GOOD[1:], "drop": GOOD}}, "version 'clean': expected 6 predictions, one for each example, got 5"),
        ({"m": {"clean": GOOD, "drop": [*GOOD[1:], None]}}, "version 'drop', example 5: expected a prediction, got nothing"),
        ({"m": {"clean": GOOD, "drop": [*GOOD[1:], ["x"]]}}, "example 5: expected a label"),
        ({"m": {"clean": ["x"] * 6, "drop": ["x"] * 6}}, "12 of 12 answers of m are no classes of the data set"),
    ],
)  # fmt: skip
def test_predictions(predictions, message):
    data = reviews()
    versions = make_versions(data, plan_attackers(["drop"]))
    with pytest.raises(UserError, match=re.escape(message)):
        score_predictions(data, versions, predictions)


def test_draws():
    data = reviews()
    versions = make_versions(data, plan_attackers(["drop"], draws=2))
    with pytest.raises(UserError, match="'drop': expected a list of predictions for each of 2 draws"):
        score_predictions(data, versions, {"m": {"clean": GOOD, "drop": GOOD}})


def test_versions_of_searches():
    data = reviews()
    systems = [System.of(lambda texts: ["good"] * len(texts), task="classification", name=name) for name in "ab"]
    versions = make_versions(data, plan_attackers(["worst:drop:exhaustive:1"]), systems)
    said = {name: {version.name: GOOD for version in versions} for name in "ab"}
    with pytest.raises(UserError, match=r"found against 'a', and given predictions .* with `evaluate_versions`"):
        score_predictions(data, versions, said)
