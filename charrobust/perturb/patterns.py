"""Regular expressions of users: matched in bounded time, whatever they are and whatever they are matched with."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import regex

from charrobust.errors import RecipeError, UserError
from charrobust.perturb.edits import Span

# A pattern that backtracks without end would hang a whole run, and nobody would know why.
TIME_LIMIT = 5.0

# The patterns of the shipped recipes, and what is matched in their place: the same matches, in time that grows as the
# text does. Watching the clock takes longer than matching a short text, so these are matched without. (The recipes
# keep the plain form, which is easier to read and part of what their random numbers depend on.)
LINEAR = {
    r"https?://\S+": r"https?://\S+",
    # From the start of a stretch without blanks, the first @ behind its first letter, and the first dot behind the
    # letter after that: if these two do not serve, no others do. What a possessive repeat (++) took it never gives
    # back. The plain form, which tries every start with every @ and every dot, takes the cube of the length.
    r"\S+@\S+\.\S+": r"(?<!\S)\S[^\s@]*+@\S[^\s.]*+\.\S++",
    r"[@#]\w+": r"[@#]\w+",
}


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
            raise RecipeError(f"{field}: {pattern!r:.200} is not a regular expression: {error}") from error


def group_count(pattern: str) -> int:
    """Return the number of groups of a regular expression.

    Args:
        pattern: The expression, in the syntax of the ``regex`` library.

    Returns:
        How many groups it has.

    Raises:
        UserError: It cannot be read; with the place in it.
    """
    try:
        return _compiled(pattern).groups
    except regex.error as error:
        raise UserError(f"{pattern!r:.200} is no regular expression: {error}") from error


def matched_spans(patterns: Sequence[str], text: str, field: str) -> list[Span]:
    """Return the spans of all matches in a text, which may overlap and may be empty.

    Args:
        patterns: Expressions that :func:`check_patterns` let pass.
        text: The text.
        field: What they were given as, for the message.

    Returns:
        (start, end) of each match, in code points.

    Raises:
        RecipeError: A pattern takes longer than ``TIME_LIMIT`` seconds; with the pattern and the text.
    """
    spans: list[Span] = []
    for pattern in patterns:
        matcher, is_linear = _matcher(pattern)
        limit = None if is_linear else TIME_LIMIT
        try:
            spans += [match.span() for match in matcher.finditer(text, timeout=limit)]
        except TimeoutError as error:
            raise RecipeError(_too_long(field, pattern, text)) from error
    return spans


def first_group(pattern: str, text: str, field: str) -> str | None:
    """Return what the first group holds at the first match in a text.

    Args:
        pattern: An expression with a group.
        text: The text.
        field: What it was given as, for the message.

    Returns:
        What it holds; None where nothing matches, or where the group takes no part in the match, as that of ``(a)|b``.

    Raises:
        UserError: The pattern takes longer than ``TIME_LIMIT`` seconds; with the pattern and the text.
    """
    try:
        match = _compiled(pattern).search(text, timeout=TIME_LIMIT)
    except TimeoutError as error:
        raise UserError(_too_long(field, pattern, text)) from error
    return None if match is None else match[1]


# Both are asked for again with every text.
@functools.cache
def _matcher(pattern: str) -> tuple[regex.Pattern[str], bool]:
    """Return what is matched in place of a pattern, and whether it is known to be linear."""
    return _compiled(LINEAR.get(pattern, pattern)), pattern in LINEAR


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    try:
        return regex.compile(pattern)
    except RecursionError as error:  # the library calls itself for what stands in brackets
        raise regex.error("brackets are nested too deep") from error


def _too_long(field: str, pattern: str, text: str) -> str:
    return (
        f"{field}: {pattern!r} took more than {TIME_LIMIT:g} seconds on the text {_beginning(text)}; "
        "repeat nothing that repeats itself, as in (a+)+, or use possessive repeats such as a++"
    )


def _beginning(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}... ({len(text):,} characters)"
