"""``charrobust report``: the page made again, and what it refuses."""

import json

import pytest

from charrobust.scoring.evaluation.results_file import write_results
from tests.report import sample_results


@pytest.fixture
def results(tmp_path):
    return write_results(sample_results.regression(), tmp_path / "results.json")


@pytest.mark.needs("matplotlib")
def test_beside_the_results(run, results):
    result = run("report", results)
    assert result.status == 0, result.err
    assert str(results.parent / "report.html") in result.out.replace("\n", "")
    assert (results.parent / "plots" / "scores.png").exists()


def test_of_a_folder_elsewhere_with_sensitivity(run, results, tmp_path):
    sample_results.sensitivity().save(tmp_path / "sensitivity.json")
    result = run("report", results.parent, "--sensitivity", tmp_path, "--output", tmp_path / "new" / "folder", "--json")
    assert result.status == 0, result.err
    assert result.told["outputs"]["report"] == str(tmp_path / "new" / "folder" / "report.html")
    text = (tmp_path / "new" / "folder" / "report.html").read_text(encoding="utf-8")
    assert "What noise does inside" in text
    assert not (tmp_path / "report.html").exists()


def test_missing_files(run, results, tmp_path):
    result = run("report", tmp_path / "absent.json")
    assert (result.status, "absent.json does not exist" in result.err) == (2, True)
    result = run("report", results, "--sensitivity", tmp_path / "absent.json")
    assert (result.status, "absent.json does not exist" in result.err) == (2, True)
    (tmp_path / "folder").mkdir()
    result = run("report", tmp_path / "folder")
    assert (result.status, "folder holds no results.json; give a folder that" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no valid JSON"),
        ("[]", "expected schema 3"),
        ('{"schema": 99}', "expected schema 3 of Results, got 99"),
        ('{"schema": 3}', "does not hold what Results needs"),
    ],
)
def test_files_that_are_no_results(content, message, run, results):
    results.write_text(content)
    result = run("report", results)
    assert (result.status, message in result.err) == (2, True), result.err


def test_an_empty_result(run, results):
    content = json.loads(results.read_text())
    results.write_text(json.dumps(content | {"scores": []}))
    result = run("report", results)
    assert (result.status, "report of an empty result" in result.err) == (2, True), result.err
    assert not (results.parent / "plots").exists()


@pytest.mark.needs("matplotlib")
def test_the_command_writes_them(run, tmp_path):
    write_results(sample_results.regression(), tmp_path / "results.json")
    result = run("report", tmp_path, "--tables", tmp_path / "new" / "tables", "--json")
    assert result.status == 0, result.err
    assert result.told["outputs"]["tables"] == str(tmp_path / "new" / "tables")
    assert (tmp_path / "new" / "tables" / "scores.tex").exists()


def test_a_file_is_no_folder_of_tables(run, tmp_path):
    write_results(sample_results.regression(), tmp_path / "results.json")
    result = run("report", tmp_path, "--tables", tmp_path / "results.json")
    assert (result.status, "is a file; give a folder" in result.err) == (2, True), result.err
    assert not (tmp_path / "report.html").exists()
