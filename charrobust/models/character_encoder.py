"""From characters to token vectors: a bidirectional GRU, its states at each token's ends (paper, equations 1, 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .characters import BLANK, CharacterSequences
from .configuration import CharBertConfig
from .recurrence import at_places, mirrored, run_gru
from .shapes import Float, Int


class CharacterEncoder(nn.Module):
    """Character embeddings and a GRU in each direction; a token is the states at its first and last character.

    The directions are two modules, so that the backward one can start at the end of the text and not of its padding.
    """

    def __init__(self, config: CharBertConfig, size: int) -> None:
        """Build the encoder.

        Args:
            config: The configuration.
            size: Size of the token vectors; a quarter of it is the size of the GRU in one direction.

        Raises:
            ValueError: The size has no quarter.
        """
        super().__init__()
        if size % 4:
            raise ValueError(f"the size of character vectors must be a multiple of 4, got {size}")
        self.padding = config.padding
        self.embedding = nn.Embedding(len(config.characters), config.character_embedding_size, padding_idx=BLANK)
        self.forward_rnn = nn.GRU(config.character_embedding_size, size // 4, batch_first=True)
        self.backward_rnn = nn.GRU(config.character_embedding_size, size // 4, batch_first=True)

    def forward(self, sequences: CharacterSequences) -> Float[Tensor, "batch tokens size"]:
        """Encode sequences of characters.

        Args:
            sequences: The characters of texts, and where in them each token begins and ends.

        Returns:
            Token vectors, shape (batch, tokens, size).
        """
        embedded = self.embedding(sequences.characters)
        forward_states = run_gru(self.forward_rnn, embedded)
        # The backward direction is a forward network over the mirrored text, whose states are mirrored back.
        mirror = self._mirror(sequences)
        mirrored_states = run_gru(self.backward_rnn, at_places(embedded, mirror))
        backward_states = at_places(mirrored_states, mirror)
        # Quarters in the order of the published weights: both directions at the start, then both at the end.
        quarters = [
            at_places(forward_states, sequences.start),
            at_places(backward_states, sequences.start),
            at_places(forward_states, sequences.end),
            at_places(backward_states, sequences.end),
        ]
        return torch.cat(quarters, dim=-1)

    def words(self, characters: Int[Tensor, "tokens characters"]) -> Float[Tensor, "tokens size"]:
        """Encode tokens one by one.

        Args:
            characters: Character ids of each token, the blank behind them, shape (tokens, characters).

        Returns:
            Token vectors, shape (tokens, size).
        """
        # A token without characters is one blank, so that it too has a first and a last character.
        lengths = (characters != BLANK).sum(-1).clamp(min=1)
        # Each token is a text of its own, with one token in it: starts and ends have the shape (tokens, 1).
        first = torch.zeros_like(lengths).unsqueeze(-1)
        last = (lengths - 1).unsqueeze(-1)
        vectors: Tensor = self(CharacterSequences(characters, start=first, end=last, lengths=lengths))
        return vectors.squeeze(1)

    def _mirror(self, sequences: CharacterSequences) -> Int[Tensor, "batch characters"]:
        """Return where each place lies after turning round: within the text alone, or padding and all."""
        count = sequences.characters.size(1)
        if self.padding == "released":
            # The backward direction of the published models starts at the end of the padding.
            return count - 1 - torch.arange(count, device=sequences.characters.device).expand_as(sequences.characters)
        return mirrored(sequences.lengths, count)
