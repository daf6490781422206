"""Noise on training examples: another draw in each epoch; labels, tags and answer spans stay right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from charrobust.datasets.cards import Task
from charrobust.errors import UserError
from charrobust.perturb import Attack, Recipe
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.examples import Example
from charrobust.tasks.qa.record import FIELDS, QuestionAnswering, cutting


@dataclass(frozen=True)
class Noise:
    """A recipe that is applied to a share of the training examples.

    Attributes:
        recipe: The recipe.
        share: Share of the examples.
        seed: The seed.
        task: The task; tells which fields are noised.
    """

    recipe: Recipe
    share: float
    seed: int
    task: Task

    def drawn(self, count: int, epoch: int) -> list[int]:
        """Return the numbers of the examples that are noised in an epoch."""
        draws = np.random.default_rng([self.seed, epoch, 1]).random(count)
        return [int(number) for number in np.flatnonzero(draws < self.share)]

    def applied(self, examples: Sequence[Example], epoch: int) -> list[Example]:
        """Return the noised forms of some examples.

        Args:
            examples: The examples; each is noised by its id and its texts alone, whatever the others are.
            epoch: Number of the epoch.
        """
        ids = [f"{epoch} {example.id} {' '.join(example.texts)}" for example in examples]
        attack = Attack(self.recipe, self.seed)
        if isinstance(self.task, QuestionAnswering):
            return _questions(examples, ids, attack, self.task.attacked)
        if isinstance(self.task, Classification):
            fields = [self.task.texts.index(column) for column in self.task.changed]
            return _texts(examples, ids, attack, fields)
        made = attack.tokens([example.texts for example in examples], ids=ids)
        return [replace(example, texts=tuple(tokens)) for example, tokens in zip(examples, made.sentences, strict=True)]


def check_consistency(task: Task) -> None:
    """Refuse to compare answers in contexts that differ.

    Raises:
        UserError: The contexts of questions are noised.
    """
    if isinstance(task, QuestionAnswering) and "context" in task.attacked:
        raise UserError(
            "a consistency loss compares the answer's place in equal contexts, but here contexts are noised; noise "
            "the question only (--field question), or leave out --consistency"
        )


def _texts(examples: Sequence[Example], ids: list[str], attack: Attack, fields: Sequence[int]) -> list[Example]:
    noised = [list(example.texts) for example in examples]
    for field in fields:
        made = attack.texts([texts[field] for texts in noised], ids=ids, field=str(field))
        for texts, text in zip(noised, made.texts, strict=True):
            texts[field] = text
    return [replace(example, texts=tuple(texts)) for example, texts in zip(examples, noised, strict=True)]


def _questions(examples: Sequence[Example], ids: list[str], attack: Attack, fields: Sequence[str]) -> list[Example]:
    noised = _texts(examples, ids, attack, [FIELDS.index(field) for field in fields if field == "question"])
    if "context" not in fields:
        return noised
    contexts = [example.texts[1] for example in noised]
    protect = [cutting(example.texts[1], list(example.spans)) for example in noised]
    made = attack.texts(contexts, ids=ids, protect=protect, field="context")
    found = []
    for example, edited in zip(noised, made, strict=True):
        spans = tuple(edited.moved(*span) for span in example.spans)
        answers = tuple(edited.text[start:end] for start, end in spans)
        found.append(replace(example, texts=(example.texts[0], edited.text), target=answers, spans=spans))
    return found
