"""Do a model and a data set speak of the same thing? Tasks, classes and tags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.systems.system import System
from charrobust.tasks.answers import shortened
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Prediction

_MADE_UP = re.compile(r"(?:LABEL_)?(\d+)")


def check_task(system: System, data: DataSet) -> None:
    """Refuse a model of another task, or one for pairs where there are single texts.

    Args:
        system: The system.
        data: The data set, or a part of it.

    Raises:
        UserError: With both tasks, or both numbers of texts.
    """
    task = system.task
    if task.name != data.task.name:
        raise UserError(
            f"model {system.name!r} is for the task {task.name!r}, the data set {data.name!r} for {data.task.name!r}; "
            "give a model of that task, or say what the data are with `task`"
        )
    trained, read = system.texts, len(data.examples[0].texts)
    if task.paired_texts and trained is not None and trained != read:
        raise UserError(
            f"model {system.name!r} was trained on examples of {trained} text{'s'[: trained - 1]}, those of the data "
            f"set {data.name!r} have {read}; name them with `text_column`, twice for a pair"
        )


def label_names(system: System, data: DataSet) -> dict[str, str]:
    """Return what the data set calls each label of a model.

    Labels are the same by name; or else by the name that the label map of the data gives them; or else by name without
    regard to case; or else, if a model has numbers (``LABEL_0``, ``0``) for names, by number, where the data set has
    numbers too or says which name has which number.

    Args:
        system: The system.
        data: The data set.

    Returns:
        The data set's name of each of the model's labels; none where these are not known before it is asked.

    Raises:
        UserError: The model is for another task, or lacks a class of the data set, or most of its tags; with both sets.
    """
    check_task(system, data)
    labels, wanted, task = system.labels, data.classes, data.task
    if not labels:
        return {}  # a function or a service: its answers will tell
    for names in _namings(labels, data):
        if not wanted or task.labels_suffice(names, wanted):
            return dict(zip(labels, names, strict=True))
    word = task.label_word
    raise UserError(
        f"the {word} of model {system.name!r} are {_listed(labels)}; those of the data set {data.name!r} are "
        f"{_listed(wanted)}; give data whose {word} the model knows, names for them in order with `class_names`, or "
        "rename those of either with `label_map`, such as pos=positive"
    )


@dataclass(frozen=True)
class AnswerNames:
    """What the data set calls the labels of answers, of a system whose labels were not known before it was asked.

    Attributes:
        names: The data set's name of each label that was answered.
        notes: What a reader of results should know: how many answers are no label of the data set.
    """

    names: dict[str, str]
    notes: tuple[str, ...] = ()


def answer_names(system: str, data: DataSet, predictions: Sequence[Prediction]) -> AnswerNames:
    """Return what the data set calls the labels that a system answered with.

    Args:
        system: Name of the system, whose labels were not known beforehand.
        data: The data set.
        predictions: What it answered.

    Returns:
        The names, and a warning where answers are no label of the data set; such answers count as wrong.

    Raises:
        UserError: No answer is a label of the data set; with both.
    """
    task, wanted = data.task, set(data.classes)
    if not wanted:
        return AnswerNames({})
    of_answers = [list(task.labels_predicted(prediction)) for prediction in predictions]
    counts = Counter(chain.from_iterable(of_answers))
    labels = list(counts)
    best = max(_namings(labels, data), key=lambda names: _known(names, wanted, labels, counts))
    names = dict(zip(labels, best, strict=True))
    unknown = Counter({label: count for label, count in counts.items() if names[label] not in wanted})
    strange = sum(not unknown.keys().isdisjoint(answer) for answer in of_answers)
    if not strange:
        return AnswerNames(names)
    shown = ", ".join(shortened(label) for label, _ in unknown.most_common(5))
    told = f"{strange:,} of {len(predictions):,} answers of {system} are no {task.label_word} of the data set"
    remedy = f"such as {shown}; expected {_listed(data.classes)}; rename them with `label_map`, such as pos=positive"
    if strange == len(predictions):
        raise UserError(f"{told}, {remedy}, or, of an endpoint, have them parsed")
    loud = "WARNING: " if 2 * strange > len(predictions) else ""
    return AnswerNames(names, (f"{loud}{told}, and count as wrong, {remedy}",))


def _known(names: Sequence[str], wanted: set[str], labels: Sequence[str], counts: Counter[str]) -> int:
    """Count the answers that names make known to the data set."""
    return sum(counts[label] for label, name in zip(labels, names, strict=True) if name in wanted)


def _namings(labels: Sequence[str], data: DataSet) -> Iterator[list[str]]:
    """Go through the ways to name a model's labels as the data set does, the plainest first."""
    renamed = dict(data.task.renamed_labels)
    yield list(labels)
    yield [renamed.get(label, label) for label in labels]
    yield _by_case(labels, data.classes)
    yield _by_number(labels, data)


def translated(task: Task, predictions: Sequence[Prediction], names: Mapping[str, str]) -> list[Prediction]:
    """Return predictions with other names for labels; what is no label stays.

    Args:
        task: The task.
        predictions: The predictions.
        names: The other name of each label.

    Returns:
        The predictions in the words of the data set.
    """
    if not names:
        return list(predictions)
    return [task.renamed(prediction, names) for prediction in predictions]


def _by_case(labels: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Name a model's labels as the data set does, where they differ by case alone and no two would become one."""
    names = {label.casefold(): label for label in wanted}
    found = [names.get(label.strip().casefold(), label) for label in labels]
    return found if len(set(found)) == len(labels) and len(names) == len(wanted) else list(labels)


def _by_number(labels: Sequence[str], data: DataSet) -> list[str]:
    """Name a model's labels, all of them numbers, as the data set names these."""
    matches = [_MADE_UP.fullmatch(label) for label in labels]
    numbers = [int(match[1]) for match in matches if match is not None]
    if len(numbers) < len(labels):
        return list(labels)
    known = dict(enumerate(data.task.names_in_order))
    return [known.get(number, str(number)) for number in numbers]


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(map(repr, labels[:20]))
    return f"{shown} and {len(labels) - 20} more" if len(labels) > 20 else shown or "none"
