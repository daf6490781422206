"""Extractive question answering, SQuAD 1.1 and 2.0. Answer spans follow the edits of their context.

Two shapes of record are known: a SQuAD paragraph (``context`` and ``qas``), and one question a record
(``question``, ``context``, ``answers``), the answers as a list of ``{text, start}`` or ``{text, answer_start}``,
or as the two lists ``{text: [...], answer_start: [...]}`` of hub data sets.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from charrobust.errors import DataError, UserError, hint
from charrobust.perturb import Attack, Edit, EditedText, revert
from charrobust.perturb.words import word_spans
from charrobust.tasks.examples import Example
from charrobust.tasks.records import Batch, Entry, LoggedEdit, Perturbation, Place, Record, by_field, require

FIELDS = ("question", "context")
Move = Callable[[int, int], tuple[int, int]]


@dataclass(frozen=True)
class QuestionAnswering:
    """What of a question answering data set is attacked.

    Attributes:
        attacked: ``question``, ``context`` or both.
        protect_answers: Whether words of the context that belong to an answer stay.
    """

    name: ClassVar[str] = "qa"
    attacked: tuple[str, ...] = ("question",)
    protect_answers: bool = False

    def __post_init__(self) -> None:
        """Check the field names."""
        for field in self.attacked:
            if field not in FIELDS:
                raise UserError(f"unknown field {field!r} of question answering; {hint(field, FIELDS)}")

    @classmethod
    def detect(cls, record: Record, place: Place, named: tuple[str, ...] = ()) -> QuestionAnswering:
        """Check that a record is of one of the known shapes.

        Args:
            record: The first record.
            place: Where it stands.
            named: Nothing: the columns of this task have fixed names.

        Raises:
            DataError: It is of neither.
        """
        if "context" in record and ("qas" in record or "question" in record):
            return cls()
        raise place.error(
            "not a question answering record: expected 'context' with 'qas' (SQuAD) or with 'question' and "
            f"'answers', got the columns {', '.join(map(str, record))}"
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return ("question", "context", "answers", "plausible_answers")

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch.

        Raises:
            DataError: A field is missing, or an answer is not at its offset.
        """
        out = Perturbation([copy.deepcopy(record) for record in batch.records])
        rows = [(row, record, place) for (row, _, place), record in zip(batch.rows(), out.records, strict=True)]
        for _, record, place in rows:
            _check(record, place)
        if "context" in self.attacked:
            self._perturb_contexts(rows, attack, out)
        if "question" in self.attacked:
            questions = [
                (row, name, field, holder) for row, record, _ in rows for name, field, holder in _questions(row, record)
            ]
            made = attack.texts([holder["question"] for *_, holder in questions], field="question")
            for (*_, holder), text in zip(questions, made.texts, strict=True):
                holder["question"] = text
            out.note([Entry(row, name, field) for row, name, field, _ in questions], made.edits, made.tally)
        return out

    def _perturb_contexts(self, rows: list[tuple[int, Record, Place]], attack: Attack, out: Perturbation) -> None:
        contexts = [record["context"] for _, record, _ in rows]
        protect = []
        for _, record, _ in rows:
            spans = [(start, start + len(text)) for text, start, _ in _answers(record)]
            protect.append(spans if self.protect_answers else cutting(record["context"], spans))
        made = attack.texts(contexts, protect=protect, field="context")
        for (_, record, _), edited in zip(rows, made, strict=True):
            record["context"] = edited.text
            _move_answers(record, edited.moved)
        entries = [Entry(row, str(record.get("id", row)), "context") for row, record, _ in rows]
        out.note(entries, made.edits, made.tally)

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a record."""
        restored = copy.deepcopy(record)
        groups = by_field(edits)
        holders = {field: holder for _, field, holder in _questions(0, restored)}
        for field, made in groups.items():
            holder = restored if field == "context" else holders.get(field)
            if holder is None:
                raise place.error(f"the edit log names {field!r}, which the record does not have")
            name = "context" if field == "context" else "question"
            attacked = require(holder, name, str, place)
            try:
                holder[name] = revert(attacked, made)
            except DataError as error:
                raise place.error(f"{field}: {error}") from error
            if field == "context":
                _move_answers(restored, EditedText(holder[name], attacked, _ordered(made)).original)
        return restored

    def labels_of(self, record: Record) -> Iterable[object]:
        """Return nothing: answers are checked otherwise."""
        return ()

    def examples(self, batch: Batch) -> Iterator[Example]:
        """Go through the questions of a batch.

        Raises:
            DataError: A field is missing, or an answer is not at its offset.
        """
        for row, record, place in batch.rows():
            _check(record, place)
            for name, _, holder in _questions(row, record):
                answers = [] if holder.get("is_impossible") else list(_answers_of(holder, name))
                texts = tuple(text for text, _, _ in answers)
                spans = tuple((start, start + len(text)) for text, start, _ in answers)
                yield Example(name, (holder["question"], record["context"]), texts, spans)


def _ordered(edits: list[Edit]) -> tuple[Edit, ...]:
    return tuple(sorted(edits, key=lambda edit: edit.new))


def _questions(row: int, record: Record) -> Iterator[tuple[str, str, Record]]:
    """Go through the questions of a record: (example, field, the mapping that holds the question)."""
    if "qas" not in record:
        yield str(record.get("id", row)), "question", record
        return
    for number, holder in enumerate(record["qas"]):
        yield str(holder.get("id", f"{row}.{number}")), f"qas[{number}].question", holder


def _answer_lists(record: Record) -> Iterator[tuple[Record, str]]:
    """Go through (holder, key) of all answers of a record, also those of impossible questions."""
    for _, _, holder in _questions(0, record):
        for key in ("answers", "plausible_answers"):
            if holder.get(key):
                yield holder, key


def _answers(record: Record) -> Iterator[tuple[str, int, str]]:
    """Go through (text, start, example) of all answers of a record."""
    for holder, key in _answer_lists(record):
        yield from _read_answers(holder[key], str(holder.get("id", "?")))


def _answers_of(holder: Record, name: str) -> Iterator[tuple[str, int, str]]:
    """Go through (text, start, example) of the right answers of a question."""
    return _read_answers(holder.get("answers") or [], name)


def _read_answers(answers: Any, name: str) -> Iterator[tuple[str, int, str]]:
    """Go through (text, start, example) of answers in either of their shapes."""
    if isinstance(answers, dict):
        yield from ((text, start, name) for text, start in zip(answers["text"], answers["answer_start"], strict=True))
    else:
        yield from ((answer["text"], answer[_start_key(answer)], name) for answer in answers)


def _start_key(answer: Record) -> str:
    return "answer_start" if "answer_start" in answer else "start"


def _move_answers(record: Record, move: Move) -> None:
    """Move all answers of a record and let their texts be what stands there now."""
    context = record["context"]

    def moved(text: str, start: int) -> tuple[str, int]:
        new_start, new_end = move(start, start + len(text))
        return context[new_start:new_end], new_start

    for holder, key in _answer_lists(record):
        answers = holder[key]
        if isinstance(answers, dict):
            pairs = [moved(text, start) for text, start in zip(answers["text"], answers["answer_start"], strict=True)]
            answers["text"], answers["answer_start"] = [text for text, _ in pairs], [start for _, start in pairs]
        else:
            for answer in answers:
                answer["text"], answer[_start_key(answer)] = moved(answer["text"], answer[_start_key(answer)])


def cutting(context: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return those words that a border of a span cuts in two; their letters cannot be shared out after an edit."""
    borders = {border for span in spans for border in span}
    return [(a, b) for a, b in word_spans(context) if any(a < border < b for border in borders)] if borders else []


