"""The panel of rankings: metrics side by side, and queries that lost their document from the top."""

from dataclasses import replace

import pytest

from charrobust.report.named_tables import tables_of
from charrobust.report.page import page
from charrobust.report.rankings import ranking_examples, ranking_table
from charrobust.report.wording import sentence_start
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.stored import load, save
from tests.report import sample_results
from tests.report.parsing import Parsed, unpacked
from tests.report.sample_rankings import METRICS, rankings


def test_a_row_for_each_system_and_version_with_every_metric():
    table = ranking_table(rankings())
    assert table.heads == ("text", "model", *METRICS, "lost from the top")
    assert [(row[0].text, row[1].text) for row in table.rows] == [
        ("clean text", "MiniLM"), ("clean text", "bm25"), ("attack charbert", "MiniLM"), ("attack charbert", "bm25"),
    ]  # fmt: skip
    clean, _, attacked, _ = table.rows
    assert [cell.text for cell in clean[2:]] == ["90.0", "90.0", "–"]
    assert attacked[2].text == "61.0"
    assert attacked[2].change == "−29.0"
    assert attacked[-1].text == "32 %"
    assert tables_of(rankings())["rankings"] == table


def test_other_tasks_have_no_such_panel():
    results = sample_results.classification(2)
    assert ranking_table(results) is None
    assert ranking_examples(results) == []
    assert "rankings" not in page(results)


def test_queries_that_lost_their_document_are_shown_but_not_that_of_the_first_screen():
    results = rankings()
    (example,) = ranking_examples(results)
    assert example["id"] == "about Rhine"
    assert ranking_examples(replace(results, shown=results.shown[2:])) == []


def test_ranks_stand_in_the_panel_and_in_the_browser():
    html = page(rankings())
    parsed = Parsed(html)
    assert ("a", "href", "#rankings") in parsed.attributes
    assert html.count("<li>first instead: Nile: The Nile was</li>") == 2  # first screen and panel
    assert "target: Rhine: The Rhine rises" in html
    example = unpacked(parsed.raw["script1"])["examples"][0]
    assert example["targetRemark"] == "Rhine: The Rhine rises"
    assert example["predictions"][0]["attackedRemarks"][0] == "relevant at rank 2"


def test_remarks_are_kept_in_the_file_and_older_files_have_none(tmp_path):
    path = tmp_path / "results.json"
    save(rankings(), path)
    assert load(Results, path) == rankings()


@pytest.mark.parametrize(
    ("name", "start"), [("accuracy", "Accuracy"), ("macro F1", "Macro F1"), ("nDCG@10", "nDCG@10"), ("F1", "F1")]
)
def test_sentences_begin_with_a_metric(name, start):
    assert sentence_start(name) == start
