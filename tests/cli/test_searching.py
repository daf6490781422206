"""The worst case from the command line: `evaluate --attack worst:...`, `attack --against`, cards and `leaderboard`."""

import json

import pytest

from charrobust.report import page
from charrobust.scoring import System, read_results
from tests.cli import searched_model
from tests.cli.searched_model import ROWS
from tests.tasks.data import json_lines, write

TASK = ("--task", "classification")
MODEL = "python:tests.cli.searched_model:mood"
WORST = "worst:drop:exhaustive:1"


@pytest.fixture
def texts(tmp_path):
    return write(tmp_path / "texts.jsonl", json_lines(ROWS))


@pytest.fixture
def _no_report(monkeypatch):
    """Write no plots, which takes a while."""

    def write_report(results, folder):
        (folder / "report.html").write_text("")
        return folder / "report.html"

    monkeypatch.setattr(page, "write_report", write_report)


def system():
    return System.of(searched_model.mood, task="classification", name="mood")


@pytest.mark.usefixtures("_no_report")
def test_evaluate(run, texts, tmp_path):
    output = tmp_path / "out"
    arguments = ("evaluate", "-m", MODEL, "--data", texts, *TASK, "-a", "drop", "-a", WORST, "-a", "worst:drop:beam:2",
                 "-o", output)  # fmt: skip
    result = run(*arguments, "--json", "--card", "Ada")
    assert result.status == 0, result.err
    found = read_results(output)
    exhaustive, beam = found.searches
    # "great" is lost with any letter, "good good" is not lost with one.
    assert (exhaustive.robust.value, exhaustive.certified.value, exhaustive.success.value) == (0.25, 0.25, 2 / 3)
    assert beam.robust.value == 0
    assert beam.certified is None
    assert exhaustive.queries == exhaustive.candidates
    assert result.told["figures"]["searches"][0]["robust"]["value"] == 0.25
    assert [attack.case for attack in found.attacks] == [
        "clean", "average case", "worst case of exhaustive", "worst case of beam",
    ]  # fmt: skip
    (card,) = (output / "cards").glob("*.json")
    assert card.with_suffix(".md").is_file()
    told = json.loads(card.read_text())
    assert (told["measured_by"], told["clean"]["value"], told["worst"]["value"]) == ("Ada", 0.75, 0)
    assert [score["attack"] for score in told["attacks"]] == ["drop", WORST, "worst:drop:beam:2"]
    # On the terminal, and again from what is kept.
    again = run(*arguments)
    assert again.status == 0
    for phrase in ("% of the words", WORST, "worst case of", "search (worst case)", "25.0", "66.7"):
        assert phrase in again.out, phrase
    assert read_results(output).scores == found.scores


@pytest.mark.usefixtures("_no_report")
def test_what_carries_over_is_shown(run, texts, tmp_path):
    other = "labels=python:tests.cli.searched_model:label"
    result = run("evaluate", "-m", MODEL, "-m", other, "--data", texts, *TASK, "-a", WORST, "-o", tmp_path / "out")
    assert result.status == 0, result.err
    assert "found against" in result.out
    assert len(read_results(tmp_path / "out").transfers) == 4


@pytest.mark.usefixtures("_no_report")
@pytest.mark.parametrize("option", ["--budget", "--search-budget"])
def test_a_budget_of_queries(run, texts, tmp_path, option):
    result = run("evaluate", "-m", MODEL, "--data", texts, *TASK, "-a", WORST, option, 2, "-o", tmp_path / "out")
    assert result.status == 0, result.err
    found = read_results(tmp_path / "out")
    assert found.searches[0].queries <= 2
    assert found.attacks[1].budget == 2


