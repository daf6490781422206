"""What a task is: all that the package asks of one, but for what needs torch (see :mod:`charrobust.tasks.head`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.perturb.words import word_spans
from charrobust.plugins import load_object
from charrobust.settings.reading import read_values
from charrobust.tasks.answers import label_in
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import LabelReading, parse_label_map, sorted_labels
from charrobust.tasks.languages import perturbed_by_language
from charrobust.tasks.metrics import Array, Metric
from charrobust.tasks.prompts import Prompt
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record
from charrobust.tasks.registry import task_classes
from charrobust.tasks.safety import SAFETY, Safety, doubts_of

if TYPE_CHECKING:
    from charrobust.tasks.head import TaskHead
    from charrobust.tasks.learners import VectorLearner

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Task(ABC):
    """A task with the columns of a data set.

    A room's ``record.py`` makes a subclass, a frozen dataclass whose fields are the columns and what is attacked.

    Attributes:
        name: Its name.
        head: Where its :class:`~charrobust.tasks.head.TaskHead` is, as ``module:class``, or the class.
        pipeline: What the hub calls the task, for model cards.
        formats: Names of the formats of files that tell the task.
        label_word: What its labels are called: ``classes``, ``tags``; empty where there are none.
        target_word: What a target is called in messages.
        pretokenized: Whether the texts of an example are the words of one sentence.
        paired_texts: Whether a model trained on one text an example cannot read two, and the other way round.
        shared_fields: Fields of a record that several of its examples read.
        asks: Names of other tasks whose models can be asked, too.
        target_option: What names the column of the targets, for messages.
        tells_places: Whether predictions tell places in the text of an example.
        has_class_scores: Whether a text as a whole has classes, each of which a system may give a score.
        may_answer_nothing: Whether an empty text is an answer: that there is none.
        why_no_targets: Why its examples never have a target, and what to do instead; empty where they may have one.
        safety: How safe its labels are under each effect that an edit may have.
        text_names: What the texts of an example are called on a page; empty for "text", or "first text", ...
        language_column: Column that tells the language of each record, for :meth:`attack_records`; None for that of the
            attack.
    """

    name: ClassVar[str]
    head: ClassVar[str | type[Any]]
    pipeline: ClassVar[str]
    formats: ClassVar[tuple[str, ...]] = ()
    label_word: ClassVar[str] = ""
    target_word: ClassVar[str] = "a target"
    pretokenized: ClassVar[bool] = False
    paired_texts: ClassVar[bool] = False
    shared_fields: ClassVar[frozenset[str]] = frozenset()
    text_names: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[str, ...]] = ()
    target_option: ClassVar[str] = "`label_column`"
    tells_places: ClassVar[bool] = False
    has_class_scores: ClassVar[bool] = False
    may_answer_nothing: ClassVar[bool] = False
    why_no_targets: ClassVar[str] = ""
    safety: ClassVar[Mapping[str, Safety]] = SAFETY

    language_column: str | None = field(default=None, kw_only=True)

    # Columns, and how they are found.

    @classmethod
    @abstractmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """Find the columns of a data set by their usual names.

        Args:
            record: The first record.
            place: Where it stands.
            named: The text or token columns, if they are known.
            target: The label or tag columns, if they are known.

        Returns:
            The task with its columns.

        Raises:
            DataError: No usual name among the record's columns.
        """

    @classmethod
    def claims(cls, record: Record, target: str | None) -> bool:
        """Tell whether a record of texts can only be of this task, whatever else it was taken for.

        Args:
            record: The record.
            target: Its label column, if there is one.

        Returns:
            Whether it can be of no other task.
        """
        return False

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """Tell whether a record looks like one of this task, where nobody names the task.

        Args:
            record: The record.
            named: The text or token columns, if they are known.
            target: The label or tag columns, if they are known.

        Returns:
            Whether its columns have the usual names and shapes.
        """
        return False

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any]) -> Self:
        """Build a task from its fields, as ``asdict`` or TOML has them.

        Args:
            columns: The fields by name.

        Returns:
            The task.

        Raises:
            UserError: The task does not have one of them, or not with such a value.
        """
        known = {declared.name for declared in fields(cls)}
        unknown = [name for name in columns if name not in known]
        if unknown:
            raise UserError(f"the task {cls.name!r} has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
        # TOML and JSON know lists alone; tasks are frozen, and hashable only with tuples in their fields.
        values = {name: _hashable(value) for name, value in columns.items()}
        return cls(**read_values(cls, values))

    @classmethod
    def of_texts(cls, columns: Sequence[str]) -> Self:
        """Build a task from the columns of its texts alone, whose targets are not checked.

        Args:
            columns: The columns.

        Returns:
            The task.

        Raises:
            UserError: More has to be said of this task's columns.
        """
        known = ", ".join(declared.name for declared in fields(cls))
        raise UserError(
            f"the columns of the task {cls.name!r} cannot be told by {', '.join(columns)} alone; name them as a "
            f"mapping of its fields: {known}"
        )

    @classmethod
    @abstractmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """Return the task of plain lists, with the columns that :meth:`record_of` writes.

        Args:
            inputs: For each example what is read; its shape is the task's.

        Returns:
            The task.
        """

    @abstractmethod
    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """Return the record of one of the inputs of :meth:`of_lists` and its target.

        Args:
            texts: One of the inputs.
            target: What is right for it; None where that is not known.
            place: Where it stands, for messages.

        Returns:
            The record.

        Raises:
            DataError: The input or the target is not what the task asks for.
        """

    @property
    @abstractmethod
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""

    @property
    def target_column(self) -> str | None:
        """The column that holds what is right; None where no column does, or that is not checked."""
        return None

    def doubts(self, attack: Attack) -> list[str]:
        """Return what may happen to labels under an attack, though rarely.

        Args:
            attack: The attack.

        Returns:
            A sentence for each effect by which a label may change, with the source; none where none can.

        Raises:
            RecipeError: Labels would not hold under it.
        """
        return doubts_of(self.safety, attack.recipe, self.name)

    # Records: reading, perturbing, writing back.

    @abstractmethod
    def examples(self, batch: Batch) -> Iterator[Example]:
        """Go through the examples of a batch.

        Args:
            batch: The records.

        Returns:
            The examples, in order; a record may have several.

        Raises:
            DataError: A record is not what the task asks for.
        """

    def attack_records(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch, each record in its language.

        Args:
            batch: The records.
            attack: The attack.

        Returns:
            The attacked records, and the edits made to them.

        Raises:
            UserError: The attack has a language of its own, or cannot be had in one of the records.
            DataError: A record is not what the task asks for, or its language is not known.
        """
        if self.language_column is None:
            return self.perturb(batch, attack)
        return perturbed_by_language(self.perturb, batch, attack, self.language_column)

    def check_one_language(self) -> None:
        """Check that examples can be attacked without their records, which alone tell their languages.

        Raises:
            UserError: A column of the records tells them.
        """
        if self.language_column is not None:
            raise UserError(
                f"`language_column` {self.language_column!r} tells the languages of records, and here texts are "
                "attacked without theirs; leave it out, and name the language with the recipe, as in charbert:de"
            )

    def check_one_record(self) -> None:
        """Check that a record can be attacked by itself, as searches do.

        Raises:
            UserError: What it reads is attacked with other records.
        """
        return

    @abstractmethod
    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch, all records in the language of the attack.

        Args:
            batch: The records.
            attack: The attack.

        Returns:
            The attacked records, and the edits made to them.

        Raises:
            DataError: A record is not what the task asks for.
        """

    @abstractmethod
    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a record.

        Args:
            record: The attacked record.
            edits: Its edits, in order.
            place: Where it stands, for messages.

        Returns:
            The record as it was.

        Raises:
            DataError: The edits do not fit it.
        """

    @abstractmethod
    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """Attack examples, as training on noise does; their targets stay right.

        Args:
            examples: The examples.
            attack: The attack.
            ids: The identity of each.

        Returns:
            The attacked examples, in order.
        """

    @abstractmethod
    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """Return what is measured word by word: by the field of the attack, a text or the tokens of each example."""

    def identities(self, examples: Sequence[Example]) -> list[str] | None:
        """Return what the edits of :meth:`sentences` are drawn by, as :meth:`perturb` does.

        Args:
            examples: The examples.

        Returns:
            The identity of each, by default its id where a column holds one; None where texts identify themselves.
        """
        if getattr(self, "id_column", None) is None:
            return None
        return [example.id for example in examples]

    def protected(self, examples: Sequence[Example]) -> list[Any] | None:
        """Return what stays of the :meth:`sentences`, as :meth:`perturb` has it.

        Args:
            examples: The examples.

        Returns:
            For each, spans of its text or a mark for each of its tokens; None where nothing has to stay.

        Raises:
            DataError: Nothing says what has to stay.
        """
        return None

    def raw_labels(self, record: Record) -> Iterable[object]:
        """Return the labels of a record as they are written, for the check that all are of one type."""
        return ()

    def distinct_labels(self, batch: Batch) -> Iterator[tuple[object, Place]]:
        """Go through :meth:`raw_labels` of a batch with their places, in order.

        Args:
            batch: The records.

        Yields:
            A label and its place. What equals one that came before may be left out.
        """
        for _, record, place in batch.rows():
            for label in self.raw_labels(record):
                yield label, place

    def shortened(self, record: Record, most: int) -> Record:
        """Return a record with no more than some examples."""
        return record

    def remarks(self, examples: Sequence[Example]) -> list[str]:
        """Return what a reader of results should know of the targets, such as some that no model can say."""
        return []

    # Edits and versions.

    def text_of_edit(self, edit: LoggedEdit, example: Example) -> int | None:
        """Return which of an example's texts an edit of its record is in; None for another example's."""
        return 0

    def common_facts(self, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
        """Return what two versions of an example must have in common: (what, in the clean one, in the attacked one)."""
        return [("the id", clean.id, attacked.id), ("the label", clean.target, attacked.target)]

    def check_comparable(self) -> None:
        """Check that predictions for a noised and a clean form of an example can be compared place by place.

        Raises:
            UserError: They cannot.
        """
        return

    # Targets, predictions and metrics.

    def labels_in(self, target: Target) -> Iterable[str]:
        """Return the classes or tags that a target holds; none for tasks without labels."""
        return ()

    def classes(self, targets: Iterable[Target]) -> tuple[str, ...]:
        """Return the classes or tags of targets: those with numbers in their order, others after them."""
        occurring: set[str] = set()
        for target in targets:
            occurring.update(self.labels_in(target))
        # The order matters beyond looks: a new model's outputs have it, and F1 of two classes is that of the second.
        named = [name for name in self.names_in_order if name in occurring]
        return (*named, *sorted_labels(occurring - set(named)))

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """The names of the classes or tags in the order of their numbers, where the data set tells."""
        return ()

    @property
    def renamed_labels(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a label and the name that a user gives it, in the data and in what systems answer."""
        return ()

    def labels_suffice(self, known: Iterable[str], wanted: Iterable[str]) -> bool:
        """Tell whether a model that knows some labels can be scored on data with others."""
        return set(wanted) <= set(known)

    @abstractmethod
    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """Return the metrics, the main one first.

        Args:
            targets: What is right.
            labels: The classes in order, among them any that a model may say besides those of the targets.

        Returns:
            The metrics; some need certain targets, such as two classes.
        """

    @abstractmethod
    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """Return a score of each example, more being better, shape (examples,)."""

    @abstractmethod
    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask | None:
        """Tell which examples are right, shape (examples,); None where right and wrong do not apply."""

    @classmethod
    def margins(
        cls,
        targets: Sequence[Target],
        predictions: Sequence[Prediction],
        scores: Array | None,
        labels: Sequence[str],
    ) -> Array | None:
        """Return how surely the target of each example wins (:mod:`charrobust.tasks.margins`).

        Where :meth:`right` tells right from wrong, a positive margin is that of a right example, and a negative one
        that of a wrong one.

        Args:
            targets: What is right.
            predictions: What a system says, in its own words.
            scores: A number for each class, more being more probable, shape (examples, classes); None where it has
                none.
            labels: What the data call each class.

        Returns:
            Shape (examples,), NaN where a target is not known; None where what is given does not tell, as by default.
        """
        return None

    @classmethod
    def plain_input(cls, example: Example) -> Any:
        """Return what a function is given of an example: what plain lists of the task hold (:meth:`of_lists`)."""
        return example.texts[0] if len(example.texts) == 1 else example.texts

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """Return the prediction that an answer of a function, of a service or in a file is.

        Args:
            answer: A plain value: by default a label, or a score for each.
            example: The example.

        Returns:
            The prediction, in the shape that the task defines.

        Raises:
            UserError: It is none.
        """
        return label_in(answer)

    @classmethod
    def answer_of_labels(cls, labels: Sequence[str]) -> Any:
        """Return the answer of a free text in which labels occur, for :meth:`prediction_of`.

        Args:
            labels: The distinct labels that occur in it, in order.

        Returns:
            The answer; None where they make none. By default there must be one label.
        """
        return labels[0] if len(labels) == 1 else None

    def labels_predicted(self, prediction: Prediction) -> Iterable[str]:
        """Return the classes or tags that a prediction holds; by default as a target holds them."""
        return self.labels_in(prediction)

    @classmethod
    @abstractmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """Tell whether a value can be a prediction for an example."""

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """Return a prediction with other names for its labels."""
        return prediction

    @classmethod
    def carried_back(cls, prediction: Prediction, read: Example, example: Example) -> Prediction:
        """Return the prediction for an example of that for what a model read in its place, restored by a defence."""
        return prediction

    @classmethod
    def carried_on(cls, target: Target, example: Example, read: Example) -> Target:
        """Return the target of what a model reads in the place of an example: the way back of :meth:`carried_back`."""
        return target

    def target_text(self, target: Target) -> str:
        """Return a target as text."""
        return "" if target is None else self.prediction_text(target)

    def prediction_text(self, prediction: Prediction) -> str:
        """Return a prediction as text."""
        return str(prediction)

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """Return the words by which an example is found on a page, from its target as text."""
        return [target_text]

    # What language models are asked.

    def prompts(self, examples: Sequence[Example], classes: Sequence[str]) -> list[Prompt]:
        """Return what a language model is asked of each example; by default that is refused.

        Args:
            examples: The examples, each with a target.
            classes: The classes of the data; none for tasks without.

        Returns:
            A prompt for each.

        Raises:
            UserError: Language models are not asked for what the task predicts.
        """
        able = ", ".join(task.name for task in task_classes() if task.has_prompts())
        raise UserError(f"the task {self.name!r} is not asked of language models in words; tasks that are: {able}")

    @classmethod
    def has_prompts(cls) -> bool:
        """Tell whether language models are asked in words for what the task predicts."""
        return cls.prompts is not Task.prompts

    # Scores by what a tokenizer does to the words.

    def counted_words(self, example: Example) -> list[str]:
        """Return the words of an example that are asked whether a tokenizer splits them: those with content."""
        from charrobust.perturb.word_classes import stop_words

        ignored = stop_words("en")
        found = []
        for text in self.read_texts(example):
            words = [text[start:end] for start, end in word_spans(text)]
            found += [word for word in words if word.lower() not in ignored and any(map(str.isalpha, word))]
        return found

    @classmethod
    def read_texts(cls, example: Example) -> Sequence[str]:
        """Return the texts of an example that defences restore and whose words count; the first of them all."""
        return example.texts

    def part_statistics(
        self, metric: Metric, targets: Sequence[Target], predictions: Sequence[Prediction], part: WordPart
    ) -> tuple[Array, int]:
        """Return the statistics of a metric on a part of the data.

        Args:
            metric: The metric.
            targets: What is right.
            predictions: What a system says.
            part: Which words are in the part.

        Returns:
            Statistics, shape (examples of the part, k), and the number of examples (or words, or entities) in it.
        """
        # By default an example is one stretch of words: from its border to that of the next.
        chosen = part.stretches(part.edges[:-1], part.edges[1:])
        return metric.statistics(targets, predictions)[chosen], int(chosen.sum())

    # The head, which needs torch.

    @classmethod
    def head_class(cls) -> type[TaskHead]:
        """Return the class of what makes windows, batches, losses and predictions."""
        # By name until it is asked for: to import the class is to import torch.
        found: type[TaskHead] = load_object(cls.head) if isinstance(cls.head, str) else cls.head
        return found

    def head_options(self, examples: Sequence[Example]) -> dict[str, Any]:
        """Return what examples tell of how a model is to be asked."""
        return {}

    # What is fitted on the vectors of texts, in the place of a head.

    def vector_learner(self, kind: str, targets: Sequence[Target]) -> VectorLearner:
        """Return what learns targets from the vectors of texts or pairs; by default that is refused.

        Args:
            kind: ``linear`` or ``neighbours``.
            targets: What is right for each of the examples that it will be fitted on.

        Returns:
            The learner, not fitted yet.

        Raises:
            UserError: The task has no target a text or pair that could be learnt so, or the targets do not suffice.
        """
        able = ", ".join(task.name for task in task_classes() if task.learns_vectors())
        raise UserError(
            f"the task {self.name!r} is not learnt from vectors of whole texts (`fit_on`), as those are that have a "
            f"target a text: {able}; run charrobust finetune, and give the directory that it writes"
        )

    @classmethod
    def learns_vectors(cls) -> bool:
        """Tell whether targets can be learnt from the vectors of texts."""
        return cls.vector_learner is not Task.vector_learner


@dataclass(frozen=True)
class WordPart:
    """The words of a data set that a tokenizer splits, or those that it keeps whole.

    Attributes:
        split: Before each word, and at the end: the number of split words so far, shape (words + 1,).
        edges: Before each example, and at the end: the number of words so far, shape (examples + 1,).
        wanted: Whether the part is that of the split words.
    """

    split: NDArray[np.int64]
    edges: NDArray[np.int64]
    wanted: bool

    @property
    def words(self) -> Mask:
        """Which words are in the part, shape (words,)."""
        # The running count grows by one at each split word, and at no other.
        is_split = np.diff(self.split) > 0
        return np.asarray(is_split == self.wanted)

    def stretches(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> Mask:
        """Tell which stretches of words are in the part; one is split if any of its words is."""
        # Two values of the running count differ exactly where a split word lies between them.
        any_split = self.split[end] > self.split[start]
        return np.asarray(any_split == self.wanted)


@dataclass(frozen=True, kw_only=True)
class LabelledTask(Task, LabelReading):
    """A task whose targets hold labels, which may be written as numbers, under other names, or be missing."""

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any]) -> Self:
        """See the base class; a label map may be a table, as in cards."""
        label_map = parse_label_map(columns.get("label_map", ()))
        return super().of_columns({**columns, "label_map": label_map})

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """See the base class."""
        return self.renamed_in_order(self.class_names)

    @property
    def renamed_labels(self) -> tuple[tuple[str, str], ...]:
        """See the base class: the label map."""
        return self.label_map

    def label_at(self, label: object, place: Place) -> str | None:
        """Return the name of a label; None where it is missing.

        Args:
            label: The label as it is written.
            place: Where it stands, for messages.

        Returns:
            The name, or None.

        Raises:
            DataError: It is a number without a name; with its place.
        """
        try:
            return self.name_of(label)
        except UserError as error:
            raise place.error(str(error)) from error

    def with_names(self, names: Sequence[str]) -> Self:
        """Return the task with names for the numbers of its labels, unless it has some."""
        return replace(self, class_names=tuple(names)) if names and not self.class_names else self


def _hashable(value: Any) -> Any:
    """Return lists, also in lists, as tuples."""
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