def _check(record: Record, place: Place) -> None:
    """Check a record's fields, and that every answer stands at its offset.

    Raises:
        DataError: With the place, the question's id, what was expected and what stands there.
    """
    context = require(record, "context", str, place)
    if "qas" in record:
        questions = require(record, "qas", list, place)
        if not all(isinstance(question, dict) for question in questions):
            raise place.error("'qas' must be a list of objects, each with a 'question'")
    for _, _, holder in _questions(0, record):
        require(holder, "question", str, place)
    try:
        answers = list(_answers(record))
    except (KeyError, TypeError, ValueError) as error:
        raise place.error(
            "answers must be a list of {text, answer_start} or the two lists {text, answer_start}; "
            f"cannot read them: {error!r}"
        ) from error
    for text, start, name in answers:
        _check_answer(context, text, start, name, place)


def _check_answer(context: str, text: Any, start: Any, name: str, place: Place) -> None:
    if not isinstance(text, str) or not isinstance(start, int):
        raise place.error(f"question {name}: an answer needs a text and a number as its start, got {text!r}, {start!r}")
    found = context[start : start + len(text)] if start >= 0 else ""
    if found != text or not text:
        where = context.find(text) if text else -1
        remedy = f"it does occur at {where}: correct the offset" if where >= 0 else "it does not occur in the context"
        raise place.error(f"question {name}: expected the answer {text!r} at offset {start}, found {found!r}; {remedy}")