@pytest.mark.parametrize("search", ["exhaustive", "beam"])
def test_attack_against(run, texts, tmp_path, search):
    output, log, back = tmp_path / "worst.jsonl", tmp_path / "log.jsonl", tmp_path / "back.jsonl"
    result = run("attack", texts, *TASK, "--against", MODEL, "--search", search, "--edits", 2, "-r", "drop", "-o", output,
                 "--edit-log", log, "--json")  # fmt: skip
    assert result.status == 0, result.err
    assert result.told["outputs"] == {"data": str(output), "edits": str(log)}
    attacked = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["label"] for row in attacked] == [row["label"] for row in ROWS]
    said = searched_model.label([row["text"] for row in attacked])
    # The written file is asked again: all that were right are wrong, and what was wrong before is as it was.
    assert [answer == row["label"] for answer, row in zip(said, attacked, strict=True)] == [False] * 4
    assert attacked[3] == ROWS[3]
    about = json.loads(log.read_text().splitlines()[0])["charrobust"]
    assert (about["search"], about["most_edits"], about["recipe"]) == (search, 2, "drop")
    assert run("revert", output, "--edits", log, "-o", back).status == 0
    assert back.read_text() == texts.read_text()


@pytest.mark.usefixtures("_no_report")
def test_what_was_written_is_what_is_evaluated(run, texts, tmp_path):
    output = tmp_path / "worst.jsonl"
    run("attack", texts, *TASK, "--against", MODEL, "--search", "exhaustive", "-r", "drop", "-o", output)
    result = run("evaluate", "-m", MODEL, "--data", texts, *TASK, "-a", output, "-a", WORST, "-o", tmp_path / "out")
    assert result.status == 0, result.err
    scores = {score.attack: score for score in read_results(tmp_path / "out").scores if score.metric == "accuracy"}
    assert scores[WORST].value == scores["worst.jsonl"].value
    assert scores[WORST].success == scores["worst.jsonl"].success


def test_a_store_goes_on(run, texts, tmp_path):
    arguments = (
        "attack",
        texts,
        *TASK,
        "--against",
        MODEL,
        "-r",
        "drop",
        "--search",
        "beam",
        "--store",
        tmp_path / "kept",
    )
    assert run(*arguments, "-o", tmp_path / "one.jsonl").status == 0
    searched_model.ASKED.clear()
    assert run(*arguments, "-o", tmp_path / "two.jsonl").status == 0
    assert (tmp_path / "one.jsonl").read_text() == (tmp_path / "two.jsonl").read_text()
    # A function without a version is asked anew in another run; what is the same is the outcome.


def test_the_edit_log_has_two_names_without_a_search(run, texts, tmp_path):
    command = ("attack", texts, *TASK, "-r", "drop", "-o", tmp_path / "a.jsonl")
    assert run(*command, "--edits", tmp_path / "one.jsonl").status == 0
    assert run(*command, "--edit-log", tmp_path / "two.jsonl", "--force").status == 0
    assert (tmp_path / "one.jsonl").read_text() == (tmp_path / "two.jsonl").read_text()


@pytest.mark.usefixtures("_no_report")
def test_a_leaderboard(run, texts, tmp_path):
    other = "labels=python:tests.cli.searched_model:label"
    output = tmp_path / "out"
    run("evaluate", "-m", MODEL, "-m", other, "--data", texts, *TASK, "-a", WORST, "-o", output, "--card", "Ada <b>")
    result = run("leaderboard", output / "cards", "--json")
    assert result.status == 0, result.err
    assert result.told["figures"] == {"cards": 2}
    text = (output / "cards" / "leaderboard.html").read_text()
    for phrase in (
        "texts.jsonl: 4 examples",
        f"{WORST} (worst case of exhaustive)",
        f"certified: {WORST}",
        "Ada &lt;b&gt;",
    ):
        assert phrase in text, phrase


def test_a_model_that_has_nothing_right_is_told(run, tmp_path):
    wrong = [{**row, "label": "negative"} for row in ROWS[:3]]
    texts = write(tmp_path / "texts.jsonl", json_lines(wrong))
    arguments = ("attack", texts, *TASK, "-r", "drop", "--against", MODEL, "--search", "greedy")
    result = run(*arguments, "-o", tmp_path / "out.jsonl")
    assert (result.status, "mood has no record right when clean" in result.out) == (0, True), result.err
