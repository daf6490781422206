"""Python functions as systems: any code that takes a list of inputs and returns as many answers."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version as package_version
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from charrobust.errors import UserError, hint
from charrobust.progress import Progress, no_progress
from charrobust.systems.naming import SystemOptions, as_system
from charrobust.systems.system import System
from charrobust.tasks.answers import plain, scores_in, shortened
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array
from charrobust.tasks.registry import task_names

Answers = Callable[[list[Any]], Any]


class FunctionSystem(System):
    """Asks a function.

    It is given inputs in the shape that plain lists of the task have: texts, pairs of texts, lists of tokens. It
    returns an answer for each: a label, a number, a list of tags, a score for each label; or an array of scores, shape
    (inputs, labels), where the labels are known.

    Attributes:
        function: The function.
    """

    def __init__(
        self,
        function: Any,
        options: SystemOptions,
        *,
        labels: tuple[str, ...] = (),
        version: str | None = None,
        name: str | None = None,
    ) -> None:
        """Take a function.

        Args:
            function: The function, or an object with a method ``predict`` that is one.
            options: Its task, and how many inputs it is given at once.
            labels: Names of the classes by the columns of an array of scores.
            version: What tells this form of the function from another; without one predictions are not kept.
            name: Name in tables; None for the function's own.

        Raises:
            UserError: It cannot be called, or its task is not known.
        """
        self.function = answering(function)
        self.name = name or _name_of(function)
        self.task = known_task(options.task, self.name)
        self.labels = labels
        self.version = version
        self.reusable = version is not None
        self._batch_size = options.batch_size

    @property
    def fingerprint(self) -> str:
        """A digest of the name and the version: nobody can tell what else a function depends on."""
        parts = [
            type(self).__name__,
            self.name,
            self.version,
            self.task.name,
            self.labels,
            package_version("charrobust"),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """See the base class.

        Args:
            examples: See there.
            progress: See there.

        Returns:
            See there.

        Raises:
            UserError: The function raised an error, or returned something else than an answer for each input.
        """
        answers = self._answers(examples, progress)
        return [self._prediction(*pair) for pair in zip(answers, examples, strict=True)]

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: where the function returns a score for each label."""
        rows = [scores_in(answer) for answer in self._answers(examples, progress)]
        scored = [row for row in rows if row is not None]
        if not scored or len(scored) < len(rows):
            return None
        self.labels = self.labels or tuple(scored[0])
        for row in scored:
            if missing := set(self.labels) - row.keys():
                raise UserError(f"system {self.name!r} gives no score of {', '.join(sorted(missing))} for an input")
        ordered = [itemgetter(*self.labels)(row) for row in scored]
        return np.array(ordered, np.float64).reshape(len(scored), len(self.labels))

    def _answers(self, examples: Sequence[Example], progress: Progress) -> list[Any]:
        """Return what the function answers, some inputs at a time."""
        answers: list[Any] = []
        for first in range(0, len(examples), self._batch_size):
            inputs = [self.task.plain_input(example) for example in examples[first : first + self._batch_size]]
            answers += listed_answers(self._call(inputs), len(inputs), self.name, self.labels)
            progress(self.name, len(answers), len(examples), {})
        return answers

    def _call(self, inputs: list[Any]) -> Any:
        """Call the function.

        Raises:
            UserError: It raised an error.
        """
        try:
            return self.function(inputs)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"system {self.name!r} raised {type(error).__name__}: {error}; it was given a list of {len(inputs)} "
                f"inputs, the first of them {shortened(inputs[0])}"
            ) from error

    def _prediction(self, answer: Any, example: Example) -> Prediction:
        try:
            return self.task.prediction_of(answer, example)
        except UserError as error:
            raise UserError(f"system {self.name!r}, answer for example {example.id}: {error}") from error


def answering(thing: Any) -> Answers:
    """Return the function that answers: the thing itself, or its method ``predict``.

    Args:
        thing: What was given.

    Returns:
        The function.

    Raises:
        UserError: Neither can be called.
    """
    method = getattr(thing, "predict", None)
    # Of a class the method lacks its object, and a call makes one.
    for function in () if isinstance(thing, type) else (method, thing):
        if callable(function):
            answers: Answers = function
            return answers
    raise UserError(
        f"cannot ask {shortened(thing)}: expected a function from a list of inputs to as many answers, an object with "
        "a method `predict` that is one, a path, or a System"
    )


