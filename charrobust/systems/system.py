"""What can be asked: the protocol of systems, and what results say of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.estimate import Estimate
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array


@dataclass(frozen=True)
class SystemInfo:
    """A system, as results name it.

    Attributes:
        name: Name in tables.
        model: Where the model came from.
        defences: Names of the restorers before it, in order.
        fingerprint: Digest of all that its predictions depend on.
    """

    name: str
    model: str
    defences: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Answer:
    """What a system says of some examples.

    Attributes:
        predictions: A prediction for each.
        scores: As of :meth:`System.scores`; None where there are none, or they were not asked for.
        labels: What the columns of the scores are.
    """

    predictions: list[Prediction]
    scores: Array | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a search is told of some examples, at one asking.

    Attributes:
        predictions: A prediction for each, in the words of the system.
        margins: How surely the target of each wins, as of :meth:`System.margins`; None where nothing tells.
        readings: What the system reads of each, as of :meth:`System.readings`.
    """

    predictions: list[Prediction]
    margins: Array | None
    readings: list[Hashable]


class System(ABC):
    """What can be asked: a model, a function, a service, with or without defences before it.

    A prediction must not depend on which examples are asked together.

    Attributes:
        name: Name in tables.
        task: The class of its task.
        labels: Names of the classes or tags, where they are known before it is asked; the columns of :meth:`scores`.
        texts: Texts of an example that it is for; None where that is not known.
        tokenizer: Its tokenizer, of the transformers library; None where it has none, or it is not known.
        source: Where it came from.
        defences: Names of the restorers before it, in order.
        is_screened: Whether half precision tells searches what a target wins by far.
        reusable: Whether the fingerprint tells all that predictions depend on, so that a later run may use them again.
    """

    name: str
    task: type[Task]
    labels: tuple[str, ...] = ()
    texts: int | None = None
    tokenizer: Any = None
    source: str = ""
    defences: tuple[str, ...] = ()
    is_screened: bool = False
    reusable: bool = True

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on."""

    @abstractmethod
    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Predict.

        Args:
            examples: The examples; their targets are not looked at.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            A prediction for each, in order, in the shape that the task defines.
        """

    def answers(
        self, parts: Iterable[Sequence[Example]], *, with_scores: bool = False, progress: Progress = no_progress
    ) -> Iterator[Answer]:
        """Ask about one part after the other; what is said of an example may hang on its part, and on no other.

        Args:
            parts: Examples, a part at a time.
            with_scores: Whether scores of classes are wanted, too.
            progress: See :data:`charrobust.progress.Progress`; the examples of earlier parts are counted.

        Yields:
            What it says of each part, in order.
        """
        done = 0
        for part in parts:
            predictions = self.predict(part, _behind(done, progress))
            scores = self.scores(part) if with_scores else None
            # Not before they are asked: a function may tell its labels with its scores alone.
            yield Answer(predictions, scores, self.labels)
            done += len(part)

    def prepare(self, progress: Progress = no_progress) -> None:
        """Do, once, what must be done before it can be asked and takes long; what asks calls it, to show progress.

        A system does it by itself, too, when it is asked first. By default there is nothing to do.

        Args:
            progress: See :data:`charrobust.progress.Progress`; the stage is not the name of the system.
        """
        return

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """Say how probable each class is, for searches and curves.

        Args:
            examples: The examples.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            A number for each class, in the order of :attr:`labels`, more being more probable, shape (examples,
            classes); None where the system has none.
        """
        return None

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """Predict and tell margins, as searches want both; in one pass where the system can.

        Args:
            examples: The examples, with their targets.
            names: What the data call the labels of the system (:func:`charrobust.systems.labels.label_names`), as their
                targets do; None for the system's own.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            What is known of the examples.
        """
        predictions = self.predict(examples, progress)
        scores = self.scores(examples) if self.task.has_class_scores else None
        return self._judgement(examples, predictions, scores, names)

    def _judgement(
        self,
        examples: Sequence[Example],
        predictions: list[Prediction],
        scores: Array | None,
        names: Mapping[str, str] | None,
    ) -> Judgement:
        """Put together what was said of examples, by the task's own way to compare scores with a target."""
        targets = [example.target for example in examples]
        margins = self.task.margins(targets, predictions, scores, renamed_labels(self.labels, names))
        return Judgement(predictions, margins, self.readings(examples))

    def margins(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Array | None:
        """Say how surely the target of each example wins: what searches lower.

        Args:
            examples: As for :meth:`judge`.
            names: See there.
            progress: See there.

        Returns:
            A number for each example, shape (examples,), more being surer: positive where it is right, negative where
            it is wrong, 0 at the border; of regressions minus the distance. NaN where a target is not known. None where
            there are no scores to tell by.
        """
        return self.judge(examples, names, progress).margins

    def readings(self, examples: Sequence[Example]) -> list[Hashable]:
        """Say what the system reads of examples, so that what it reads alike is asked once.

        Args:
            examples: The examples; their targets are not looked at.

        Returns:
            A reading for each. Examples of equal readings have equal predictions and, if their targets are equal,
            equal margins. By default all that is given of an example.
        """
        return [(example.texts, example.corpus and example.corpus.digest) for example in examples]

    def first_order(
        self, example: Example, changed: Sequence[Example], names: Mapping[str, str] | None = None
    ) -> Array | None:
        """Estimate how much changes of an example lower its margin, without asking about each, as gradients tell.

        Args:
            example: The example, with its target.
            changed: Forms of it, each with one change or few.
            names: As for :meth:`judge`.

        Returns:
            For each form a number, more being more harmful, shape (changed,). They order the forms of one example, and
            have no unit. None where the system has no gradients, as by default.
        """
        return None

    def keep_in(self, folder: Path) -> None:
        """Keep in a folder what should not be asked twice, and use what is there; by default nothing is kept.

        Args:
            folder: The folder; it need not exist.
        """
        return

    def estimate(self, examples: Sequence[Example]) -> Estimate | None:
        """Say what it would take to ask about examples.

        Args:
            examples: The examples; what is known of them already is not counted.

        Returns:
            The estimate; None where asking costs nothing but the time of this machine.
        """
        return None

    @property
    def members(self) -> tuple[System, ...]:
        """The systems that are asked one by one: itself, or the models of several seeds."""
        return (self,)

    @property
    def info(self) -> SystemInfo:
        """What results say of the system."""
        return SystemInfo(self.name, self.source or self.name, self.defences, self.fingerprint)

    @staticmethod
    def of(
        asked: Any,
        *,
        task: str | type[Task] | None = None,
        name: str | None = None,
        labels: Sequence[str] = (),
        version: str | None = None,
        batch_size: int = 32,
        device: str | None = None,
        trust_types: Sequence[str] = (),
        trust_remote_code: bool = False,
    ) -> System:
        """Make a system of what answers.

        Args:
            asked: A system; a path, hub id or URL (see :func:`charrobust.systems.naming.load_system`); a pipeline or
                estimator of scikit-learn; a function from a list of inputs to as many answers, or an object with a
                method ``predict`` that is one. The inputs are those that plain lists of the task hold (texts, pairs of
                texts, lists of tokens); an answer is a label, a number, a list of tags, ..., or a score for each label.
            task: The task, or its name; None where the system tells, or the data will.
            name: Name in tables; None for its own.
            labels: Names of the classes by the columns of an array of scores, or by their numbers.
            version: What tells this form of a function from another: with one, predictions are kept between runs.
            batch_size: Inputs that it is given at once, at most.
            device: Where a model that is loaded runs: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; None for a GPU where
                there is one.
            trust_types: Types that a file of skops may hold besides those that skops trusts, by their full names.
            trust_remote_code: Whether code that lies with a model is run.

        Returns:
            The system.

        Raises:
            UserError: It cannot be asked, or its task is not known.
        """
        from charrobust.systems.naming import SystemOptions, as_system

        options = SystemOptions(
            batch_size=batch_size,
            device=device,
            trust_types=tuple(trust_types),
            trust_remote_code=trust_remote_code,
        )
        return as_system(asked, task=task, name=name, labels=labels, version=version, options=options)


def renamed_labels(labels: Sequence[str], names: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return what the data call the labels of a system; those that are not named keep their names."""
    known = names or {}
    return tuple(known.get(label, label) for label in labels)


def _behind(first: int, progress: Progress) -> Progress:
    """Return the progress of what comes behind so many examples."""
    return lambda stage, done, total, metrics: progress(stage, first + done, total, metrics)


def check_names(systems: Sequence[System]) -> None:
    """Refuse two systems of one name, and none at all.

    Args:
        systems: The systems that are to be compared.

    Raises:
        UserError: With the name.
    """
    if not systems:
        raise UserError("there is no model to evaluate; give one or more with `model`")
    for name, count in Counter(system.name for system in systems).items():
        if count > 1:
            raise UserError(f"{count} models are called {name!r}; tell them apart with NAME=PATH, such as first=PATH")
