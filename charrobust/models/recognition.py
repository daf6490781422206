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
from .shapes import Bool, Float, Int


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
        # As a linear layer: its rows are the known words' keys, and its bias what speaks for a word whatever is read.
        self.keys = nn.Linear(key, config.lexicon_size)
        self.keep = nn.Linear(key, 1)
        self.known = nn.Parameter(torch.zeros(1))

    def scores(
        self, vectors: Float[Tensor, "words size"], single: Bool[Tensor, " words"]
    ) -> Float[Tensor, "words lexicon_and_keep"]:
        """Return a score for each known word, and behind them one for keeping the word's own tokens.

        Args:
            vectors: Character vectors of words, shape (words, size).
            single: Whether a word is one token, shape (words,).

        Returns:
            Shape (words, lexicon + 1).
        """
        query = self.query(vectors)
        # One number, learnt, for words that the backbone has a token for: those are rarely misspelt.
        keep = self.keep(query) + self.known * single.unsqueeze(-1).to(query.dtype)
        return torch.cat([self.keys(query), keep], dim=-1)

    def forward(
        self,
        vectors: Float[Tensor, "words size"],
        *,
        single: Bool[Tensor, " words"],
        lexicon: Int[Tensor, " lexicon"],
        embeddings: Float[Tensor, "vocabulary embedding"],
    ) -> tuple[Float[Tensor, "words embedding"], Float[Tensor, "words 1"]]:
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
        keep_score = scores[:, -1:]
        # A softmax over the best known words alone: the rest of the lexicon would take next to nothing each, but
        # much in all, and its embeddings would have to be summed too.
        best_scores, best_words = scores[:, :-1].topk(self.candidates, dim=-1)
        competing = torch.cat([best_scores, keep_score], dim=-1)
        # in single precision, since half precision loses small shares
        shares = functional.softmax(competing.float(), dim=-1).to(vectors.dtype)
        word_shares, keep_share = shares[:, :-1], shares[:, -1:]
        # Shape (words, candidates, embedding); of the encoder's own embedding, which gradients reach if it is trained.
        candidates = functional.embedding(lexicon[best_words], embeddings)
        return torch.einsum("wc,wce->we", word_shares, candidates), keep_share
