"""What heads are made of: the models that they derive from, the map to a vocabulary, and losses.

Token-level heads read both channels side by side; sequence-level heads read their mean over positions.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.utils.generic import ModelOutput

from .charbert import CharBertModel
from .configuration import CharBertConfig
from .interaction import epsilon_of
from .outputs import CharBertModelOutput
from .pretrained import CharBertPreTrainedModel
from .recording import values_are_known
from .shapes import Float, Int, Shaped


class TransformHead(nn.Module):
    """Dense, GELU, LayerNorm, and a linear map to a vocabulary, whose inputs may be scaled."""

    def __init__(self, config: CharBertConfig, size: int, vocabulary: int, *, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale
        self.dense = nn.Linear(config.hidden_size, size)
        self.norm = nn.LayerNorm(size, eps=epsilon_of(config))
        self.decoder = nn.Linear(size, vocabulary)

    def forward(self, states: Float[Tensor, "*positions hidden"]) -> Float[Tensor, "*positions vocabulary"]:
        """Return scores of shape (..., vocabulary) for states of shape (..., hidden)."""
        return cast(Tensor, self.decoder(self.norm(functional.gelu(self.dense(states))) * self.scale))


def cross_entropy(
    logits: Float[Tensor, "*positions classes"], labels: Int[Tensor, "*positions"], ignore: int = -100
) -> Float[Tensor, ""]:
    """Return the mean loss over labels that count; 0, and not NaN, where there is none.

    Args:
        logits: Scores, shape (..., classes).
        labels: Numbers of classes, shape (...).
        ignore: The label that does not count.

    Returns:
        The loss, shape ().
    """
    if values_are_known() and not bool((labels != ignore).any()):
        return logits.sum() * 0.0  # part of the graph, so that a backward pass finds what it looks for
    # Recorded or compiled, no value can be looked at: then the mean over nothing is NaN, as in the library.
    return functional.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.flatten(), ignore_index=ignore)


def scores_and_loss(
    head: nn.Module, states: Float[Tensor, "*positions size"] | None, labels: Int[Tensor, "*positions"] | None
) -> tuple[Float[Tensor, "*positions classes"] | None, Float[Tensor, ""] | None]:
    """Return the scores of a head if there are states to score, and its loss if there are labels."""
    if states is None:
        return None, None
    scores: Tensor = head(states)
    return scores, None if labels is None else cross_entropy(scores, labels)


def labelled_alone(
    states: Float[Tensor, "batch length size"], labels: Int[Tensor, "batch length"] | None
) -> tuple[Float[Tensor, "labels size"] | None, Int[Tensor, " labels"] | None]:
    """Return the states and labels of the positions that have one; shapes (labels, size) and (labels,)."""
    if labels is None:
        return None, None
    labelled = labels != -100
    # Selected before the head: scores of all positions over a vocabulary would be the largest tensor of a pass.
    return states[labelled], labels[labelled]


class Head(CharBertPreTrainedModel):
    """A model on top of both channels."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.charbert = CharBertModel(config)
        self.dropout = nn.Dropout(config.classifier_dropout)

    def get_input_embeddings(self) -> nn.Embedding:
        """Return the backbone's word embedding."""
        return self.charbert.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the backbone's word embedding."""
        self.charbert.set_input_embeddings(value)

    @staticmethod
    def _both(out: CharBertModelOutput) -> Float[Tensor, "batch length both"]:
        """Return the channels side by side, shape (batch, length, 2 * size)."""
        return torch.cat([out["last_hidden_state"], out["character_last_hidden_state"]], dim=-1)

    def _pooled(
        self, out: CharBertModelOutput, mask: Shaped[Tensor, "batch length"] | None
    ) -> Float[Tensor, "batch both"]:
        """Return the mean over positions, without padding unless the released models are followed."""
        both = self._both(out)
        if mask is None or self.config.padding == "released":
            return both.mean(1)
        weights = mask.unsqueeze(-1).to(both.dtype)
        # At least 1, for a row that is padding alone.
        return (both * weights).sum(1) / weights.sum(1).clamp(min=1)

    def _scored(
        self, output_class: type[ModelOutput], out: CharBertModelOutput, return_dict: bool | None, **scores: Any
    ) -> Any:
        """Return scores with the states and attentions of the token channel, as one of the library's outputs."""
        output = output_class(**scores, hidden_states=out.hidden_states, attentions=out.attentions)
        return self._as_asked(output, return_dict)


class LanguageModel(Head):
    """A model with a masked-LM head on the token channel."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        embedding = self.charbert.get_input_embeddings()
        # The decoder's weights are the embedding's, whose place differs by family: set here and not by the class.
        self._tied_weights_keys = {"lm_head.decoder.weight": f"charbert.backbone.{self.charbert.family.words}.weight"}
        size = embedding.embedding_dim
        scale = size**-0.5 if self.charbert.family.scales_scores else 1.0
        self.lm_head = TransformHead(config, size, config.vocab_size, scale=scale)

    def get_output_embeddings(self) -> nn.Linear:
        """Return the decoder of the masked-LM head."""
        return cast(nn.Linear, self.lm_head.decoder)

    def set_output_embeddings(self, value: nn.Linear) -> None:
        """Replace the decoder of the masked-LM head."""
        self.lm_head.decoder = value
