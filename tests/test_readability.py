"""The package is code that one can read aloud: one idea a statement. ``benchmarks/readability.py`` counts."""

import ast
from pathlib import Path

import pytest

from benchmarks.readability import measure, own_nodes

ROOT = Path(__file__).parents[1]


def counted(tmp_path: Path, source: str):
    (tmp_path / "module.py").write_text(source, encoding="utf-8")
    return measure(tmp_path)


def test_no_statement_of_the_package_does_too_much():
    """Name the steps in between, or write the loop: at most one comprehension and one conditional expression."""
    dense = measure(ROOT / "charrobust").dense
    assert not dense, "\n" + "\n".join(map(str, dense))


@pytest.mark.parametrize(
    "source",
    [
        "rows = [[cell for cell in row] for row in table]",
        "total = sum(a for a in first) + sum(b for b in second)",
        "name = first if first else second if second else third",
        "key = lambda row: (row[0] if row else None, row[1] if row else None)",
        "for row in [cell for cell in table if any(part for part in cell)]:\n    pass",
        "async def read(self):\n    return {a: {b for b in a} for a in table}",
    ],
)
def test_statements_that_do_too_much_are_listed(tmp_path, source):
    (dense,) = counted(tmp_path, source).dense
    assert max(dense.comprehensions, dense.conditionals) == 2
    assert str(dense).startswith(f"{tmp_path / 'module.py'}:{dense.line}: ")


@pytest.mark.parametrize(
    "source",
    [
        "rows = [cell if cell else 0 for cell in table]",
        "for row in [cell for cell in table]:\n    rows = [part for part in row]",
        "if any(row for row in table):\n    name = 1 if table else 2\nelse:\n    name = 3 if rows else 4",
        "def read():\n    first = [a for a in b]\n    second = [a for a in b]",
    ],
)
def test_other_statements_are_not(tmp_path, source):
    assert counted(tmp_path, source).dense == []


def test_the_expressions_of_inner_statements_are_not_those_of_the_outer():
    (loop,) = ast.parse("for row in table:\n    name = 1 if row else 2").body
    assert not any(isinstance(node, ast.IfExp) for node in own_nodes(loop))


def test_counts(tmp_path):
    source = '''"""A module. # no comment"""

# why
value = 1  # because
other = 2  # noqa: F841


def read():
    """One.

    Two.
    """
    return [value for value in "#" if value]
'''
    counts = counted(tmp_path, source)
    assert (counts.files, counts.lines, counts.code_lines) == (1, 13, 8)
    assert (counts.comment_lines, counts.trailing_comments) == (1, 1)
    assert (counts.comprehensions, counts.conditionals, counts.lengths) == (1, 0, [6])
