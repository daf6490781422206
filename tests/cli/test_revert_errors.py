"""Edit logs that were changed: nothing is undone, and one message says why."""

import json

import pytest


@pytest.fixture
def attacked(run, tmp_path):
    """An attacked file and its log, of which a line can be changed."""
    (tmp_path / "data.csv").write_text("text,label\n" + "the weather of the north changes,good\n" * 6)
    output, log = tmp_path / "attacked.csv", tmp_path / "log.jsonl"
    given = ("--task", "classification", "--recipe", "charbert", "--severity", "1.0")
    result = run("attack", tmp_path / "data.csv", *given, "--output", output, "--edits", log)
    assert result.status == 0, result.err
    return output, log


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        (0, "task", ["classification"]),
        (0, "columns", None),
        (0, "format", "csv"),
        (1, "old_start", "0"),
        (1, "old_start", [1]),
        (1, "new_end", True),
        (1, "new_text", False),
        (1, "field", {"label": 1}),
        (1, "row", None),
    ],
)
def test_entries_of_another_kind(line, key, value, attacked, run, tmp_path):
    output, log = attacked
    lines = log.read_text().splitlines()
    content = json.loads(lines[line])
    (content["charrobust"] if line == 0 else content)[key] = value
    lines[line] = json.dumps(content)
    log.write_text("\n".join(lines) + "\n")
    result = run("revert", output, "--edits", log, "--output", tmp_path / "reverted.csv")
    assert (result.status, result.err.count("error: "), f"{key} is" in result.err) == (2, 1, True), result.err
    assert not (tmp_path / "reverted.csv").exists()


@pytest.mark.parametrize("number", [0, 1])
def test_brackets_without_end(number, attacked, run, tmp_path):
    output, log = attacked
    lines = log.read_text().splitlines()
    lines[number] = "[" * 3_000
    log.write_text("\n".join(lines) + "\n")
    result = run("revert", output, "--edits", log, "--output", tmp_path / "reverted.csv")
    assert (result.status, "edit log of charrobust" in result.err) == (2, True), result.err


def test_an_output_that_is_there_stays(attacked, run, tmp_path):
    output, log = attacked
    mine = tmp_path / "mine.csv"
    mine.write_text("mine\n")
    result = run("revert", output, "--edits", log, "--output", mine)
    assert (result.status, "--force" in result.err, mine.read_text()) == (2, True, "mine\n"), result.err
    assert run("revert", output, "--edits", log, "--output", mine, "--force").status == 0
    assert mine.read_text() == (tmp_path / "data.csv").read_text()


def test_the_name_that_is_made_up_is_no_exception(attacked, run):
    output, log = attacked
    assert run("revert", output, "--edits", log).status == 0
    assert run("revert", output, "--edits", log).status == 2
