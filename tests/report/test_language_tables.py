"""The panel of languages: scores of the records of each, on clean and on attacked text."""

from dataclasses import replace

from charrobust.report.language_tables import by_language_table
from charrobust.report.page import page
from charrobust.scoring.evaluation.results import LanguageScore
from tests.report import sample_results


def by_language(**sizes):
    """Return results in which each language of some has a share of the examples."""
    results = sample_results.classification(2)
    main = [score for score in results.scores if score.metric == "accuracy"]
    found = [
        LanguageScore(score.system, score.attack, language, score.metric, score.value, score.lost, size)
        for language, size in sizes.items()
        for score in main
    ]
    return replace(results, languages=tuple(found))


def test_a_row_for_each_language_and_version():
    table = by_language_table(by_language(de=1500, ru=40))
    assert table.heads == ("text", "language", "examples", *(f"model {name}" for name in sample_results.SYSTEMS))
    rows = [(row[0].text, row[1].text, row[2].text) for row in table.rows]
    assert rows[0] == ("clean text", "de", "1,500")
    assert rows[len(rows) // 2] == ("clean text", "ru", "40")
    assert table.rows[0][3].text == "86.0"
    assert (table.rows[0][3].change, table.rows[1][3].change) == ("", "−29.0")
    assert table.rows[-1][0].mark == "worst case"
    assert not [row for row in table.rows if "→" in row[0].note]


def test_there_is_no_panel_of_one_language():
    assert by_language_table(by_language()) is None
    assert by_language_table(by_language(de=872)) is None
    assert 'id="languages"' not in page(by_language(de=872))


def test_the_page_has_the_panel_and_escapes_what_data_name():
    text = page(by_language(**{"de": 800, "<i>ru": 72}))
    assert '<a href="#languages">Languages</a>' in text
    assert "<h2>By language</h2>" in text
    assert "&lt;i&gt;ru" in text
    assert "<i>ru" not in text


def test_a_system_that_was_not_scored_has_a_dash():
    results = by_language(de=800, ru=72)
    kept = tuple(score for score in results.languages if score.system != "MiniLM" or score.attack == "clean")
    table = by_language_table(replace(results, languages=kept))
    assert [row[3].text for row in table.rows[:2]] == ["86.0", "–"]
