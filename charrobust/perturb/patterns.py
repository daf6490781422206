"""Regular expressions whose matches stay as they are: links, addresses, order numbers."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import regex

from charrobust.errors import RecipeError
from charrobust.perturb.edits import Span

# A pattern that backtracks without end would hang a whole run, and nobody would know why.
TIME_LIMIT = 5.0


def check_patterns(patterns: Sequence[str], field: str) -> None:
    """Refuse what is no list of regular expressions.

    Args:
        patterns: The expressions, in the syntax of the ``regex`` library.
        field: What they were given as, for the message.

    Raises:
        RecipeError: With the expression that cannot be read, and the place in it.
    """
    # A string is a sequence of strings too: its letters would be taken for patterns one by one.
    if isinstance(patterns, str):
        raise RecipeError(f"{field} must be a list of regular expressions, got the string {patterns!r}")
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise RecipeError(f"{field}: expected a regular expression, got {pattern!r}")
        try:
            _compiled(pattern)
        except regex.error as error:
            raise RecipeError(f"{field}: {pattern!r} is not a regular expression: {error}") from error


def matched_spans(patterns: Sequence[str], text: str) -> list[Span]:
    """Return the spans of all matches in a text, which may overlap and may be empty.

    Args:
        patterns: Expressions that :func:`check_patterns` let pass.
        text: The text.

    Returns:
        (start, end) of each match, in code points.
    """
    spans: list[Span] = []
    for pattern in patterns:
        spans += [match.span() for match in _compiled(pattern).finditer(text)]
    return spans


def matched_spans_in_time(patterns: Sequence[str], text: str, field: str) -> list[Span]:
    """Do as :func:`matched_spans`, but give up on a pattern that takes longer than ``TIME_LIMIT`` seconds on the text.

    Watching the clock takes about as long as matching a short text, so patterns that are known to be harmless, as
    those of recipes, are matched without.

    Args:
        patterns: Expressions that :func:`check_patterns` let pass.
        text: The text.
        field: What they were given as, for the message.

    Returns:
        (start, end) of each match, in code points.

    Raises:
        RecipeError: With the pattern that took too long, and the text.
    """
    spans: list[Span] = []
    for pattern in patterns:
        try:
            spans += [match.span() for match in _compiled(pattern).finditer(text, timeout=TIME_LIMIT)]
        except TimeoutError as error:
            raise RecipeError(
                f"{field}: {pattern!r} took more than {TIME_LIMIT:g} seconds on the text {_beginning(text)}; "
                "repeat nothing that repeats itself, as in (a+)+, or use possessive repeats such as a++"
            ) from error
    return spans


# Asked for again with every text.
@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _beginning(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}... ({len(text):,} characters)"
