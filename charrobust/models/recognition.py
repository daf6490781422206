"""Soft recognition: from the characters of a word to the embeddings of the known words that it may stand for.

The lexicon holds the words that the backbone has one token for. A word's characters give a query; the known words
nearest to it, and the choice to keep the word's own tokens, share in a mean of embeddings. After Sakaguchi, Duh,
Post, Van Durme: Robsut Wrod Reocginiton, AAAI 2017, with embeddings in place of a hard choice of word.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration import CharBertConfig


class Recogniser(nn.Module):
    """Scores the words of the lexicon for the characters of a word."""

    def __init__(self, config: CharBertConfig, size: int) -> None:
        """Build the recogniser.

        Args:
            config: The configuration.
            size: Size of the character vectors.
        """
        super().__init__()
        key = config.lexicon_key_size
        self.candidates = min(config.lexicon_candidates, config.lexicon_size)
        self.query = nn.Sequential(nn.Linear(size, 2 * key), nn.GELU(), nn.Linear(2 * key, key))
        self.keys = nn.Linear(key, config.lexicon_size)
        self.keep = nn.Linear(key, 1)
        self.known = nn.Parameter(torch.zeros(1))

    def scores(self, vectors: Tensor, single: Tensor) -> Tensor:
        """Return a score for each known word, and behind them one for keeping the word's own tokens.

        Args:
            vectors: Character vectors of words, shape (words, size).
            single: Whether a word is one token, shape (words,).

        Returns:
            Shape (words, lexicon + 1).
        """
        query = self.query(vectors)
        keep = self.keep(query) + self.known * single.unsqueeze(-1).to(query.dtype)
        return torch.cat([self.keys(query), keep], dim=-1)

    def forward(self, vectors: Tensor, single: Tensor, lexicon: Tensor, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean embedding of the likely words, weighted by how likely they are.

        Args:
            vectors: Character vectors of words, shape (words, size).
            single: Whether a word is one token, shape (words,).
            lexicon: Tokens of the known words, shape (lexicon,).
            embeddings: Embeddings of tokens, shape (vocabulary, embedding).

        Returns:
            The weighted sum, shape (words, embedding), and what is left for the word's own tokens, shape (words, 1).
        """
        scores = self.scores(vectors, single)
        best, words = scores[:, :-1].topk(self.candidates, dim=-1)
        shares = functional.softmax(torch.cat([best, scores[:, -1:]], dim=-1).float(), dim=-1).to(vectors.dtype)
        likely = functional.embedding(lexicon[words], embeddings)
        return torch.einsum("wc,wce->we", shares[:, :-1], likely), shares[:, -1:]
