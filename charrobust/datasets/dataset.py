"""Data sets to evaluate on: examples, with the records that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from charrobust.datasets.cards import TASKS, Task
from charrobust.datasets.formats import Format
from charrobust.errors import DataError, UserError, hint
from charrobust.tasks.classification import Classification, Regression
from charrobust.tasks.examples import Example, named
from charrobust.tasks.question_answering import QuestionAnswering
from charrobust.tasks.records import Batch, Place, Record
from charrobust.tasks.tagging import Tagging


@dataclass(frozen=True, eq=False)
class DataSet:
    """Examples, and the records that attacks change.

    Attributes:
        name: Name of the data set.
        task: Its task and columns.
        batches: The records.
        examples: What models read of them; at least one, each with its target.
        owners: The (batch, record in it) that each example comes from; several questions may come from one.
        labels: Names of the classes or tags, where the data set holds their numbers.
        limit: No more than this many examples were read; None for all.
        source: The format that they were read in; None for plain lists.
    """

    name: str
    task: Task
    batches: tuple[Batch, ...]
    examples: tuple[Example, ...]
    owners: tuple[tuple[int, int], ...]
    labels: tuple[str, ...] = ()
    limit: int | None = None
    source: Format | None = None

    def __len__(self) -> int:
        return len(self.examples)

    def record_of(self, number: int) -> Batch:
        """Return the record of an example, as a batch of its own."""
        number, row = self.owners[number]
        batch = self.batches[number]
        return Batch(batch.first + row, [batch.records[row]], [batch.places[row]])

    def place_of(self, number: int) -> Place:
        """Return where the record of an example stands."""
        batch, row = self.owners[number]
        return self.batches[batch].places[row]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes or tags that occur, in the order of ``labels``, others after them; none for other tasks."""
        if self.task.name not in ("classification", "tagging"):
            return ()
        targets: list[Any] = [example.target for example in self.examples]
        found = set(targets) if self.task.name == "classification" else {tag for tags in targets for tag in tags}
        return (*(label for label in self.labels if label in found), *sorted(found - set(self.labels)))


def read_data(
    source: Format, task: Task, *, name: str | None = None, limit: int | None = None, labels: Sequence[str] = ()
) -> DataSet:
    """Read a data set.

    Args:
        source: Where it lies.
        task: Its task and columns.
        name: Its name; None for that of the file.
        limit: Read no more than this many examples.
        labels: Names of the classes or tags, where the data set holds their numbers; see a card's ``labels``.

    Raises:
        DataError: A record is not what the task asks for, has no target, or there is none.
    """
    data = _gather(name or source.path.name, task, map(source.parse, source.blocks()), limit, tuple(labels))
    return replace(data, source=source)


def plain_data(
    inputs: Sequence[Any], targets: Sequence[Any], task: str = "classification", *, name: str = "data"
) -> DataSet:
    """Make a data set of plain lists.

    Args:
        inputs: For each example: a text, or a pair of texts (classification, regression); a list of tokens (tagging); a
            pair of question and context (qa).
        targets: For each example: its class; a number; a list of tags; a list of the texts that answer the question,
            empty if it has no answer.
        task: ``classification``, ``regression``, ``tagging`` or ``qa``.
        name: Name of the data set.

    Raises:
        UserError: Unknown task.
        DataError: Another number of targets than of inputs, none at all, or one that is not what the task asks for.
    """
    if task not in TASKS:
        raise UserError(f"unknown task {task!r}; {hint(task, TASKS)}")
    if len(inputs) != len(targets):
        raise DataError(f"{name}: expected a target for each of {len(inputs)} inputs, got {len(targets)}")
    made, columns = _columns_of(task, inputs)
    places = [Place(name, f"example {number}") for number in range(len(inputs))]
    records = [_record(made, columns, *row) for row in zip(inputs, targets, places, strict=True)]
    return _gather(name, made, [Batch(0, records, places)])


def _columns_of(task: str, inputs: Sequence[Any]) -> tuple[Task, tuple[str, ...]]:
    """Return a task and the columns of its texts."""
    if task == "tagging":
        return Tagging(), ("tokens",)
    if task == "qa":
        return QuestionAnswering(), ("question", "context")
    columns = ("text",) if all(isinstance(given, str) for given in inputs) else ("text_a", "text_b")
    return (Regression if task == "regression" else Classification)(columns), columns


def _record(task: Task, columns: tuple[str, ...], given: Any, target: Any, place: Place) -> Record:
    """Return a record of one input and its target.

    Raises:
        DataError: The input has another number of texts than there are columns.
    """
    if isinstance(task, Tagging):
        return {"tokens": list(given), "tags": list(target)}
    texts = (given,) if isinstance(given, str) else tuple(given)
    if len(texts) != len(columns):
        raise place.error(f"expected {len(columns)} texts ({', '.join(columns)}) as of other examples, got {texts!r}")
    record = dict(zip(columns, texts, strict=True))
    if isinstance(task, Classification):
        return {**record, "label": target}
    answers = [{"text": answer, "answer_start": record["context"].find(answer)} for answer in target]
    return {**record, "answers": answers}


def _gather(
    name: str, task: Task, found: Iterable[Batch], limit: int | None = None, labels: tuple[str, ...] = ()
) -> DataSet:
    """Read examples record by record, up to a limit."""
    batches: list[Batch] = []
    examples: list[Example] = []
    owners: list[tuple[int, int]] = []
    for batch in found:
        kept: list[Record] = []
        for row, record in enumerate(batch.records):
            left = None if limit is None else limit - len(examples)
            if left == 0:
                break
            kept.append({**record, "qas": record["qas"][:left]} if isinstance(record.get("qas"), list) else record)
            here = list(task.examples(Batch(batch.first + row, kept[-1:], [batch.places[row]])))
            examples += here
            owners += [(len(batches), row)] * len(here)
        batches.append(Batch(batch.first, kept, batch.places[: len(kept)]))
        if len(examples) == limit:
            break
    if not examples:
        raise DataError(f"{name} holds no examples; expected at least one")
    named_examples = tuple(named(example, labels) for example in examples)
    data = DataSet(name, task, tuple(batches), named_examples, tuple(owners), labels, limit)
    _check_targets(data)
    return data


def _check_targets(data: DataSet) -> None:
    """Refuse an example without a target.

    Raises:
        DataError: With its place.
    """
    for number, example in enumerate(data.examples):
        if example.target is None:
            tagging = data.task.name == "tagging"
            option = "--tag-column" if tagging else "--label-column"
            column = getattr(data.task, "tags" if tagging else "label", None)
            record = data.record_of(number).records[0]
            if column is not None and column not in record:
                known = ", ".join(map(str, record))
                raise data.place_of(number).error(f"there is no column {column!r}; columns: {known}; see {option}")
            raise data.place_of(number).error(
                f"nothing says what is right for example {example.id!r}; evaluation needs labels: name their column "
                f"with {option}"
            )


def with_texts(data: DataSet, records: Sequence[Sequence[Record]]) -> tuple[Example, ...]:
    """Return the examples of a data set with other records in the place of its own.

    Args:
        data: The data set.
        records: The records of each batch.
    """
    examples: list[Example] = []
    for batch, changed in zip(data.batches, records, strict=True):
        examples += data.task.examples(replace(batch, records=list(changed)))
    return tuple(named(example, data.labels) for example in examples)
