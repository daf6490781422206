"""From the characters of a word to its vector without recurrence: convolutions of several widths, highway, projection.

The character encoder of ELMo (Peters et al., Deep contextualized word representations, NAACL 2018) and of Kim, Jernite,
Sontag, Rush (Character-aware neural language models, AAAI 2016), in small.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .characters import BLANK
from .configuration import CharBertConfig
from .shapes import Float, Int

# How many filters there are of each width: more of the wider ones, which tell more strings apart.
FILTERS = {1: 32, 2: 32, 3: 64, 4: 128, 5: 128, 6: 128}


# Layers of types of their own, since new weights are told by the type of the layer that holds them.
class Letters(nn.Embedding):
    """Character embeddings."""


class Filters(nn.Conv1d):
    """Filters of one width."""


class Dense(nn.Linear):
    """A linear layer."""


class Highway(nn.Module):
    """A layer that lets part of its input through unchanged (Srivastava, Greff, Schmidhuber, 2015)."""

    def __init__(self, size: int) -> None:
        """Build the layer.

        Args:
            size: Size of its input and output.
        """
        super().__init__()
        self.new = Dense(size, size)
        self.carry = Dense(size, size)

    def forward(self, states: Float[Tensor, "words size"]) -> Float[Tensor, "words size"]:
        """Return the mean of the input and of what the layer makes of it, weighted number by number.

        Args:
            states: Shape (words, size).

        Returns:
            Shape (words, size).
        """
        return torch.lerp(functional.relu(self.new(states)), states, torch.sigmoid(self.carry(states)))


class CharacterCnn(nn.Module):
    """Character embeddings, the strongest answer of each filter anywhere in a word, a highway layer, a projection."""

    def __init__(self, config: CharBertConfig, size: int) -> None:
        """Build the encoder.

        Args:
            config: The configuration.
            size: Size of the word vectors.
        """
        super().__init__()
        self.embedding = Letters(len(config.characters), config.character_embedding_size, padding_idx=BLANK)
        # As wide as a filter less one on both sides: each filter also sees where a word begins and ends.
        self.filters = nn.ModuleList(
            Filters(config.character_embedding_size, count, width, padding=width - 1)
            for width, count in FILTERS.items()
        )
        count = sum(FILTERS.values())
        self.highway = Highway(count)
        self.projection = Dense(count, size)

    def words(self, characters: Int[Tensor, "tokens characters"]) -> Float[Tensor, "tokens size"]:
        """Encode tokens one by one.

        Args:
            characters: Character ids of each token, the blank behind them, shape (tokens, characters).

        Returns:
            Token vectors, shape (tokens, size).
        """
        written = characters != BLANK
        # A token without characters is one blank.
        lengths = written.sum(-1, keepdim=True).clamp(min=1)
        # Zeros behind a token, as beyond the ends of the row: its vector does not depend on the longest one's length.
        embedded = (self.embedding(characters) * written.unsqueeze(-1)).transpose(1, 2)
        strongest = []
        for layer, width in zip(self.filters, FILTERS, strict=True):
            answers = layer(embedded)
            # Answers to zeros alone are left out, for their number does depend on it.
            places = torch.arange(answers.size(-1), device=characters.device)
            beyond = (places >= lengths + width - 1).unsqueeze(1)
            strongest.append(answers.masked_fill(beyond, float("-inf")).amax(-1))
        vectors: Tensor = self.projection(self.highway(functional.relu(torch.cat(strongest, dim=-1))))
        return vectors
