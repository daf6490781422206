"""Do a model and a data set speak of the same thing? Tasks, classes and tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.systems.system import System
from charrobust.tasks.examples import Prediction

_MADE_UP = re.compile(r"(?:LABEL_)?(\d+)")


def _check_task(system: System, data: DataSet) -> None:
    """Refuse a model of another task, or one for pairs where there are single texts.

    Raises:
        UserError: With both tasks, or both numbers of texts.
    """
    if system.predictor.task != data.task.name:
        raise UserError(
            f"model {system.name!r} is for the task {system.predictor.task!r}, the data set {data.name!r} for "
            f"{data.task.name!r}; give a model of that task, or say what the data are with --task"
        )
    wanted, given = system.predictor.texts, len(data.examples[0].texts)
    if data.task.name in ("classification", "regression") and wanted is not None and wanted != given:
        raise UserError(
            f"model {system.name!r} was trained on examples of {wanted} text{'s'[: wanted - 1]}, those of the data set "
            f"{data.name!r} have {given}; name the text columns with --text-column, twice for a pair"
        )


def label_names(system: System, data: DataSet) -> dict[str, str]:
    """Return what the data set calls each label of a model.

    Labels are the same by name; or else by name without regard to case; or else, if a model has numbers
    (``LABEL_0``, ``0``) for names, by number, where the data set has numbers too or says which name has which number.

    Raises:
        UserError: The model is for another task, or lacks a class of the data set, or most of its tags; with both sets.
    """
    _check_task(system, data)
    told, wanted = system.predictor.labels, data.classes
    for names in (told, _by_case(told, wanted), _by_number(told, data)):
        known = set(names) & set(wanted)
        enough = len(known) == len(wanted) if data.task.name == "classification" else 2 * len(known) > len(wanted)
        if enough or not wanted:
            return dict(zip(told, names, strict=True))
    kind = "classes" if data.task.name == "classification" else "tags"
    raise UserError(
        f"the {kind} of model {system.name!r} are {_listed(told)}; those of the data set {data.name!r} are "
        f"{_listed(wanted)}; give data whose {kind} the model knows, or a data set card that names them "
        "(labels = [...])"
    )


def translated(predictions: Sequence[Prediction], names: dict[str, str]) -> list[Prediction]:
    """Return predictions with other names for labels; what is no label stays."""

    def translate(said: Prediction) -> Prediction:
        if isinstance(said, tuple):
            return tuple(names.get(tag, tag) for tag in said)
        return names.get(said, said) if isinstance(said, str) else said

    return list(map(translate, predictions)) if names else list(predictions)


def _by_case(told: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Name a model's labels as the data set does, where they differ by case alone and no two would become one."""
    names = {label.casefold(): label for label in wanted}
    found = [names.get(label.casefold(), label) for label in told]
    return found if len(set(found)) == len(told) and len(names) == len(wanted) else list(told)


def _by_number(told: Sequence[str], data: DataSet) -> list[str]:
    """Name a model's labels, all of them numbers, as the data set names these."""
    matches = [_MADE_UP.fullmatch(label) for label in told]
    numbers = [int(match[1]) for match in matches if match is not None]
    if len(numbers) < len(told):
        return list(told)
    return [data.labels[number] if number < len(data.labels) else str(number) for number in numbers]


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(map(repr, labels[:20]))
    return f"{shown} and {len(labels) - 20} more" if len(labels) > 20 else shown or "none"
