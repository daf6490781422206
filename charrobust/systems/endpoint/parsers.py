"""From what an endpoint returns to an answer that a task understands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.perturb.patterns import first_group
from charrobust.systems.endpoint.settings import Answer
from charrobust.tasks.answers import shortened
from charrobust.tasks.base import Task

# The word behind the fence and the blanks behind it are taken whole, lest every part of them be tried.
_FENCE = re.compile(r"```[\w-]*+\s*+(.*?)```", re.DOTALL)
_DECODER = json.JSONDecoder()
_OPENING = re.compile(r"[\[{]")
Parser = Callable[[Any], Any]


def value_at(content: Any, path: str) -> Any:
    """Return what stands at a place of a JSON value.

    Args:
        content: The value.
        path: Keys and numbers with dots between, such as ``choices.0.message.content``; empty for all of it.

    Returns:
        What stands there.

    Raises:
        UserError: Nothing does; with how far the path leads.
    """
    found, gone = content, ""
    for part in path.split(".") if path else ():
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            where = f"behind {gone!r}" if gone else "at the top"
            raise UserError(f"there is no {path!r} in it: {where} stands {_outline(found)}")
        gone = f"{gone}.{part}".removeprefix(".")
    return found


def words_of_labels(given: Mapping[str, str], labels: Sequence[str]) -> dict[str, str]:
    """Return what an endpoint calls each label.

    Args:
        given: Its words by label, where it has words of its own.
        labels: The labels of the data; none where these are not known.

    Returns:
        The word of each label: those given, and the other labels of the data, which are their own words.

    Raises:
        UserError: Two labels have one word.
    """
    words = {**given, **{label: label for label in labels if label not in given}}
    by_word: dict[str, str] = {}
    for label, word in words.items():
        other = by_word.setdefault(word.casefold().strip(), label)
        if other != label:
            raise UserError(
                f"the labels {other!r} and {label!r} have one word, {word!r}; give others in [answer.labels]"
            )
    return words


def parser_of(answer: Answer, task: type[Task], words: Mapping[str, str]) -> Parser:
    """Return what turns a value that an endpoint returned into an answer of the task.

    Args:
        answer: How answers are read.
        task: The task.
        words: What the endpoint calls each label.

    Returns:
        The parser: a function from a value to an answer as :meth:`.Task.prediction_of` takes it. Where it finds none it
        returns the value as it is.

    Raises:
        UserError: Labels are to be found, and none are known.
    """
    if answer.parser == "label-words":
        if not words:
            raise UserError(
                "the parser 'label-words' looks for labels, and the data tell none; name them in [answer.labels], or "
                "use another parser"
            )
        return _LabelWords(task, words)
    if answer.parser == "regex":
        return _Pattern(answer.pattern)
    if answer.parser == "json":
        return _Json(answer.key)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


class _LabelWords:
    """Finds labels in free text, whatever their case."""

    def __init__(self, task: type[Task], words: Mapping[str, str]) -> None:
        self._task = task
        self._labels = {word.casefold().strip(): label for label, word in words.items()}
        # The longest first: in "very good", that label is found, and not "good".
        longest = sorted(self._labels, key=len, reverse=True)
        self._words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = dict.fromkeys(self._labels[word] for word in self._words.findall(value.casefold()))
        answer = self._task.answer_of_labels(list(found))
        return value if answer is None else answer


class _Pattern:
    """Finds the first group of a regular expression in free text."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __call__(self, value: Any) -> Any:
        found = first_group(self._pattern, value, "`pattern`") if isinstance(value, str) else None
        return value if found is None else found


class _Json:
    """Finds a JSON value in free text."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, value: Any) -> Any:
        for found in _json_values(value) if isinstance(value, str) else [value]:
            try:
                return value_at(found, self._key)
            except UserError:
                continue
        return value


def _json_values(text: str) -> Iterator[Any]:
    """Go through the JSON values of a text: all of it, what stands in fences, and what begins with a bracket."""
    for part in (text, *_FENCE.findall(text)):
        try:
            yield parse_json(part)
        except (ValueError, RecursionError):
            continue
    end = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < end:
            continue  # within the value before
        try:
            found, end = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            continue
        yield found


def _outline(value: Any) -> str:
    """Say what a JSON value is, for messages."""
    if isinstance(value, Mapping):
        return f"an object with the keys {shortened(list(value))}"
    return f"a list of {len(value)}" if isinstance(value, list) else shortened(value)
