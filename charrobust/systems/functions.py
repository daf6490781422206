"""Python functions as systems: any code that takes a list of inputs and returns as many answers."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from charrobust import __version__
from charrobust.errors import UserError, hint
from charrobust.progress import Progress, no_progress
from charrobust.systems.naming import SystemOptions, as_system
from charrobust.systems.system import Judgement, System
from charrobust.tasks.answers import plain, scores_in, shortened
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array
from charrobust.tasks.registry import task_names

Answers = Callable[[list[Any]], Any]
T = TypeVar("T")


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
            __version__,
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
        return self._predictions(self._answers(examples, progress), examples)

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: where the function returns a score for each label."""
        return self._scores(self._answers(examples, progress), examples)

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: the function is asked once, whose answers may hold scores."""
        answers = self._answers(examples, progress)
        predictions = self._predictions(answers, examples)
        scores = self._scores(answers, examples) if self.task.has_class_scores else None
        return self._judgement(examples, predictions, scores, names)

    def _predictions(self, answers: Sequence[Any], examples: Sequence[Example]) -> list[Prediction]:
        return [self._prediction(*pair) for pair in zip(answers, examples, strict=True)]

    def _scores(self, answers: Sequence[Any], examples: Sequence[Example]) -> Array | None:
        """Return the scores that answers hold; None where one holds none.

        Raises:
            UserError: One lacks the score of a label, or has one of something else.
        """
        rows = [self._read(scores_in, answer, example) for answer, example in zip(answers, examples, strict=True)]
        scored = [row for row in rows if row is not None]
        if not scored or len(scored) < len(rows):
            return None
        self.labels = self.labels or tuple(dict.fromkeys(chain.from_iterable(scored)))
        for row, example in zip(scored, examples, strict=True):
            self._check_labels(row, example)
        ordered = [itemgetter(*self.labels)(row) for row in scored]
        return np.array(ordered, np.float64).reshape(len(scored), len(self.labels))

    def _check_labels(self, scores: Mapping[str, float], example: Example) -> None:
        """Refuse scores of other labels than those of the system: they cannot be compared.

        Raises:
            UserError: With the id of the example, and the labels.
        """
        if scores.keys() != set(self.labels):
            raise UserError(
                f"system {self.name!r}, answer for example {example.id}: expected a score for each label "
                f"({', '.join(self.labels)}), got scores of {', '.join(scores)}; have it give all of them each time "
                "(pipelines do with `top_k=None`), or labels alone"
            )

    def _answers(self, examples: Sequence[Example], progress: Progress) -> list[Any]:
        """Return what the function answers, some inputs at a time."""
        answers: list[Any] = []
        for first in range(0, len(examples), self._batch_size):
            batch = examples[first : first + self._batch_size]
            inputs = [self.task.plain_input(example) for example in batch]
            # Counted by the examples: a function may change the list that it is given.
            answers += listed_answers(self._call(inputs), len(batch), self.name, self.labels)
            progress(self.name, len(answers), len(examples), {})
        return answers

    def _call(self, inputs: list[Any]) -> Any:
        """Call the function.

        Raises:
            UserError: It raised an error.
        """
        given = f"a list of {len(inputs)} inputs, the first of them {shortened(inputs[0])}"
        try:
            return self.function(inputs)
        except UserError:
            raise
        except (Exception, SystemExit) as error:  # code that leaves the program would end it as if all were well
            raise UserError(f"system {self.name!r} raised {_told(error)}; it was given {given}") from error

    def _prediction(self, answer: Any, example: Example) -> Prediction:
        return self._read(partial(self.task.prediction_of, example=example), answer, example)

    def _read(self, reader: Callable[[Any], T], answer: Any, example: Example) -> T:
        """Return what is read of an answer.

        Raises:
            UserError: It cannot be read; with the id of the example.
        """
        try:
            return reader(answer)
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
    if isinstance(thing, type):
        # Its method lacks an object, and a call would make one.
        raise UserError(f"cannot ask the class {thing.__qualname__}; give an object of it, or a function")
    for function in (getattr(thing, "predict", None), thing):
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
            f"system {name!r} returned an array of {len(row)} columns, and has {known}; return a label or a dict of "
            "scores for each input, or name the columns: System.of(..., labels=[...]), which a module may hold, too"
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
    is_module = all(map(str.isidentifier, module_name.split("."))) and not module_name.endswith(".py")
    if not (is_module and colon and name):
        raise UserError(
            f"model {path!r}: expected python:MODULE:NAME, the module as `import` names it, such as "
            "python:my_model:predict"
        )
    found: Any = _module(module_name, path)
    for part in name.split("."):
        if not hasattr(found, part):
            raise UserError(f"model {path!r}: {module_name} has no {name!r}; {hint(name, _public(found))}")
        found = getattr(found, part)
    try:
        system = as_system(found, options=options)
    except UserError as error:
        raise UserError(f"model {path!r}: {error}") from error
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
    except (Exception, SystemExit) as error:
        raise UserError(f"model {path!r}: importing {name} raised {_told(error)}") from error


def _public(holder: Any) -> list[str]:
    """Return the names that a module or an object offers, without those of modules that it imports."""
    names = []
    for name, value in getattr(holder, "__dict__", {}).items():
        if not name.startswith("_") and not isinstance(value, ModuleType):
            names.append(name)
    return names


def _told(error: BaseException) -> str:
    """Return an error of somebody's code as messages tell it: its type, its text, and where it was raised."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return f"{text} (line {last.lineno} of {last.filename})"


def _name_of(function: Any) -> str:
    """Return what a function or object is called: ``predict``, ``Model.predict``, ``Model``."""
    name = getattr(function, "__qualname__", None) or type(function).__name__
    return str(name).rpartition("<locals>.")[2].replace("<lambda>", "function")
