"""Findings in files that were changed: each is one message."""

import json
from dataclasses import asdict

import pytest

from charrobust.errors import DataError, UserError
from charrobust.resources import read_toml
from charrobust.scoring.attacked_folder.manifest import AttackedFile, AttackedVersion, Manifest, read_manifest
from charrobust.scoring.evaluation.results_file import read_results, write_results
from charrobust.scoring.stored import save
from tests.report import sample_results


@pytest.fixture
def results(tmp_path):
    return write_results(sample_results.regression(), tmp_path / "results.json")


def change(path, key, value):
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("examples", -1, r"examples must be a number from 0 to 1,000,000,000,000,000, got -1"),
        ("examples", 10**20, "examples must be a number from 0"),
        ("examples", "many", "examples must be of type int"),
        ("confidence", float("nan"), "confidence must be a finite number, got nan"),
        ("confidence", float("inf"), "confidence must be a finite number, got inf"),
        ("confidence", 95.0, "confidence must lie between 0 and 1"),
        ("scores", None, "scores must be a list"),
        ("scores", [{"system": {"label": 1}}], "is missing|must be of type"),
        ("systems", {}, "systems must be a list"),
    ],
)
def test_changed_results(key, value, message, results):
    change(results, key, value)
    with pytest.raises(DataError, match=message):
        read_results(results)


def test_numbers_that_cannot_be_drawn(results):
    content = json.loads(results.read_text())
    content["scores"][1]["value"]["high"] = 1e300
    results.write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"scores\[1\].value.high must be a number up to"):
        read_results(results)


@pytest.mark.parametrize("brackets", ["[", '{"a":'])
def test_brackets_without_end(brackets, results):
    results.write_text(brackets * 100_000)
    with pytest.raises(DataError, match="nested too deep"):
        read_results(results)


@pytest.mark.parametrize("content", ["a = " + "[" * 3_000, "a = 1" + "0" * 5_000])
def test_settings_without_end(content, tmp_path):
    (tmp_path / "a.toml").write_text(content)
    with pytest.raises(UserError, match="is not a valid TOML file"):
        read_toml(tmp_path / "a.toml")


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/b", "", "..", "."])
def test_a_manifest_that_names_files_elsewhere(name, tmp_path):
    draw = AttackedFile(1, "attacked.csv", "attacked.edits.parquet", 3)
    version = AttackedVersion(name="charbert", recipe="charbert", severity=0.5, operator=None, draws=(draw,))
    save(Manifest("data", "classification", {}, {}, "clean.csv", (version,)), tmp_path / "versions.json")
    for key in ("clean", "file", "edits"):
        manifest = asdict(read_manifest(tmp_path))
        (manifest if key == "clean" else manifest["attacks"][0]["draws"][0])[key] = name
        folder = tmp_path / key
        folder.mkdir()
        (folder / "versions.json").write_text(json.dumps(manifest))
        with pytest.raises(DataError, match="expected the name of a file in the folder"):
            read_manifest(folder)


def test_results_without_a_metric(results):
    change(results, "metrics", [])
    with pytest.raises(DataError, match="names no metric"):
        read_results(results)
