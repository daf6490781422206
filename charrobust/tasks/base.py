"""What a task is: all that the package asks of one, but for what needs torch (see :mod:`charrobust.tasks.head`).

Three parts have files of their own: columns (:mod:`charrobust.tasks.task_columns`), records
(:mod:`charrobust.tasks.task_records`), targets and predictions (:mod:`charrobust.tasks.task_predictions`). What models
are to know of the task stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.perturb.words import word_spans
from charrobust.plugins import load_object
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.metrics import Array, Metric
from charrobust.tasks.prompts import Prompt
from charrobust.tasks.registry import task_classes
from charrobust.tasks.safety import SAFETY, Safety, doubts_of
from charrobust.tasks.task_columns import TaskColumns
from charrobust.tasks.task_predictions import TaskPredictions
from charrobust.tasks.task_records import TaskRecords
from charrobust.tasks.word_part import WordPart

if TYPE_CHECKING:
    from charrobust.tasks.head import TaskHead
    from charrobust.tasks.learners import VectorLearner


@dataclass(frozen=True)
class Task(TaskColumns, TaskRecords, TaskPredictions):
    """A task with the columns of a data set.

    A room's ``record.py`` makes a subclass, a frozen dataclass whose fields are the columns and what is attacked.

    Attributes:
        head: Where its :class:`~charrobust.tasks.head.TaskHead` is, as ``module:class``, or the class.
        pipeline: What the hub calls the task, for model cards.
        paired_texts: Whether a model trained on one text an example cannot read two, and the other way round.
        text_names: What the texts of an example are called on a page; empty for "text", or "first text", ...
        ranks: Whether a prediction is a ranking, of which a page shows all metrics side by side.
        asks: Names of other tasks whose models can be asked, too.
        safety: How safe its labels are under each effect that an edit may have.
    """

    head: ClassVar[str | type[Any]]
    pipeline: ClassVar[str]
    paired_texts: ClassVar[bool] = False
    text_names: ClassVar[tuple[str, ...]] = ()
    ranks: ClassVar[bool] = False
    asks: ClassVar[tuple[str, ...]] = ()
    safety: ClassVar[Mapping[str, Safety]] = SAFETY

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
