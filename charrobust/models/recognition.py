"""Soft recognition: from the characters of a word to the embeddings of the known words that it may stand for.

The lexicon holds the words that the backbone has one token for. A word's characters give a query; the known words
nearest to it, and the choice to keep the word's own tokens, share in a mean of embeddings. After Sakaguchi, Duh,
Post, Van Durme: Robsut Wrod Reocginiton, AAAI 2017, with embeddings in place of a hard choice of word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration import CharBertConfig
from .shapes import Bool, Float, Int, Shaped


@dataclass(frozen=True)
class Plausible:
    """The known words that words may stand for, by their characters.

    Attributes:
        words: The best known words, by their number in the lexicon, shape (..., candidates).
        scores: Their scores, same shape.
        keep: The score of the word's own tokens, shape (..., 1).
        single: Whether the word is one token, shape (...).
    """

    words: Int[Tensor, "*words candidates"]
    scores: Float[Tensor, "*words candidates"]
    keep: Float[Tensor, "*words 1"]
    single: Bool[Tensor, "*words"]

    def at(self, place: Shaped[Tensor, "*places"] | tuple[Shaped[Tensor, ...], ...]) -> Plausible:
        """Return those of the words at some places, given by their numbers, one tensor an axis, or by a mask."""
        return Plausible(self.words[place], self.scores[place], self.keep[place], self.single[place])

    def in_context(self, fit: Float[Tensor, "*words candidates"], keep: Float[Tensor, "*words 1"]) -> Plausible:
        """Return the same words with the scores that they have in a text.

        Args:
            fit: How well they fit their text, shape (..., candidates).
            keep: What the text adds to the scores of the words' own tokens, shape (..., 1).

        Returns:
            The words with other scores.
        """
        return replace(self, scores=self.scores + fit, keep=self.keep + keep)

    @property
    def best(self) -> Int[Tensor, "*words"]:
        """The best known word of each, or -1 where its own tokens are better, shape (...)."""
        scores, place = self.scores.max(-1)
        return torch.where(scores > self.keep.squeeze(-1), self.words.gather(-1, place.unsqueeze(-1)).squeeze(-1), -1)


@dataclass(frozen=True)
class Contest:
    """Known words of which one is to be told: some are read anew, and others stand for all the rest.

    Attributes:
        words: Numbers of those that are read anew, in rising order, shape (known,).
        vectors: Character vectors of their spelling, shape (known, size).
        others: Numbers of others, drawn from the rest, shape (others,).
    """

    words: Int[Tensor, " known"]
    vectors: Float[Tensor, "known size"]
    others: Int[Tensor, " others"]


class Direction(nn.Module):
    """Gives all vectors one length, which is learnt: what they ask for then hangs on their direction alone."""

    def __init__(self) -> None:
        super().__init__()
        self.length = nn.Parameter(torch.empty(1))

    def forward(self, vectors: Float[Tensor, "*words key"]) -> Float[Tensor, "*words key"]:
        """Return the vectors, as long as each other; shape (..., key)."""
        return functional.normalize(vectors, dim=-1) * self.length


class SpelledKeys(nn.Module):
    """Keys of known words that are no weights: what a word is looked up by is what its own characters ask for.

    So any words can be known, however many, and words that look alike are near each other before anything is taught.
    The keys are made of the weights by :meth:`charrobust.models.entry.TwoChannelInputs.make_keys`.
    """

    weight: Float[Tensor, "lexicon key"]

    def __init__(self, key: int, size: int) -> None:
        """Hold keys of zeros.

        Args:
            key: Size of a key.
            size: Number of known words.
        """
        super().__init__()
        self.register_buffer("weight", torch.zeros(size, key))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, query: Float[Tensor, "*words key"]) -> Float[Tensor, "*words lexicon"]:
        """Return the score of each known word, shape (..., lexicon)."""
        return functional.linear(query, self.weight, self.bias)


class StoredKeys(nn.Linear):
    """A key of each known word, a weight. Rows are looked up, too, so that dynamic quantisation is to leave it alone.

    It quantises what is a linear layer and no subclass of one.
    """


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
        layers: list[nn.Module] = [nn.Linear(size, 2 * key), nn.GELU(), nn.Linear(2 * key, key)]
        # Both score a query by known words' keys, their weight, and a bias, which speaks for a word whatever is read.
        self.keys: StoredKeys | SpelledKeys
        if config.lexicon_keys == "spelled":
            layers.append(Direction())
            self.keys = SpelledKeys(key, config.lexicon_size)
        else:
            self.keys = StoredKeys(key, config.lexicon_size)
        self.query = nn.Sequential(*layers)
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
        return torch.cat([self.keys(query), self._keep(query, single)], dim=-1)

    def contested(
        self, vectors: Float[Tensor, "words size"], single: Bool[Tensor, " words"], contest: Contest
    ) -> Float[Tensor, "words contest_and_keep"]:
        """Return scores as :meth:`scores`, of some known words alone; gradients reach what their keys are made of.

        Args:
            vectors: Character vectors of words, shape (words, size).
            single: Whether a word is one token, shape (words,).
            contest: The known words.

        Returns:
            Those of the words that are read anew, of the others and of keeping, shape (words, known + others + 1).
        """
        query, bias = self.query(vectors), self.keys.bias
        anew = functional.linear(query, self.query(contest.vectors), bias[contest.words])
        others = functional.linear(query, self.keys.weight[contest.others], bias[contest.others])
        # Each stands for as many of the rest (sampled softmax: Jean et al., ACL 2015).
        rest = len(bias) - len(contest.words)
        others = others + math.log(max(1, rest) / max(1, len(contest.others)))
        return torch.cat([anew, others, self._keep(query, single)], dim=-1)

    def plausible(self, vectors: Float[Tensor, "words size"], single: Bool[Tensor, " words"]) -> Plausible:
        """Return the known words that words may stand for.

        Args:
            vectors: Character vectors of words, shape (words, size).
            single: Whether a word is one token, shape (words,).

        Returns:
            The best of them for each word.
        """
        query = self.query(vectors)
        # Looked up without a graph: going back, the scores of all other words would be a large matrix of zeros.
        with torch.no_grad():
            words = self.keys(query).topk(self.candidates, dim=-1).indices
        keys = functional.embedding(words, self.keys.weight)
        biases = functional.embedding(words, self.keys.bias.unsqueeze(-1)).squeeze(-1)
        scores = torch.einsum("...ck,...k->...c", keys, query) + biases
        return Plausible(words, scores, self._keep(query, single), single)

    def _keep(self, query: Float[Tensor, "words key"], single: Bool[Tensor, " words"]) -> Float[Tensor, "words 1"]:
        # One number, learnt, for words that the backbone has a token for: those are rarely misspelt.
        keep: Tensor = self.keep(query) + self.known * single.unsqueeze(-1).to(query.dtype)
        return keep

    @staticmethod
    def shares(plausible: Plausible) -> tuple[Float[Tensor, "*words candidates"], Float[Tensor, "*words 1"]]:
        """Return how likely each of the known words is, and what is left for the word's own tokens.

        Args:
            plausible: The known words that words may stand for.

        Returns:
            Shapes (..., candidates) and (..., 1); together, they add up to 1.
        """
        # A softmax over the best known words alone: the rest of the lexicon would take next to nothing each, but
        # much in all, and its embeddings would have to be summed too.
        competing = torch.cat([plausible.scores, plausible.keep], dim=-1)
        # in single precision, since half precision loses small shares
        shares = functional.softmax(competing.float(), dim=-1).to(plausible.scores.dtype)
        return shares[..., :-1], shares[..., -1:]


def noisy_lm_loss(
    plausible: Plausible, targets: Int[Tensor, " words"], own: Int[Tensor, " words"]
) -> Float[Tensor, ""]:
    """Return the loss of the noisy language model (Ma et al., COLING 2020, equation 7), over the plausible words.

    Args:
        plausible: The known words that words may stand for, with shapes of (words, ...).
        targets: The number of the word that each was before noise; -1 where its own tokens are right, shape (words,).
        own: The number of the known word that each is as it is read, -1 for none, same shape. It is as right as the
            word's own tokens, which are the same.

    Returns:
        The mean over the words whose target is among the plausible ones, shape (); 0 where there is none.
    """
    scores = torch.cat([plausible.scores, plausible.keep], dim=-1).float()
    stays = (targets < 0).unsqueeze(-1)
    wanted = torch.where(stays, own.unsqueeze(-1), targets.unsqueeze(-1))
    right = torch.cat([plausible.words == wanted, stays], dim=-1)
    # Of several right answers, each may be given: what counts is the probability of them all.
    of_right = scores.masked_fill(~right, torch.finfo(scores.dtype).min).logsumexp(-1)
    losses = scores.logsumexp(-1) - of_right
    reached = right.any(-1)
    return (losses * reached).sum() / reached.sum().clamp(min=1)
