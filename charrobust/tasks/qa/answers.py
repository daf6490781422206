"""Questions and answers as records hold them: read, checked, and moved along with the edits of their context.

Answers are a list of ``{text, answer_start}`` or ``{text, start}``, or the two lists ``{text: [...], answer_start:
[...]}`` of hub data sets. An ``answer_end`` or ``end`` beside a start moves along. ``answers: []`` says that there is
no answer, as does the empty answer at -1; a question whose record has no ``answers`` at all is refused, unless it says
``is_impossible``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.errors import hint
from charrobust.tasks.offsets import looks_like_offsets, stale_offset
from charrobust.tasks.records import Place, Record, require

Move = Callable[[int, int], tuple[int, int]]

_STARTS = ("answer_start", "start")
# Ends beside a start: the place behind the last letter, or that of the letter itself; each record may have it its way.
_ENDS = ("answer_end", "end")
_LISTS = ("answers", "plausible_answers")
# Words that speak of offsets beside an answer, besides the usual ones.
_BESIDE_ANSWERS = frozenset(
    {"byte", "bytes", "char", "chars", "idx", "index", "loc", "pos", "position", "token", "tokens"}
)
# Keys that other data sets use for answers; with them and without "answers" nothing says what is right.
_OTHER_ANSWERS = ("answer", "answer_text", "detected_answers", "gold_answer", "answer_start", "short_answers")


@dataclass(frozen=True)
class Answer:
    """An answer at its place in the context.

    Attributes:
        text: The answer.
        start: Where it begins.
    """

    text: str
    start: int

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends."""
        return self.start, self.start + len(self.text)


@dataclass(frozen=True)
class Question:
    """A question of a record.

    Attributes:
        id: Its id, or what stands for it.
        field: What edit logs call it.
        holder: The mapping that holds it.
    """

    id: str
    field: str
    holder: Record

    def right_answers(self) -> list[Answer]:
        """Return the right answers; none where the question has no answer."""
        if self.holder.get("is_impossible"):
            return []
        return list(_read(self.holder.get("answers")))


def questions_of(row: int, record: Record) -> Iterator[Question]:
    """Go through the questions of a record, whose number in the data set is ``row``."""
    if "qas" not in record:
        yield Question(str(record.get("id", row)), "question", record)
        return
    for number, holder in enumerate(record["qas"]):
        yield Question(str(holder.get("id", f"{row}.{number}")), f"qas[{number}].question", holder)


def answers_of(record: Record) -> list[Answer]:
    """Return all answers of a record, those of impossible questions among them."""
    found: list[Answer] = []
    for holder, key in _answer_lists(record):
        found += _read(holder[key])
    return found


def _answer_lists(record: Record) -> Iterator[tuple[Record, str]]:
    """Go through (holder, key) of all answers of a record."""
    for question in questions_of(0, record):
        for key in _LISTS:
            if question.holder.get(key):
                yield question.holder, key


def _read(answers: Any) -> Iterator[Answer]:
    """Go through answers in either of their shapes; an empty one at -1 is none."""
    if answers is None:
        return
    if isinstance(answers, dict):
        pairs = list(zip(answers["text"], answers[_start_key(answers)], strict=True))
    else:
        pairs = [(answer["text"], answer[_start_key(answer)]) for answer in answers]
    for text, start in pairs:
        if not (text == "" and start in (-1, None)):
            yield Answer(text, start)


def _start_key(answer: Record) -> str:
    return "answer_start" if "answer_start" in answer else "start"


def move_answers(record: Record, move: Move) -> None:
    """Move all answers of a record and let their texts be what stands there now.

    Args:
        record: The record, with its new context; changed in place.
        move: Returns where a stretch of the old context is in the new one.
    """
    context = record["context"]

    def moved(text: str, start: int) -> tuple[str, int]:
        # The answer "none" has no place that could move.
        if text == "":
            return text, start
        new_start, new_end = move(start, start + len(text))
        return context[new_start:new_end], new_start

    for holder, key in _answer_lists(record):
        if isinstance(holder[key], dict):
            _move_columns(holder[key], moved)
        else:
            for answer in holder[key]:
                _move_one(answer, moved)


def _move_one(answer: Record, moved: Callable[[str, int], tuple[str, int]]) -> None:
    """Move one answer, with its end if it has one: behind the last letter, or at it, as it was."""
    text, start = answer["text"], answer[_start_key(answer)]
    new_text, new_start = moved(text, start)
    answer["text"], answer[_start_key(answer)] = new_text, new_start
    for key in _ENDS:
        if key in answer:
            # As far as the place behind the last letter moves, so that it does not matter which of the two was written.
            answer[key] += new_start + len(new_text) - start - len(text)


def _move_columns(answers: Record, moved: Callable[[str, int], tuple[str, int]]) -> None:
    """Move answers that are written as lists of their parts."""
    key = _start_key(answers)
    ends = [end for end in _ENDS if end in answers]
    rows = []
    for number, (text, start) in enumerate(zip(answers["text"], answers[key], strict=True)):
        row = {"text": text, key: start} | {end: answers[end][number] for end in ends}
        _move_one(row, moved)
        rows.append(row)
    for column in ("text", key, *ends):
        answers[column] = [row[column] for row in rows]