def known_task(task: type[Task] | None, name: str) -> type[Task]:
    """Return a task, if it is known.

    Args:
        task: The class of the task, or None.
        name: The system that is for it.

    Returns:
        The class.

    Raises:
        UserError: It is not known.
    """
    if task is None:
        raise UserError(f"system {name!r} does not tell its task; give `task`; {hint('', task_names())}")
    return task


def listed_answers(returned: Any, count: int, name: str, labels: Sequence[str]) -> list[Any]:
    """Return what a system returned as a list of answers.

    Args:
        returned: A list, array, tensor or series of answers, or an array of scores, shape (inputs, labels).
        count: How many answers there must be.
        name: The system.
        labels: Names of the columns of an array of scores.

    Returns:
        An answer for each input.

    Raises:
        UserError: It is something else, or there are more or fewer.
    """
    values = plain(returned)
    if isinstance(values, Mapping | str | bytes) or not hasattr(values, "__iter__"):
        raise UserError(
            f"system {name!r} returned {shortened(values)} for a list of {count} inputs; expected a list of as many "
            "answers"
        )
    answers = list(map(plain, values))
    if len(answers) != count:
        raise UserError(f"system {name!r} returned {len(answers)} answers for {count} inputs; expected one for each")
    dimensions = getattr(returned, "ndim", 1)
    if dimensions == 2:
        return [_scored(row, labels, name) for row in answers]
    return answers


def _scored(row: Sequence[Any], labels: Sequence[str], name: str) -> dict[str, Any]:
    """Return the scores of a row of an array by label.

    Raises:
        UserError: Nothing says which column is which label.
    """
    if len(row) != len(labels):
        known = f"{len(labels)} labels: {', '.join(labels)}" if labels else "no labels"
        raise UserError(
            f"system {name!r} returned an array of {len(row)} columns, and has {known}; name the column of each label "
            "with System.of(..., labels=[...]), or return a label for each input"
        )
    return dict(zip(labels, row, strict=True))


def load_function(path: str, options: SystemOptions) -> System:
    """Import what ``python:module:name`` names; the module's code runs, from the working directory as well.

    Args:
        path: ``python:module:name``; ``name`` may have dots.
        options: The task, and how many inputs are given at once.

    Returns:
        The system.

    Raises:
        UserError: There is no such module or name, it fails to be imported, or cannot be asked.
    """
    _, _, place = path.partition(":")
    module_name, colon, name = place.partition(":")
    if not (module_name and colon and name):
        raise UserError(f"model {path!r}: expected python:MODULE:NAME, such as python:my_model:predict")
    found: Any = _module(module_name, path)
    for part in name.split("."):
        if not hasattr(found, part):
            public = [known for known in vars(found) if not known.startswith("_")] if hasattr(found, "__dict__") else []
            raise UserError(f"model {path!r}: {module_name} has no {name!r}; {hint(name, public)}")
        found = getattr(found, part)
    system = as_system(found, options=options)
    if not isinstance(found, System):
        system.name = name
    return system


def _module(name: str, path: str) -> Any:
    """Import a module, from the working directory as well.

    Raises:
        UserError: There is none, or it fails.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.split(".")[: error.name.count(".") + 1] == error.name.split("."):
            raise UserError(
                f"model {path!r}: there is no module {error.name!r} in {here} or among the installed packages"
            ) from error
        raise UserError(f"model {path!r}: {name} needs the module {error.name!r}, which is not installed") from error
    except Exception as error:
        raise UserError(f"model {path!r}: importing {name} raised {type(error).__name__}: {error}") from error


def _name_of(function: Any) -> str:
    """Return what a function or object is called: ``predict``, ``Model.predict``, ``Model``."""
    name = getattr(function, "__qualname__", None) or type(function).__name__
    return str(name).rpartition("<locals>.")[2].replace("<lambda>", "function")
