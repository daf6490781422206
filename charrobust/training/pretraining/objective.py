"""The loss of pre-training: noisy LM, masked LM and distillation, each with its weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from charrobust.models.head_parts import cross_entropy
from charrobust.training.meter import Losses
from charrobust.training.pretraining.configuration import Weights

Batch = Mapping[str, Tensor]


@dataclass(frozen=True)
class Objective:
    """Computes the losses of a batch.

    Attributes:
        weights: How much each loss counts; one of weight 0 is not computed.
        teacher: The plain encoder, frozen, for distillation.
        only_words: Whether the model recognises words, and nothing else is learnt: the transformer is then not run.
        precision: Gives the context in which the teacher runs.
    """

    weights: Weights
    teacher: Any = None
    only_words: bool = False
    precision: Callable[[], AbstractContextManager[Any]] = nullcontext

    def __call__(self, model: Any, batch: Batch) -> Losses:
        """Run a model on a batch of :class:`~charrobust.training.pretraining.collation.NoisyCollator`.

        Args:
            model: A ``CharBertForPreTraining`` or a masked LM of the library, wrapped or not.
            batch: The batch, on the model's device.

        Returns:
            The losses, each shape ().
        """
        out = model(**self._inputs(batch, has_characters(model)))
        parts: dict[str, Tensor] = {}
        counts = {"tokens": batch["attention_mask"].sum()}
        # Models of ours compute it from the labels; it stands in their output only where there were any.
        if self.weights.mlm and "mlm_loss" in out:
            parts["mlm_loss"] = out.mlm_loss
        elif self.weights.mlm:  # a masked LM of the library, which is given no labels
            parts["mlm_loss"] = cross_entropy(out.logits, batch["labels"])
        if self.weights.nlm:
            parts["nlm_loss"] = out.nlm_loss
            counts |= recognised(out.words, batch)
        if self.weights.distillation:
            parts["distillation_loss"] = self._distillation(last_state(out), batch)
        weighted = []
        detached = {}
        for name, loss in parts.items():
            weighted.append(getattr(self.weights, name.removesuffix("_loss")) * loss)
            # For the log alone: with its graph, each loss would keep all activations of its batch in memory.
            detached[name] = loss.detach()
        return Losses(torch.stack(weighted).sum(), detached, counts)

    def _inputs(self, batch: Batch, characters: bool) -> dict[str, Any]:
        inputs = model_inputs(batch, characters)
        if not characters:
            return inputs | {"output_hidden_states": bool(self.weights.distillation)}
        # A model computes the losses that it gets labels for.
        if self.weights.mlm:
            inputs["labels"] = batch["labels"]
        if self.weights.nlm:
            inputs["word_labels"] = batch["word_labels"]
            inputs["only_words"] = self.only_words
        return inputs

    def _distillation(self, states: Tensor, batch: Batch) -> Tensor:
        with torch.no_grad(), self.precision():
            clean = self.teacher(batch["clean_input_ids"], attention_mask=batch["clean_attention_mask"])
        most = max(batch["words"].size(1), batch["clean_words"].size(1))
        # Words, not tokens, are what both texts share; one that noise pushed out of the block is in neither.
        student, in_noisy = word_vectors(states, batch["words"], most)
        teacher, in_clean = word_vectors(clean.last_hidden_state, batch["clean_words"], most)
        return distance(student, teacher, in_noisy & in_clean)


def has_characters(model: Any) -> bool:
    """Tell whether a model, wrapped or not, has a character channel."""
    # Distributed training wraps the model, which is then its "module".
    return hasattr(getattr(model, "module", model), "charbert")


def model_inputs(batch: Batch, characters: bool) -> dict[str, Any]:
    """Return what every call of a student needs, without labels.

    Args:
        batch: A batch of the collator.
        characters: Whether the model has a character channel.

    Returns:
        The inputs by name.
    """
    inputs: dict[str, Any] = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    if characters:
        # Scores are needed at labelled places alone; those of all words at all places would fill the memory.
        inputs |= {"character_mask": batch["character_mask"], "only_labelled": True}
    return inputs


def last_state(out: Any) -> Tensor:
    """Return the last layer of the token channel, shape (batch, length, size)."""
    state: Tensor | None = out.get("last_hidden_state")
    # Masked LMs of the library name it only in the list of all layers.
    if state is None:
        state = out.hidden_states[-1]
    return state


def recognised(predicted: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Count the noised words that the noisy LM recognises, at the first token of each.

    Args:
        predicted: The words predicted at the tokens that have a word label, shape (labels,).
        batch: The batch that they belong to.

    Returns:
        ``nlm_right``, ``nlm_words`` and ``nlm_outside``, each of shape ().
    """
    words, labels = batch["words"], batch["word_labels"]
    labelled = labels != -100
    # The first token of a word is one whose left neighbour belongs to another.
    first = (words != functional.pad(words, (1, 0), value=-1)[:, :-1])[labelled]
    counted = first & (labels[labelled] >= 0)
    right = predicted == labels[labelled]
    return {"nlm_right": (right & counted).sum(), "nlm_words": counted.sum(), "nlm_outside": batch["outside"]}


def word_vectors(states: Tensor, words: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Return the mean state of each word's tokens, in single precision.

    Args:
        states: Shape (batch, length, size).
        words: Place in its text of the word that each token belongs to, -1 for none, shape (batch, length).
        most: More than any place of a word.

    Returns:
        Vectors, shape (batch * most, size), and whether there is such a word, shape (batch * most,).
    """
    # Each word of the batch gets a row of its own; tokens without a word are added up in one more, which is left out.
    rows = torch.arange(len(words), device=words.device).unsqueeze(1) * most
    nowhere = len(words) * most
    places = torch.where(words < 0, nowhere, rows + words).flatten()
    # In single precision also under bfloat16, which would lose the small ones of many added numbers.
    sums = states.new_zeros(nowhere + 1, states.size(-1), dtype=torch.float32)
    sums = sums.index_add(0, places, states.flatten(0, 1).float())[:nowhere]
    # With a minimum, or rows at the end that no token belongs to would have no count.
    counts = torch.bincount(places, minlength=nowhere + 1)[:nowhere]
    return sums / counts.clamp(min=1).unsqueeze(1), counts > 0


def distance(student: Tensor, teacher: Tensor, counted: Tensor) -> Tensor:
    """Return how far vectors are from those of the teacher: 1 - cosine, plus the relative squared distance.

    Args:
        student: Shape (words, size).
        teacher: Same shape.
        counted: Which words count, shape (words,).

    Returns:
        The mean over these, shape (); 0 where there is none.
    """
    # The cosine does not see how long vectors are; the squared distance does.
    # Relative to the teacher's length, or models with long vectors would learn little else.
    # Rows without a word are zero in both: the clamp keeps them from becoming NaN, which no mask takes away again.
    relative = (student - teacher).square().sum(1) / teacher.square().sum(1).clamp(min=1e-6)
    distances = 1 - functional.cosine_similarity(student, teacher, dim=1) + relative
    # A sum with a mask, and not a selection: a GPU would have to tell the size of that, and be waited for.
    return (distances * counted).sum() / counted.sum().clamp(min=1)