def check_followed(record: Record, plain: Sequence[str], place: Place) -> None:
    """Refuse to edit a context into which a record holds other offsets than those of answers, which move along.

    Args:
        record: The record.
        plain: Keys that hold no offsets, whatever they look like.
        place: Where the record stands.

    Raises:
        DataError: With the key.
    """
    key = ""
    for holder, answers_key in _answer_lists(record):
        answers = holder[answers_key]
        for answer in [answers] if isinstance(answers, dict) else answers:
            others = {name: value for name, value in answer.items() if name not in _moved_keys(answer)}
            key = key or stale_offset(others, plain, _BESIDE_ANSWERS)
    for holder in [record, *(question.holder for question in questions_of(0, record))]:
        others = {name: value for name, value in holder.items() if name not in (*_LISTS, "qas")}
        key = key or stale_offset(others, plain) or looks_like_offsets(others, [record["context"]], plain)
    if key:
        raise place.error(
            f"{key!r} seems to hold an offset into the context, which would be stale once it is edited: "
            "answer_start and answer_end move along, others do not; leave it out, or, if it is none, name it "
            "with `plain_columns`"
        )


def _moved_keys(answer: Record) -> tuple[str, ...]:
    """Return the keys of an answer that follow the edits."""
    return ("text", _start_key(answer), *_ENDS)


def check_answers(record: Record, place: Place) -> None:
    """Check a record's fields, and that every answer stands at its offset.

    Args:
        record: The record.
        place: Where it stands.

    Raises:
        DataError: With the place, the question's id, what was expected and what stands there.
    """
    context = require(record, "context", str, place)
    if "qas" in record:
        questions = require(record, "qas", list, place)
        if not all(isinstance(question, dict) for question in questions):
            raise place.error("'qas' must be a list of objects, each with a 'question'")
    for question in questions_of(0, record):
        require(question.holder, "question", str, place)
        _check_there(question, place)
        for key in _LISTS:
            _check_list(question, key, context, place)


def _check_there(question: Question, place: Place) -> None:
    """Refuse a question of which nothing says what is right.

    Raises:
        DataError: With the keys that may hold the answers instead.
    """
    holder = question.holder
    impossible = holder.get("is_impossible")
    # False and True are equal to 0 and 1: both ways of writing them pass.
    if impossible not in (None, 0, 1):
        raise place.error(f"question {question.id}: is_impossible must be true or false, got {impossible!r}")
    if impossible or holder.get("answers") is not None:
        return
    others = [key for key in _OTHER_ANSWERS if key in holder]
    found = f"there is {', '.join(map(repr, others))}" if others else hint("answers", map(str, holder))
    if "answers" in holder:
        found = "it is null"
    raise place.error(
        f"question {question.id} has no 'answers' ({found}); expected a list of {{text, answer_start}}, or [] for a "
        "question without an answer"
    )


def _check_list(question: Question, key: str, context: str, place: Place) -> None:
    """Check one list of answers.

    Raises:
        DataError: It cannot be read, or an answer is not at its offset.
    """
    answers = question.holder.get(key)
    if answers is None:
        return
    expected = f"question {question.id}: {key} must be a list of {{text, answer_start}} or the two lists of these"
    if not isinstance(answers, list | dict):
        raise place.error(f"{expected}; got {answers!r}")
    try:
        found = list(_read(answers))
        _check_ends(answers)
    except KeyError as error:
        raise place.error(f"{expected}; {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise place.error(f"{expected}; cannot read them: {error}") from error
    for answer in found:
        _check_answer(context, answer, question.id, place)


def _check_ends(answers: Any) -> None:
    """Refuse ends that are no place behind or at the last letter: they could not be moved along.

    Raises:
        ValueError: An end does not fit its answer.
        TypeError: An end is no number.
    """
    rows = [answers] if isinstance(answers, dict) else answers
    for row in rows:
        for key in _ENDS:
            if key in row:
                _check_end(row, key)


def _check_end(row: Record, key: str) -> None:
    columns = [row["text"], row[_start_key(row)], row[key]]
    if not isinstance(row["text"], list):
        columns = [[value] for value in columns]
    for text, start, end in zip(*columns, strict=True):
        if text and end - start - len(text) not in (0, -1):
            raise ValueError(f"{key} {end} is neither behind nor at the last letter of {text!r} at {start}")


def _check_answer(context: str, answer: Answer, question: str, place: Place) -> None:
    """Refuse an answer that does not stand at its offset.

    Raises:
        DataError: With what stands there, and where the answer does occur.
    """
    text, start = answer.text, answer.start
    if not isinstance(text, str) or not isinstance(start, int) or isinstance(start, bool):
        raise place.error(
            f"question {question}: an answer needs a text and a number as its start, got {text!r}, {start!r}"
        )
    # A slice would count a negative start from the end of the context.
    found = context[start : start + len(text)] if start >= 0 else ""
    if found == text and text:
        return
    where = context.find(text) if text else -1
    remedy = f"it does occur at {where}: correct the offset" if where >= 0 else "it does not occur in the context"
    raise place.error(f"question {question}: expected the answer {text!r} at offset {start}, found {found!r}; {remedy}")
