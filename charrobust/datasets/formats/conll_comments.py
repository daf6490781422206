"""Columns of CoNLL lines, and comments told from tokens that begin with ``#``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from charrobust.datasets.formats.base import line_blocks
from charrobust.errors import DataError

if TYPE_CHECKING:
    from charrobust.datasets.formats.conll import Conll

_ENDING = "\r\n \t"
_BLANKS = re.compile(r"([ \t]+)")
_TAB = re.compile(r"(\t)")
# "# id = 7", "#id=7", "# text: ...", "# id 0<TAB>domain=en", "#begin document (...)": said of a text, not of a token.
_KEYED = re.compile(r"#+\s*[\w./-]+\s*[=:]|#(begin|end) document\b|#.*\t\w+=\S*$")
_BARE = re.compile(r"#+[ \t]")
# The letters of all ways to write spans (IOB, IOE, BILOU, BMES, BMEWO), before the type or behind it.
_SPAN_TAG = re.compile(r"O|[BIESLUMW]([-_].+)?|.+[-_][BIESLUMW]", re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are cut into columns.

    Attributes:
        tabs: Whether one tab stands between two columns, so that blanks are part of them; else any blanks do.
        width: Number of columns.
        line: Number of the line that tells.
    """

    tabs: bool
    width: int
    line: int = 0

    @classmethod
    def of_line(cls, text: str) -> Layout | None:
        """Return the layout of a token's line; None for a blank line."""
        content = text.rstrip(_ENDING)
        if not content:
            return None
        tabs = "\t" in content
        return cls(tabs, len(cls(tabs, 0).fields(text)))

    @property
    def separator(self) -> str:
        """What stands between columns, in words."""
        return "tabs" if self.tabs else "blanks"

    def pieces(self, text: str) -> list[str]:
        """Return the columns of a line and, between two of them, what separates them."""
        return (_TAB if self.tabs else _BLANKS).split(text.rstrip(_ENDING))

    def fields(self, text: str) -> list[str]:
        """Return the columns of a line."""
        # Split by a pattern with a group, columns stand at even places and separators at odd ones.
        return self.pieces(text)[::2]

    def is_mixed(self, text: str) -> bool:
        """Tell whether a line of a file with blanks between columns has a tab, too, so that either may be meant."""
        return not self.tabs and "\t" in text.rstrip(_ENDING)


@dataclass
class _Values:
    """What stands in the columns of lines that do not begin with ``#``: the tags, and all that is not a token."""

    tags: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)


class CommentJudge:
    """Tells comments from tokens that begin with ``#`` by their columns.

    A line is a token if it has as many columns as other lines, and its tag occurs in other lines or is written as
    theirs are (``B-PER``). It is a comment if it names something of the text (``# id = 7``, ``# id 7<TAB>domain=en``,
    ``#begin document``), or if a blank follows the ``#`` and its columns are not those of a token. All else is refused.
    """

    def __init__(self, file: Conll, layout: Layout | None) -> None:
        self.layout = layout
        self._file = file

    def is_comment(self, text: str, line: int) -> bool:
        """Tell whether a line is a comment.

        Args:
            text: The line, which begins with ``#``.
            line: Its number, for errors.

        Returns:
            Whether it is one.

        Raises:
            DataError: It may be either.
        """
        if self._file.comments is not None:
            return self._file.comments
        if self.layout is None:
            raise self._unclear(line, text, "no line begins otherwise")
        fields = self.layout.fields(text)
        if len(fields) == self.layout.width and not self.layout.is_mixed(text):
            return self._is_comment_of_equal_width(fields, text, line)
        if _KEYED.match(text) or (_BARE.match(text) and not self._has_lost_columns(fields)):
            return True
        raise self._unclear(line, text, f"it has {len(fields)} columns, other lines {self.layout.width}")

    def _is_comment_of_equal_width(self, fields: list[str], text: str, line: int) -> bool:
        tag = fields[self._file.tag_column]
        # The strongest evidence first: a tag that other tokens have, then one that is written as tags are.
        if tag in self._values.tags:
            return False
        marks_spans = all(map(_SPAN_TAG.fullmatch, self._values.tags))
        if marks_spans and _SPAN_TAG.fullmatch(tag):
            return False
        # Where all tags are of the kind B-PER, a word of another kind in their place is none.
        if _KEYED.match(text) or (marks_spans and _BARE.match(text)):
            return True
        raise self._unclear(line, text, f"no other line has the tag {tag!r}")

    def _has_lost_columns(self, fields: list[str]) -> bool:
        """Tell whether a line may be that of the token ``#`` without some of its columns."""
        assert self.layout is not None  # noqa: S101 - asked where there is one
        # "# some words" is one column where tabs stand between columns, and no token; "#" alone may be one.
        if len(fields) == 1:
            return not fields[0].strip("# ")
        if len(fields) >= self.layout.width:
            return False
        return fields[-1] in self._values.tags or self._values.others.issuperset(fields[1:])

    def _unclear(self, line: int, text: str, reason: str) -> DataError:
        return DataError(
            f"{self._file.path}, line {line}: {text.strip()[:60]!r} may be a comment or a token ({reason}); set "
            "`comments` to true if all lines that begin with # are comments, to false if none is"
        )

    @cached_property
    def _values(self) -> _Values:
        """What other lines hold; read once, and only for a file in which a line begins with ``#``."""
        values = _Values()
        assert self.layout is not None  # noqa: S101 - asked where there is one
        token_column = self._file.token_column % self.layout.width
        for start, lines, _ in line_blocks(self._file.path, self._file.encoding, self._file.max_record_bytes):
            for number, line in enumerate(lines, start):
                # What is to be judged is no evidence.
                if line.startswith(b"#") or not line.strip():
                    continue
                text = self._file.decode(line, number)
                fields = self.layout.fields(text)
                if len(fields) == self.layout.width and not self._file.is_other(text, self.layout):
                    values.tags.add(fields[self._file.tag_column])
                    values.others.update(fields[:token_column], fields[token_column + 1 :])
        return values
