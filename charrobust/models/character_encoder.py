"""From characters to token vectors: a bidirectional GRU, its states at each token's ends (paper, equations 1, 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .configuration import CharBertConfig


class CharacterEncoder(nn.Module):
    """Character embeddings and a GRU in each direction; a token is the states at its first and last character.

    The directions are two modules, so that the backward one can start at the end of the text and not of its padding.
    """

    def __init__(self, config: CharBertConfig, size: int) -> None:
        """Build the encoder.

        Args:
            config: The configuration.
            size: Size of the token vectors; a quarter of it is the size of the GRU in one direction.
        """
        super().__init__()
        if size % 4:
            raise ValueError(f"the size of character vectors must be a multiple of 4, got {size}")
        self.padding = config.padding
        self.embedding = nn.Embedding(len(config.character_vocabulary), config.character_embedding_size, padding_idx=0)
        self.forward_rnn = nn.GRU(config.character_embedding_size, size // 4, batch_first=True)
        self.backward_rnn = nn.GRU(config.character_embedding_size, size // 4, batch_first=True)

    def forward(self, characters: Tensor, start: Tensor, end: Tensor, lengths: Tensor) -> Tensor:
        """Encode sequences of characters.

        Args:
            characters: Character ids, shape (batch, characters).
            start: Place of each token's first character, shape (batch, tokens).
            end: Place of its last.
            lengths: Number of characters of each sequence, padding not counted, shape (batch,).

        Returns:
            Token vectors, shape (batch, tokens, size).
        """
        embedded = self.embedding(characters)
        onward, _ = self.forward_rnn(embedded)
        mirror = self._mirror(characters, lengths)
        backward, _ = self.backward_rnn(_at(embedded, mirror))
        backward = _at(backward, mirror)
        return torch.cat([_at(states, places) for places in (start, end) for states in (onward, backward)], dim=-1)

    def words(self, characters: Tensor) -> Tensor:
        """Encode tokens one by one.

        Args:
            characters: Character ids of each token, the blank behind them, shape (tokens, characters).

        Returns:
            Token vectors, shape (tokens, size).
        """
        lengths = (characters != 0).sum(-1).clamp(min=1)
        first = torch.zeros_like(lengths).unsqueeze(-1)
        return self(characters, first, (lengths - 1).unsqueeze(-1), lengths).squeeze(1)

    def _mirror(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Return where each place lies after turning round: within the text alone, or padding and all."""
        count = characters.size(1)
        places = torch.arange(count, device=characters.device).expand_as(characters)
        if self.padding == "released":
            return count - 1 - places
        turned = lengths.unsqueeze(1) - 1 - places
        return torch.where(turned >= 0, turned, places)


def _at(states: Tensor, places: Tensor) -> Tensor:
    """Gather states at places; shapes (batch, n, size) and (batch, m) give (batch, m, size)."""
    return states.gather(1, places.unsqueeze(-1).expand(-1, -1, states.size(-1)))
