"""Encoders without a head as systems: what is fitted on the vectors of a training set stands in the head's place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.finite import finite_scores
from charrobust.systems.models import load_encoder
from charrobust.systems.predictor import Predictor
from charrobust.systems.system import Judgement, System
from charrobust.tasks.encoders import TextVectors
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.learners import LINEAR
from charrobust.tasks.metrics import Array

if TYPE_CHECKING:
    from charrobust.datasets.dataset import DataSet
    from charrobust.systems.naming import SystemOptions


class VectorClassifier(System):
    """An encoder, and a classifier or regression of its vectors, which is fitted when it is first asked.

    Attributes:
        encoder: What turns texts into vectors.
        fit_on: The training set.
        fit: The kind of what is fitted, of :data:`charrobust.tasks.learners.KINDS`.
    """

    def __init__(self, encoder: Predictor, fit_on: DataSet, fit: str = LINEAR) -> None:
        """Take an encoder into use.

        Args:
            encoder: An encoder whose answers are vectors.
            fit_on: The training set.
            fit: The kind of what is fitted.

        Raises:
            UserError: The task of the training set is not learnt from vectors, or its targets do not suffice.
        """
        self.encoder, self.fit_on, self.fit = encoder, fit_on, fit
        self.name, self.tokenizer = encoder.name, encoder.tokenizer
        self.source = f"{encoder.source}, {fit} on {fit_on.name}"
        self.task, self.texts = type(fit_on.task), len(fit_on.examples[0].texts)
        self._learner = fit_on.task.vector_learner(fit, [example.target for example in fit_on.examples])
        self.labels = self._learner.labels
        self._is_fitted = False

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the encoder, the training set, the kind of what is fitted, and the library that fits it."""
        digest = hashlib.sha256(self.encoder.fingerprint.encode())
        for example in self.fit_on.examples:
            digest.update(json.dumps([example.texts, example.target]).encode())
        digest.update(json.dumps([self.fit, self.labels, version("scikit-learn")]).encode())
        return digest.hexdigest()

    def prepare(self, progress: Progress = no_progress) -> None:
        """See the base class: fit, once."""
        if self._is_fitted:
            return
        self._learner.fit(self._vectors(self.fit_on.examples, f"{self.name}: training texts", progress))
        self._is_fitted = True

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """See the base class."""
        self.prepare()
        return self._learner.predictions(self._vectors(examples, self.name, progress)) if examples else []

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: probabilities of the classes; None for numbers."""
        if not self._learner.has_scores:
            return None
        if not examples:
            return np.zeros((0, len(self.labels)))
        self.prepare()
        return finite_scores(self._learner.scores(self._vectors(examples, self.name, progress)), examples, self.name)

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: the encoder is asked once."""
        if not examples:
            return super().judge(examples, names, progress)
        self.prepare()
        vectors = self._vectors(examples, self.name, progress)
        scores = None
        if self._learner.has_scores:
            scores = finite_scores(self._learner.scores(vectors), examples, self.name)
        return self._judgement(examples, self._learner.predictions(vectors), scores, names)

    def readings(self, examples: Sequence[Example]) -> list[Hashable]:
        """See the base class: what the encoder reads of each of the texts."""
        single = [Example(example.id, (text,), None) for example in examples for text in example.texts]
        of_texts = iter(self.encoder.readings(single))
        return [tuple(islice(of_texts, len(example.texts))) for example in examples]

    def _vectors(self, examples: Sequence[Example], stage: str, progress: Progress) -> Array:
        """Return the vectors of texts, or of pairs, shape (examples, size or 3 times that)."""
        # Each text once: of a pair, an attack may change one text alone.
        numbers: dict[str, int] = {}
        for example in examples:
            for text in example.texts:
                numbers.setdefault(text, len(numbers))

        def advance(_: str, done: int, total: int, __: object) -> None:
            progress(stage, done * len(examples) // total, len(examples), {})

        single = [Example(str(number), (text,), None) for text, number in numbers.items()]
        vectors = np.stack(self.encoder.predict(single, advance)).astype(np.float64)
        first = vectors[[numbers[example.texts[0]] for example in examples]]
        if self.texts == 1:
            return first
        second = vectors[[numbers[example.texts[1]] for example in examples]]
        # As Reimers and Gurevych 2019, "Sentence-BERT", section 3, puts a classifier on pairs.
        return np.concatenate([first, second, np.abs(first - second)], axis=1)


def load_vector_classifier(path: str, options: SystemOptions) -> System:
    """Load an encoder, for a classifier of its vectors.

    Args:
        path: A directory of sentence-transformers, or an encoder of the transformers library, by directory or hub id.
        options: How it is loaded, with the training set.

    Returns:
        The system; it is fitted when it is first asked.

    Raises:
        UserError: It cannot be loaded, or the training set is none for the task of the data.
    """
    fit_on = options.fit_on
    if fit_on is None:
        raise UserError(f"model {path!r} has no head; give a training set with `fit_on`")
    if options.task is not None and fit_on.task.name != options.task.name:
        raise UserError(
            f"the training set {fit_on.name!r} is for the task {fit_on.task.name!r}, the data for "
            f"{options.task.name!r}; give `fit_on` data of that task"
        )
    encoder = load_encoder(
        path,
        type(fit_on.task),
        TextVectors,
        batch_size=options.batch_size,
        device=options.device,
        trust_remote_code=options.trust_remote_code,
    )
    return VectorClassifier(encoder, fit_on, options.fit)
