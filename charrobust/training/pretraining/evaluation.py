"""Three measures of a pre-training run, on blocks that it does not train on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from charrobust.training.pretraining.objective import (
    Batch,
    has_characters,
    last_state,
    model_inputs,
    recognised,
    word_vectors,
)


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes:
        shift: Representation shift: mean of 1 - cosine between the vectors of a noised word and of its clean form,
            each in its own text; the mean over a word's tokens in the last layer of the token channel. Compare
            sensitivity in Ma et al., COLING 2020, equation 8. 0 where no word was noised.
        noised_words: Number of words that this is the mean of.
        mlm_loss: Masked-LM loss on clean text, in nats a token; None without a masked LM.
        nlm_accuracy: Share of the noised words of the vocabulary that the noisy LM recognises; None without one.
        nlm_outside: Share of the noised words that are outside the vocabulary; None without a noisy LM.
    """

    shift: float
    noised_words: int
    mlm_loss: float | None = None
    nlm_accuracy: float | None = None
    nlm_outside: float | None = None


@dataclass(frozen=True)
class HeldOut:
    """Blocks to evaluate on; equal each time.

    Attributes:
        noisy: Collator with noise, without masks, with clean text beside it.
        masked: Collator with masks, without noise; None without a masked LM.
        blocks: Numbers of the blocks.
        batch_size: Blocks of a batch.
    """

    noisy: Any
    masked: Any
    blocks: Sequence[int]
    batch_size: int

    def batches(self, collator: Any, device: torch.device) -> Iterator[dict[str, Tensor]]:
        """Yield all blocks in batches; none without a collator."""
        if collator is None:
            return
        for start in range(0, len(self.blocks), self.batch_size):
            # Always as of epoch 0: noise and masks are the same at each evaluation.
            batch = collator([(0, block) for block in self.blocks[start : start + self.batch_size]])
            yield {name: value.to(device) for name, value in batch.items()}


@torch.no_grad()
def evaluate(model: Any, held_out: HeldOut, device: torch.device) -> Evaluation:
    """Measure a model; it is left in the mode, training or not, that it was in.

    Args:
        model: A ``CharBertForPreTraining`` or a masked LM of the library.
        held_out: What to measure on.
        device: Where the model is.

    Returns:
        What was measured.
    """
    training = model.training
    # Without dropout; back in its mode even after an error, as the run may go on.
    model.eval()
    try:
        noisy = _total(_noisy(model, batch) for batch in held_out.batches(held_out.noisy, device))
        masked = _total(_masked(model, batch) for batch in held_out.batches(held_out.masked, device))
    finally:
        model.train(training)
    measured: dict[str, float] = {}
    if masked:
        measured["mlm_loss"] = _ratio(masked, "loss", "masked")
    if "nlm_words" in noisy:
        measured["nlm_accuracy"] = _ratio(noisy, "nlm_right", "nlm_words")
        # `nlm_words` are those with a label, so that all noised words are these and those outside.
        measured["nlm_outside"] = noisy["nlm_outside"] / max(noisy["nlm_outside"] + noisy["nlm_words"], 1.0)
    return Evaluation(_ratio(noisy, "displacement", "noised"), int(noisy["noised"]), **measured)


def _total(parts: Iterator[dict[str, Tensor]]) -> dict[str, float]:
    """Return sums over batches."""
    # Sums and counts, and not means of batches: the last batch may be smaller.
    total: dict[str, float] = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0.0) + float(value)
    return total


def _ratio(total: dict[str, float], part: str, whole: str) -> float:
    """Return a share, or a mean; 0 of nothing."""
    return total[part] / max(total[whole], 1.0)


def _masked(model: Any, batch: Batch) -> dict[str, Tensor]:
    """Return the sum of the masked LM's losses, and their number."""
    labelled = batch["labels"] != -100
    labels = batch["labels"][labelled]
    if has_characters(model):
        # Given the labels, it scores labelled places alone: shape (labelled, tokens) at once.
        scores = model(**model_inputs(batch, characters=True), labels=batch["labels"]).logits
    else:
        scores = model(**model_inputs(batch, characters=False)).logits[labelled]
    return {"loss": functional.cross_entropy(scores.float(), labels, reduction="sum"), "masked": labelled.sum()}


def _noisy(model: Any, batch: Batch) -> dict[str, Tensor]:
    """Return the sum of the displacements of noised words, their number, and the counts of the noisy LM."""
    noisy, predicted = _encoded(model, batch, with_words=True)
    clean, _ = _encoded(model, _clean(batch), with_words=False)
    # Noisy and clean text differ in tokens, but not in words: with one width, row i of both is the same word.
    most = max(batch["words"].size(1), batch["clean_words"].size(1))
    after, _ = word_vectors(noisy, batch["words"], most)
    before, _ = word_vectors(clean, batch["clean_words"], most)
    # The same mean over a word's tokens tells whether it is noised, in the order of the vectors.
    changed = word_vectors(batch["noised"].unsqueeze(-1), batch["words"], most)[0].squeeze(-1) > 0
    displacement = 1 - functional.cosine_similarity(after, before, dim=1)
    sums = {"displacement": (displacement * changed).sum(), "noised": changed.sum()}
    if predicted is None:
        return sums
    return sums | recognised(predicted, batch)


def _encoded(model: Any, batch: Batch, *, with_words: bool) -> tuple[Tensor, Tensor | None]:
    """Return the last layer of the token channel, and the words of the noisy LM where it predicts any."""
    characters = has_characters(model)
    inputs = model_inputs(batch, characters)
    if with_words and "word_labels" in batch:
        inputs["word_labels"] = batch["word_labels"]
    if not characters:
        inputs["output_hidden_states"] = True  # a masked LM of the library gives its last layer only so
    out = model(**inputs)
    return last_state(out), out.get("words")


def _clean(batch: Batch) -> dict[str, Tensor]:
    mask = batch["clean_attention_mask"]
    # Nothing is masked: the characters of all tokens may be seen.
    return {
        "input_ids": batch["clean_input_ids"],
        "attention_mask": mask,
        "character_mask": torch.ones_like(mask),
    }
