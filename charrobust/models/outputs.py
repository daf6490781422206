"""What the models return. A module of its own, as libraries rebuild outputs from what is no tensor yet."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from transformers.utils.generic import ModelOutput

from .shapes import Float, Int


@dataclass
class CharBertModelOutput(ModelOutput):
    """States of both channels.

    Attributes:
        last_hidden_state: Token channel, shape (batch, length, size).
        character_last_hidden_state: Character channel, same shape; the same tensor where the channels merged.
        pooler_output: Pooled token channel, shape (batch, size), if the backbone keeps its pooler.
        character_pooler_output: Pooled character channel.
        hidden_states: Token channel: input of layer 0, then the output of each layer after the interaction.
        character_hidden_states: Character channel; as long as the channels are two.
        attentions: Attention weights of the token channel, by layer.
        character_attentions: Those of the character channel, as long as the channels are two.
    """

    last_hidden_state: Float[Tensor, "batch length size"] | None = None
    character_last_hidden_state: Float[Tensor, "batch length size"] | None = None
    pooler_output: Float[Tensor, "batch size"] | None = None
    character_pooler_output: Float[Tensor, "batch size"] | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    character_hidden_states: tuple[Tensor, ...] | None = None
    attentions: tuple[Tensor, ...] | None = None
    character_attentions: tuple[Tensor, ...] | None = None


@dataclass
class CharBertPreTrainingOutput(ModelOutput):
    """Losses and scores of pre-training.

    Attributes:
        loss: Sum of both losses.
        mlm_loss: Masked LM, on the token channel.
        nlm_loss: Noisy LM, on the character channel.
        logits: Scores over tokens, shape (batch, length, vocabulary).
        word_logits: Scores over words, shape (batch, length, word vocabulary); None where words are recognised.
        words: The words predicted, by number, one a score; where words are recognised one a label, -1 for the word's
            own tokens.
        last_hidden_state: Token channel, shape (batch, length, size).
        character_last_hidden_state: Character channel, same shape.
        hidden_states: Token channel, by layer.
        character_hidden_states: Character channel, by layer.
    """

    loss: Float[Tensor, ""] | None = None
    mlm_loss: Float[Tensor, ""] | None = None
    nlm_loss: Float[Tensor, ""] | None = None
    logits: Float[Tensor, "*positions vocabulary"] | None = None
    word_logits: Float[Tensor, "*word_positions words"] | None = None
    words: Int[Tensor, "*word_positions"] | None = None
    last_hidden_state: Float[Tensor, "batch length size"] | None = None
    character_last_hidden_state: Float[Tensor, "batch length size"] | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    character_hidden_states: tuple[Tensor, ...] | None = None
