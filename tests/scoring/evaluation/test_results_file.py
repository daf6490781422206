"""Results as a file, and as data frames."""

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.datasets import load_data
from charrobust.report import write_report
from charrobust.scoring import evaluate, read_results, write_results
from charrobust.scoring.evaluation import results
from charrobust.scoring.evaluation.results import SCHEMA, Results
from charrobust.scoring.stored import load
from tests.scoring.fakes import fake_system, reviews

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "results.md"
KINDS = [kind for kind in vars(results).values() if dataclasses.is_dataclass(kind)]


def plausible(value, name=""):
    """Return a value with numbers that findings may hold, which are finite, and no counts below 0."""
    if name == "confidence":
        return 0.9
    if dataclasses.is_dataclass(value):
        changes = {field.name: plausible(getattr(value, field.name), field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes | ({"schema": SCHEMA} if isinstance(value, Results) else {}))
    if isinstance(value, tuple):
        return tuple(map(plausible, value))
    if type(value) is int:
        return abs(value) % 10**15
    if isinstance(value, float):
        return value if abs(value) < 1e15 else 0.5
    return value


made = st.from_type(Results).map(plausible)


@given(made)
@settings(max_examples=15)
def test_results_are_read_as_they_were_written(tmp_path_factory, found):
    path = tmp_path_factory.mktemp("results") / "results.json"
    write_results(found, path)
    assert repr(load(Results, path)) == repr(found)


def test_a_folder_holds_its_results(tmp_path):
    found = evaluate([fake_system()], reviews(), ["drop"])
    assert write_results(found, tmp_path) == tmp_path / "results.json"
    assert read_results(tmp_path) == found
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert json.loads((tmp_path / "results.json").read_text())["schema"] == SCHEMA


def test_scores_as_a_frame():
    found = evaluate([fake_system("a"), fake_system("b")], reviews(), ["drop@0.5", "add"])
    frame = found.to_frame()
    assert len(frame) == len(found.scores)
    row = frame[(frame.system == "b") & (frame.attack == "drop@0.5") & (frame.metric == "accuracy")].iloc[0]
    (score,) = [s for s in found.scores if (s.system, s.attack, s.metric) == ("b", "drop@0.5", "accuracy")]
    assert (row.value, row.value_low, row.lost_high, row.success) == (
        score.value.value, score.value.low, score.lost.high, score.success.value,
    )  # fmt: skip
    assert (row.case, row.recipe, row.severity, row.operator) == ("average case", "drop", 0.5, "drop")
    assert set(frame.case) == {"clean", "average case", "worst case"}
    assert frame[frame.attack == "clean"].lost.isna().all()


def test_other_tables_as_frames():
    found = evaluate([fake_system("a"), fake_system("b")], reviews(), ["drop"])
    comparisons, splits = found.to_frame("comparisons"), found.to_frame("splits")
    assert list(comparisons.columns[:8]) == [
        "attack", "metric", "first", "second", "difference", "difference_low", "difference_high", "p",
    ]  # fmt: skip
    assert set(splits.group) <= {"split", "whole"}
    assert isinstance(splits, pd.DataFrame)


def test_the_schema_is_documented():
    page = REFERENCE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(\w+)`.*?$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for kind in KINDS:
        named = re.findall(r"^\| `(\w+)` \|", sections[kind.__name__], re.MULTILINE)
        assert named == [field.name for field in dataclasses.fields(kind)], kind.__name__
    assert f"schema {SCHEMA}" in page


def test_a_file_of_an_earlier_version_is_read(tmp_path):
    found = evaluate([fake_system("a"), fake_system("b")], reviews(), ["drop"])
    path = write_results(found, tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    for added in ("languages", "flipped", "transfers", "searches", "notes"):
        del content[added]
    for example in content["shown"]:
        del example["target_remark"]
        for prediction in example["predictions"]:
            del prediction["clean_remarks"], prediction["attacked_remarks"]
    for attack in content["attacks"]:
        for added in ("draws", "system", "search", "most_edits", "budget", "level", "by_count"):
            del attack[added]
    path.write_text(json.dumps(content), encoding="utf-8")
    read = read_results(tmp_path)
    assert (read.languages, read.flipped, read.scores) == ((), None, found.scores)
    assert write_report(read, tmp_path).is_file()


@pytest.mark.parametrize("table", ["scores", "comparisons", "splits", "languages"])
def test_frames_of_nothing(table):
    found = dataclasses.replace(evaluate([fake_system()], reviews()), scores=(), comparisons=(), splits=())
    assert found.to_frame(table).empty


def test_half_a_surrogate_pair_is_kept(tmp_path):
    data = load_data(["wonderful \ud83d weather", "typing \udc00 errors"], ["good", "bad"])
    found = evaluate([fake_system()], data, ["drop"])
    assert read_results(write_results(found, tmp_path)) == found
