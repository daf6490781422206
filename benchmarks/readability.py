"""How dense is the code? Comments, comprehensions, conditional expressions, lengths; and statements that do too much.

python benchmarks/readability.py [FOLDER]

A statement is its own expressions: of a loop or an ``if`` the header, without the statements inside. It does too much
with more than one comprehension (or generator expression), or more than one conditional expression; a lambda counts
to the statement it stands in.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST = 1  # comprehensions of a statement, and conditional expressions
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DIRECTIVES = ("noqa", "type:", "pragma:")  # comments for tools, which tell a reader nothing


@dataclass(frozen=True)
class DenseStatement:
    """A statement that does too much.

    Attributes:
        path: Its file.
        line: Its first line.
        comprehensions: Comprehensions and generator expressions in it.
        conditionals: Conditional expressions in it.
    """

    path: Path
    line: int
    comprehensions: int
    conditionals: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.comprehensions} comprehensions, {self.conditionals} conditionals"


@dataclass
class Readability:
    """What was counted in some files.

    Attributes:
        files: Number of files.
        lines: Lines, blank ones and comments included.
        code_lines: Lines that are neither blank nor a comment alone; docstrings count.
        comment_lines: Lines that are a comment alone.
        trailing_comments: Comments behind code.
        comprehensions: Comprehensions and generator expressions.
        conditionals: Conditional expressions.
        lengths: Lines of each function and method, docstring included.
        dense: The statements that do too much.
    """

    files: int = 0
    lines: int = 0
    code_lines: int = 0
    comment_lines: int = 0
    trailing_comments: int = 0
    comprehensions: int = 0
    conditionals: int = 0
    lengths: list[int] = field(default_factory=list)
    dense: list[DenseStatement] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Count a file.

        Args:
            path: A Python file.
        """
        source = path.read_text(encoding="utf-8")
        self.files += 1
        self._add_lines(source)
        for node in ast.walk(ast.parse(source, str(path))):
            if isinstance(node, _DEFINITIONS) and node.end_lineno is not None:
                self.lengths.append(node.end_lineno - node.lineno + 1)
            if isinstance(node, ast.stmt):
                self._add_statement(path, node)

    def _add_lines(self, source: str) -> None:
        lines = [line.strip() for line in source.splitlines()]
        self.lines += len(lines)
        self.code_lines += sum(line != "" and not line.startswith("#") for line in lines)
        # Only a tokenizer tells a comment from a number sign inside a string.
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type != tokenize.COMMENT or any(mark in token.string for mark in _DIRECTIVES):
                continue
            if token.line.lstrip().startswith("#"):
                self.comment_lines += 1
            else:
                self.trailing_comments += 1

    def _add_statement(self, path: Path, statement: ast.stmt) -> None:
        nodes = list(own_nodes(statement))
        comprehensions = sum(isinstance(node, _COMPREHENSIONS) for node in nodes)
        conditionals = sum(isinstance(node, ast.IfExp) for node in nodes)
        self.comprehensions += comprehensions
        self.conditionals += conditionals
        if max(comprehensions, conditionals) > MOST:
            self.dense.append(DenseStatement(path, statement.lineno, comprehensions, conditionals))


def measure(folder: Path) -> Readability:
    """Count all Python files under a folder.

    Args:
        folder: The folder.

    Returns:
        The counts, over all files.
    """
    counted = Readability()
    for path in sorted(folder.rglob("*.py")):
        counted.add(path)
    return counted


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Go through the expressions of a statement, without those of statements inside it.

    Args:
        statement: The statement.

    Yields:
        Its nodes, in no particular order.
    """
    waiting = list(ast.iter_child_nodes(statement))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def main() -> None:
    """Print the counts, and the statements that do too much."""
    default = Path(__file__).parents[1] / "charrobust"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    counted = measure(folder)
    if not counted.lengths:
        sys.exit(f"{folder}: expected a folder with Python functions, found none")
    p90 = statistics.quantiles(counted.lengths, n=10, method="inclusive")[-1] if len(counted.lengths) > 1 else 0
    for statement in counted.dense:
        print(statement)
    print(f"{counted.files} files, {counted.lines} lines")
    comments = counted.comment_lines + counted.trailing_comments
    print(f"comment lines per 100 of code       {100 * counted.comment_lines / counted.code_lines:6.1f}")
    print(f"all comments per 100 lines          {100 * comments / counted.lines:6.1f}")
    print(f"comprehensions per 1,000 lines      {1000 * counted.comprehensions / counted.lines:6.1f}")
    print(f"conditional expressions per 1,000   {1000 * counted.conditionals / counted.lines:6.1f}")
    print(f"functions                           {len(counted.lengths):6}")
    median, longest = statistics.median(counted.lengths), max(counted.lengths)
    print(f"lines of a function                 median {median:.0f}, p90 {p90:.0f}, max {longest}")
    print(f"statements that do too much         {len(counted.dense):6}")


if __name__ == "__main__":
    main()
