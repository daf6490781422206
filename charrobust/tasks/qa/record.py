"""Extractive question answering, SQuAD 1.1 and 2.0. Answer spans follow the edits of their context.

Two shapes of record are known: a SQuAD paragraph (``context`` and ``qas``), and one question a record
(``question``, ``context``, ``answers``); see :mod:`charrobust.tasks.qa.answers` for how answers may be written.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from charrobust.errors import DataError, UserError, hint
from charrobust.perturb import Attack
from charrobust.perturb.edits import undone
from charrobust.tasks.answers import text_in
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.offsets import cut_words
from charrobust.tasks.prompts import Prompt
from charrobust.tasks.qa.answers import answers_of, check_answers, check_followed, move_answers, questions_of
from charrobust.tasks.qa.metrics import answer_f1, exact_matches, qa_metrics
from charrobust.tasks.records import Batch, Entries, Entry, LoggedEdit, Perturbation, Place, Record, by_field, require

FIELDS = ("question", "context")
_NO_ANSWER = "unanswerable"  # what a language model is to say where there is none


@dataclass(frozen=True)
class QuestionAnswering(Task):
    """What of a question answering data set is attacked.

    Attributes:
        attacked: ``question``, ``context`` or both.
        protect_answers: Whether words of the context that belong to an answer stay.
        plain_columns: Keys that only look as if they held offsets into the context, which edits would make stale.
    """

    name: ClassVar[str] = "qa"
    head: ClassVar[str] = "charrobust.tasks.qa.head:AnswerHead"
    pipeline: ClassVar[str] = "question-answering"
    formats: ClassVar[tuple[str, ...]] = ("squad",)
    target_word: ClassVar[str] = "answers"
    shared_fields: ClassVar[frozenset[str]] = frozenset({"context"})
    text_names: ClassVar[tuple[str, ...]] = FIELDS
    may_answer_nothing: ClassVar[bool] = True

    attacked: tuple[str, ...] = ("question",)
    protect_answers: bool = False
    plain_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the field names."""
        for field in self.attacked:
            if field not in FIELDS:
                raise UserError(f"unknown field {field!r} of question answering; {hint(field, FIELDS)}")

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class; the columns have fixed names."""
        if cls.recognises(record):
            return cls()
        raise place.error(
            "not a question answering record: expected 'context' with 'qas' (SQuAD) or with 'question' and "
            f"'answers', got the columns {', '.join(map(str, record))}"
        )

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: a context with a question, or with several."""
        return "context" in record and ("qas" in record or "question" in record)

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; an input is a pair of question and context."""
        return cls()

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class; a target is a list of the texts that answer the question, empty if it has no answer."""
        if not isinstance(texts, list | tuple) or len(texts) != len(FIELDS):
            raise place.error(f"expected 2 texts ({', '.join(FIELDS)}) as of other examples, got {texts!r}")
        if isinstance(target, str) or not isinstance(target, Iterable):
            raise place.error(f"expected a list of answers, got {target!r}; write [{target!r}], or [] for no answer")
        question, context = texts
        for answer in target:
            if not isinstance(answer, str) or not isinstance(context, str):
                raise place.error(f"expected a context and the texts of its answers, got {context!r} and {answer!r}")
        # The first occurrence; -1 for an answer that is not there, which the check of answers refuses.
        answers = [{"text": answer, "answer_start": context.find(answer)} for answer in target]
        return {"question": question, "context": context, "answers": answers}

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return ("question", "context", "answers", "plausible_answers")

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """See the base class."""
        # Deep copies: answers stand in nested lists and are moved in place.
        perturbed = Perturbation([copy.deepcopy(record) for record in batch.records])
        copies = zip(batch.rows(), perturbed.records, strict=True)
        rows = [(row, record, place) for (row, _, place), record in copies]
        for _, record, place in rows:
            check_answers(record, place)
            if "context" in self.attacked:
                check_followed(record, self.plain_columns, place)
        if "context" in self.attacked:
            self._perturb_contexts(rows, attack, perturbed)
        if "question" in self.attacked:
            _perturb_questions(rows, attack, perturbed)
        return perturbed

    def _perturb_contexts(self, rows: list[tuple[int, Record, Place]], attack: Attack, perturbed: Perturbation) -> None:
        contexts = [record["context"] for _, record, _ in rows]
        protected = [self._protected(record, attack) for _, record, _ in rows]
        # No ids: a context that stands in many records is then edited alike in all of them.
        edited_texts = attack.texts(contexts, protect=protected, field="context")
        for (_, record, _), edited in zip(rows, edited_texts, strict=True):
            record["context"] = edited.text
            # Behind the new context, as answers take their texts from it.
            move_answers(record, edited.moved)
        entries = []
        for row, record, _ in rows:
            entries.append(Entry(row, str(record.get("id", row)), "context", numbered="id" not in record))
        perturbed.note(Entries.of(entries), edited_texts.edits, edited_texts.tally)

    def _protected(self, record: Record, attack: Attack) -> list[tuple[int, int]]:
        """Return the stretches of a record's context that stay."""
        spans = [answer.span for answer in answers_of(record)]
        return self._staying(record["context"], spans, attack)

    def _staying(self, context: str, answers: Sequence[tuple[int, int]], attack: Attack) -> list[tuple[int, int]]:
        """Return the stretches of a context that stay: the answers, or else the words that their borders cut."""
        if self.protect_answers or attack.recipe.moves_words:
            return list(answers)
        return cut_words(context, answers)

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """See the base class."""
        restored = copy.deepcopy(record)
        # By what the log calls them, such as qas[3].question: a paragraph has many questions.
        holders = {question.field: question.holder for question in questions_of(0, restored)}
        for field, field_edits in by_field(edits).items():
            holder = restored if field == "context" else holders.get(field)
            if holder is None:
                raise place.error(f"the edit log names {field!r}, which the record does not have")
            column = "context" if field == "context" else "question"
            attacked = require(holder, column, str, place)
            try:
                edited = undone(attacked, field_edits)
            except DataError as error:
                raise place.error(f"{field}: {error}") from error
            holder[column] = edited.source
            if field == "context":
                move_answers(restored, edited.original)
        return restored

    def examples(self, batch: Batch) -> Iterator[Example]:
        """See the base class: an example for each question."""
        for row, record, place in batch.rows():
            check_answers(record, place)
            for question in questions_of(row, record):
                answers = question.right_answers()
                texts = tuple(answer.text for answer in answers)
                spans = tuple(answer.span for answer in answers)
                yield Example(question.id, (question.holder["question"], record["context"]), texts, spans)

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class."""
        perturbed = list(examples)
        if "question" in self.attacked:
            edited = attack.texts([example.texts[0] for example in examples], ids=ids, field="0")
            pairs = zip(examples, edited.texts, strict=True)
            perturbed = [replace(example, texts=(text, example.texts[1])) for example, text in pairs]
        if "context" in self.attacked:
            return self._with_perturbed_contexts(perturbed, attack, ids)
        return perturbed

    def _with_perturbed_contexts(
        self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]
    ) -> list[Example]:
        """Return examples with attacked contexts, their answers moved along."""
        contexts = [example.texts[1] for example in examples]
        protected = [self._staying(example.texts[1], example.spans, attack) for example in examples]
        edited_texts = attack.texts(contexts, ids=ids, protect=protected, field="context")
        moved = []
        for example, edited in zip(examples, edited_texts, strict=True):
            spans = tuple(edited.moved(*span) for span in example.spans)
            answers = tuple(edited.text[start:end] for start, end in spans)
            moved.append(replace(example, texts=(example.texts[0], edited.text), target=answers, spans=spans))
        return moved

    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """See the base class: the questions."""
        return {"question": [example.texts[0] for example in examples]}

    def shortened(self, record: Record, most: int) -> Record:
        """See the base class: a paragraph with its first questions."""
        if isinstance(record.get("qas"), list):
            return {**record, "qas": record["qas"][:most]}
        return record

    def text_of_edit(self, edit: LoggedEdit, example: Example) -> int | None:
        """See the base class."""
        # All questions of a paragraph share the edits of its context; those of a question are its own.
        if edit.field == "context":
            return 1
        return 0 if edit.example == example.id else None

    def common_facts(self, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
        """See the base class; answers are edited with their context."""
        facts: list[tuple[str, Any, Any]] = [("the id", clean.id, attacked.id)]
        if clean.texts[1] == attacked.texts[1]:
            return [*facts, ("the answers", clean.target, attacked.target)]
        # Answers in a context that somebody else attacked may read otherwise: only their number must agree.
        return [*facts, ("this number of answers:", len(clean.spans), len(attacked.spans))]

    def check_comparable(self) -> None:
        """See the base class: an answer's place can be compared in equal contexts alone."""
        if "context" in self.attacked:
            raise UserError(
                "a consistency loss compares the answer's place in equal contexts, but here contexts are noised; noise "
                "the question only (`field` = question), or leave out `consistency`"
            )

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: F1 of words and exact match."""
        return qa_metrics()

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: F1 of words, and one more for an exact match."""
        check_paired(targets, predictions)
        return answer_f1(targets, predictions) + exact_matches(targets, predictions)

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: an exact match."""
        check_paired(targets, predictions)
        return exact_matches(targets, predictions) > 0

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: the text of an answer, empty or None for none."""
        return "" if answer is None else text_in(answer)

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: the text of an answer, empty for none."""
        return isinstance(value, str)

    def prompts(self, examples: Sequence[Example], classes: Sequence[str]) -> list[Prompt]:
        """See the base class: words of the context, or that there is no answer where some question has none."""
        instruction = "Answer the question with words of the context, as few as will do."
        if not all(example.target for example in examples):
            instruction += f" Where it holds no answer, say: {_NO_ANSWER}."
        prompts = []
        for example in examples:
            question, context = example.texts
            answers = tuple(dict.fromkeys(example.target)) or (_NO_ANSWER,)
            prompts.append(Prompt(instruction, (("Context", context), ("Question", question)), answers))
        return prompts

    def target_text(self, target: Target) -> str:
        """See the base class: the distinct answers with bars between them."""
        return " | ".join(dict.fromkeys(target or ()))

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class."""
        return ["has an answer" if target_text.strip() else "has no answer"]

    @classmethod
    def read_texts(cls, example: Example) -> Sequence[str]:
        """See the base class: the question. The context stays, and with it the places of answers."""
        return example.texts[:1]

    def head_options(self, examples: Sequence[Example]) -> dict[str, Any]:
        """See the base class: whether a question may have no answer."""
        return {"no_answer": any(not example.target for example in examples)}


def _perturb_questions(rows: list[tuple[int, Record, Place]], attack: Attack, perturbed: Perturbation) -> None:
    """Attack the questions of records, in place."""
    found = [(row, question) for row, record, _ in rows for question in questions_of(row, record)]
    edited = attack.texts([question.holder["question"] for _, question in found], field="question")
    entries = []
    for (row, question), text in zip(found, edited.texts, strict=True):
        question.holder["question"] = text
        entries.append(Entry(row, question.id, question.field, numbered="id" not in question.holder))
    perturbed.note(Entries.of(entries), edited.edits, edited.tally)
