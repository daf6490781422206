"""Tables as LaTeX and Markdown: all of them, and nothing in them is obeyed."""

import re
from dataclasses import replace

from charrobust.report.table_files import latex, markdown, write_tables
from charrobust.report.tables import Cell, Table
from tests.report import sample_results

SIGNS = r"\input{/etc/passwd} 50 % of $x_1^2$ & #1 ~ {a} <b> [c](d) | e"


def cells(line: str) -> list[str]:
    """The cells of a row of LaTeX."""
    return re.split(r"(?<!\\)&", line.removesuffix(r" \\"))


def test_every_table_with_rows_is_written_twice(tmp_path):
    results = sample_results.classification()
    files = write_tables(results, tmp_path / "tables", sensitivity=sample_results.sensitivity())
    names = {path.stem for path in files}
    whole = {"all_scores", "all_comparisons"}
    others = {"scores", "details", "comparisons", "attacks", "splits", "systems", "sensitivity", "operators"}
    assert whole | others == names
    assert len(files) == 2 * len(names)
    for path in files:
        assert path.read_text(encoding="utf-8").endswith("\n")


def test_searches_and_transfers_have_theirs(tmp_path):
    files = write_tables(sample_results.searched(), tmp_path)
    assert {"searches.tex", "transfers-1.md"} <= {path.name for path in files}


def test_rows_of_latex(tmp_path):
    write_tables(sample_results.classification(), tmp_path)
    lines = (tmp_path / "scores.tex").read_text(encoding="utf-8").splitlines()
    rows = [cells(line) for line in lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]]
    assert {len(row) for row in rows} == {4}
    assert rows[0][:2] == ["clean text ", " 86.0 (83.8 to 88.4) "]
    assert rows[1][1] == " 57.0 $-$29.0 (54.8 to 59.4) "
    assert r"\begin{tabular}{lrrr}" in lines


def test_latex_obeys_no_text():
    table = Table(SIGNS, ("", SIGNS), ((Cell(SIGNS, note=SIGNS), Cell("1", value=1.0)),))
    text = latex(table, "signs")
    row = text.splitlines()[-4]
    assert len(cells(row)) == 2
    assert r"\input" not in text
    escaped = row.split(r"\textbackslash{}", 1)[1]
    assert not re.search(r"(?<!\\)[%#$_]", escaped)
    assert r"\textbackslash{}input\{/etc/passwd\} 50 \% of \$x\_1\textasciicircum{}2\$ \& \#1" in text


def test_markdown_obeys_no_text():
    table = Table(SIGNS, ("", SIGNS), ((Cell(SIGNS), Cell("1\n| 2", value=1.0)),))
    lines = markdown(table).splitlines()
    assert len(lines) == 5  # caption, blank, head, rules, row
    assert lines[3] == "| --- | ---: |"
    assert len(re.split(r"(?<!\\)\|", lines[4])) == 4
    assert "<b>" not in lines[4]
    assert "\\[c]" in lines[4]


def test_hostile_names(tmp_path):
    results = sample_results.classification(3)
    named = replace(results.systems[0], model=sample_results.HOSTILE)
    write_tables(replace(results, systems=(named, *results.systems[1:])), tmp_path)
    assert "\x1b" not in (tmp_path / "systems.tex").read_text(encoding="utf-8")
    assert "<script>" not in (tmp_path / "systems.md").read_text(encoding="utf-8")
