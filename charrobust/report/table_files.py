"""Tables as files for papers and pages: LaTeX, with the rules of booktabs, and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from charrobust.files import made, replacing
from charrobust.report.named_tables import further_tables, tables_of
from charrobust.report.tables import Cell, Row, Table
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import Sensitivity
from charrobust.training.cards import as_text
from charrobust.visible import visible

# Signs that LaTeX obeys, and some of ours that its usual fonts lack.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "−": "$-$",
        "×": r"$\times$",
        "±": r"$\pm$",
        "–": "--",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    }
)
_TABULAR = r"""%% Needs \usepackage{booktabs} and, for texts beyond ASCII, \usepackage[T1]{fontenc}.
\begin{table}
\centering
\caption{%s}
\label{tab:%s}
\begin{tabular}{%s}
\toprule
%s
\midrule
%s
\bottomrule
\end{tabular}
\end{table}
"""


def write_tables(results: Results, folder: Path, *, sensitivity: Sensitivity | None = None) -> list[Path]:
    """Write each table that has rows as LaTeX and as Markdown.

    Args:
        results: What an evaluation found.
        folder: Where to write; made if there is none.
        sensitivity: What noise does inside the models, if it was measured.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    written = []
    with made(folder):
        for name, table in (tables_of(results) | further_tables(results, sensitivity)).items():
            if table is not None and table.rows:
                written.append(_write(folder / f"{name}.tex", latex(table, name)))
                written.append(_write(folder / f"{name}.md", markdown(table)))
    return written


def _write(path: Path, text: str) -> Path:
    """Write a file."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def latex(table: Table, name: str) -> str:
    """Return a table as LaTeX.

    Args:
        table: The table.
        name: What its label is made of.

    Returns:
        A float with caption, label and a tabular.
    """
    columns = "".join("r" if is_right else "l" for is_right in _are_numbers(table))
    head, *body = _rows(table, _escaped)
    return _TABULAR % (_escaped(table.caption), name, columns, _latex_row(head), "\n".join(map(_latex_row, body)))


def markdown(table: Table) -> str:
    """Return a table as Markdown, its caption above it."""
    rules = ["---:" if is_right else "---" for is_right in _are_numbers(table)]
    head, *body = _rows(table, as_text)
    lines = map(_markdown_row, (head, rules, *body))
    return "\n".join([as_text(table.caption), "", *lines, ""])


def _rows(table: Table, escaped: Callable[[str], str]) -> list[list[str]]:
    """Return the heads and the cells of each row, escaped."""
    return [list(map(escaped, table.heads)), *(_cells(row, escaped) for row in table.rows)]


def _cells(row: Row, escaped: Callable[[str], str]) -> list[str]:
    return [_cell(cell, escaped) for cell in row]


def _are_numbers(table: Table) -> list[bool]:
    """Tell which columns are set flush right: those in which some cell holds a number."""
    return [any(map(_is_number, column)) for column in zip(*table.rows, strict=True)]


def _is_number(cell: Cell) -> bool:
    return cell.value is not None


def _cell(cell: Cell, escaped: Callable[[str], str]) -> str:
    """Return a cell on one line: its text, what was lost, and its note in brackets."""
    note = f"({cell.note})" if cell.note else ""
    return " ".join(escaped(part) for part in (cell.text, cell.change, note) if part)


def _escaped(text: str) -> str:
    """Return a text as LaTeX sets it."""
    return " ".join(visible(text).split()).translate(_LATEX)


def _latex_row(cells: Sequence[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
