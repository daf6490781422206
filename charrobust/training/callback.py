"""Scores under attack in the course of a training by the Trainer of transformers or of sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.models.sentence_transformer import sentence_model
from charrobust.systems.loading import length_limit
from charrobust.systems.predictor import Predictor, Settings
from charrobust.training.attacked import AttackedData
from charrobust.training.finetuning.adversary import asking


class RobustnessCallback(TrainerCallback):
    """Scores the model under attacks while it is trained.

    Scores are named ``eval_ATTACK_METRIC``, such as ``eval_clean_accuracy`` and ``eval_charbert_accuracy``. They are
    put into the trainer's log (``trainer.state.log_history``), and where they are taken at evaluations, into what those
    return: ``metric_for_best_model="charbert_accuracy"`` keeps the model that is best under attack.

    Attributes:
        history: The scores so far, each with its ``step``.
    """

    def __init__(
        self,
        data: DataSet | Any,
        attack: str | Sequence[str] = "charbert",
        *,
        every: int | None = None,
        max_length: int | None = None,
        batch_size: int = 32,
    ) -> None:
        """Draw the edits, once for the whole training.

        Args:
            data: What is scored on, or what :func:`load_data` makes one of: texts and not tokens. Its classes are
                those of the model, by name or by number.
            attack: A recipe, or several: ``charbert``, ``drop@0.5``, ``mine.toml``.
            every: Steps between scores; None for at each evaluation of the trainer.
            max_length: Tokens of a window at most; None for what is usual for the task.
            batch_size: Windows of a batch at most.

        Raises:
            UserError: The number of steps is not 1 or more, or an attack is none that can be drawn.
        """
        if every is not None and every < 1:
            raise UserError(f"`every` is a number of steps, 1 or more, or None; got {every!r}")
        self._attacked = AttackedData(data, [attack] if isinstance(attack, str) else list(attack))
        self._every, self._max_length, self._batch_size = every, max_length, batch_size
        self.history: list[dict[str, float]] = []

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **given: Any,
    ) -> None:
        """Score the model if it is time.

        Args:
            args: Arguments of the trainer.
            state: State of the trainer.
            control: Not looked at.
            given: What else the trainer gives, the model among it.
        """
        if self._every is not None and state.global_step % self._every == 0:
            self._score(state, given)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **given: Any,
    ) -> None:
        """Score the model, unless that is done by steps.

        Args:
            args: Arguments of the trainer.
            state: State of the trainer.
            control: Not looked at.
            metrics: What the evaluation found; the scores are added.
            given: What else the trainer gives, the model among it.
        """
        if self._every is not None:
            return
        scores = self._score(state, given)
        if metrics is not None:
            metrics |= scores

    def _score(self, state: TrainerState, given: dict[str, Any]) -> dict[str, float]:
        """Score the model, and put the scores into the log."""
        model = given["model"]
        with asking(model):
            by_version = self._attacked.scores(self._predictor(model, given.get("processing_class")))
        scores: dict[str, float] = {}
        for version, metrics in by_version.items():
            scores |= {f"eval_{version}_{name}": value for name, value in metrics.items()}
        self.history.append(scores | {"step": state.global_step})
        state.log_history.append(scores | {"epoch": state.epoch or 0.0, "step": state.global_step})
        return scores

    def _predictor(self, model: Any, tokenizer: Any) -> Predictor:
        """Return the model as a system for the task of the data.

        Raises:
            UserError: There is no tokenizer, or the model is an encoder of sentences and the task has none.
        """
        data = self._attacked.data
        head, options = type(data.task).head_class(), data.task.head_options(data.examples)
        limit = head.max_length
        sentences = sentence_model(model)
        if sentences is not None:
            if head.needs_head:
                raise UserError(
                    f"a model of sentence-transformers is scored by what it finds, and the task "
                    f"{data.task.name!r} needs a head; give a collection of queries and documents"
                )
            model, tokenizer, options = sentences.encoder, sentences.tokenizer, options | sentences.options
            limit = sentences.max_length or limit
        if tokenizer is None:
            raise UserError("the trainer has no tokenizer; give it one: Trainer(..., processing_class=tokenizer)")
        known = {name: value for name, value in options.items() if name in head.options()}
        settings = Settings(
            type(data.task),
            head(labels=head.labels_of(model.config), **known),
            max_length=min(self._max_length or limit, length_limit(model, tokenizer)),
            stride=head.stride,
        )
        return Predictor(model, tokenizer, settings, name="the model", batch_size=self._batch_size)
