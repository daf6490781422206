"""Context of words: what the words before and behind a word make likely in its place.

The characters of a typo often fit several words; which one was meant, the text tells. The paper's character encoder
runs over the characters of the whole input (Ma et al., COLING 2020, equation 1); here a recurrent network runs over
words, as they were recognised by their characters before. It says what is expected in the place of each as a vector
that known words fit by their embeddings: words of like meaning together, where keys tell how words are spelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .recording import is_recorded
from .recurrence import at_places, mirrored, run_gru
from .shapes import Bool, Float, Int


@dataclass(frozen=True)
class WordOrder:
    """The words of texts in order, found by the tokens that begin them.

    Attributes:
        first: The token that begins each word, in front; behind them the other tokens, shape (batch, words).
        number: The number in its text of the word that each token belongs to, shape (batch, length).
        count: How many words each text has, shape (batch,).
    """

    first: Int[Tensor, "batch words"]
    number: Int[Tensor, "batch length"]
    count: Int[Tensor, " batch"]

    @classmethod
    def of(cls, begins: Bool[Tensor, "batch length"]) -> WordOrder:
        """Find the words.

        Args:
            begins: Whether a token begins a word, shape (batch, length); padding begins none.

        Returns:
            Their order.
        """
        # Stable: what begins a word comes first, and stays in the order of the text.
        first = torch.argsort((~begins).to(torch.int8), dim=1, stable=True)
        count = begins.long().sum(1)
        if not is_recorded():
            first = first[:, : max(1, int(count.max()))]
        # In front of the first word there is none: such tokens are counted to it, and nobody asks for them.
        return cls(first, (begins.long().cumsum(1) - 1).clamp(min=0), count)


class Silent(nn.Linear):
    """A linear layer whose weights begin as zeros: it says nothing until it is trained."""


class WordContext(nn.Module):
    """Reads the words before and behind each word, and says what they make likely in its place."""

    def __init__(self, embedding: int, size: int) -> None:
        """Build the network; new, it says nothing.

        Args:
            embedding: Size of the backbone's word embeddings.
            size: Its own size in each direction.
        """
        super().__init__()
        self.read = nn.Linear(embedding, size)
        self.forward_rnn = nn.GRU(size, size, batch_first=True)
        self.backward_rnn = nn.GRU(size, size, batch_first=True)
        # What is expected, and what speaks for keeping a word's own tokens.
        self.expects = Silent(2 * size, embedding + 1)

    def forward(
        self, embeddings: Float[Tensor, "batch words embedding"], order: WordOrder
    ) -> tuple[Float[Tensor, "batch words embedding"], Float[Tensor, "batch words 1"]]:
        """Return what the text expects in the place of each word, and what it adds to the word's score for keeping.

        Args:
            embeddings: Those of the words in order, as each is recognised alone, shape (batch, words, embedding).
            order: The words.

        Returns:
            Shapes (batch, words, embedding) and (batch, words, 1).
        """
        seen = functional.gelu(self.read(embeddings))
        before = _shifted(run_gru(self.forward_rnn, seen))
        # Mirrored within each text, so that the backward direction begins at its end and not at that of the padding.
        mirror = mirrored(order.count, seen.size(1))
        behind = at_places(_shifted(run_gru(self.backward_rnn, at_places(seen, mirror))), mirror)
        expected = self.expects(torch.cat([before, behind], dim=-1))
        return expected[..., :-1], expected[..., -1:]


def fit(
    expected: Float[Tensor, "*words embedding"], known: Float[Tensor, "*words candidates embedding"]
) -> Float[Tensor, "*words candidates"]:
    """Return how well known words fit what is expected in some places.

    Args:
        expected: Shape (..., embedding).
        known: Embeddings of known words, shape (..., candidates, embedding).

    Returns:
        Shape (..., candidates).
    """
    # By direction: frequent words have short embeddings, and what speaks for them is in their biases.
    return torch.einsum("...ce,...e->...c", functional.normalize(known, dim=-1), expected)


def expectation_loss(
    expected: Float[Tensor, "places embedding"],
    embeddings: Float[Tensor, "known embedding"],
    target: Int[Tensor, " places"],
) -> Float[Tensor, ""]:
    """Return how surprising words are in their places, told from the other words of the batch.

    Args:
        expected: Shape (places, embedding).
        embeddings: Those of the distinct words of the batch, shape (known, embedding).
        target: Which of these stands in each place, shape (places,).

    Returns:
        The mean cross-entropy, shape (); 0 where there is no place.
    """
    scores = expected @ functional.normalize(embeddings, dim=-1).T
    return functional.cross_entropy(scores.float(), target, reduction="sum") / max(1, len(target))


def _shifted(states: Float[Tensor, "batch words size"]) -> Float[Tensor, "batch words size"]:
    """Return for each word the state in front of it: that behind the word before."""
    return functional.pad(states, (0, 0, 1, 0))[:, :-1]
