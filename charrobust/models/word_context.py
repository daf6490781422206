"""Context of words: what the words before and behind a word make likely in its place.

The characters of a typo often fit several words; which one was meant, the text tells. The paper's character encoder
runs over the characters of the whole input (Ma et al., COLING 2020, equation 1); here a recurrent network runs over
words, whose characters were read one by one before.
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

    def __init__(self, embedding: int, key: int, size: int) -> None:
        """Build the network; new, it says nothing.

        Args:
            embedding: Size of the backbone's word embeddings.
            key: Size of the vectors by which known words are looked up.
            size: Its own size in each direction.
        """
        super().__init__()
        self.own = nn.Linear(embedding, size, bias=False)
        self.read = nn.Linear(key, size)
        self.forward_rnn = nn.GRU(size, size, batch_first=True)
        self.backward_rnn = nn.GRU(size, size, batch_first=True)
        # Of keys, and of keeping a word's own tokens.
        self.query = Silent(2 * size, key + 1)

    def forward(
        self,
        embeddings: Float[Tensor, "batch length embedding"],
        queries: Float[Tensor, "batch length key"],
        order: WordOrder,
    ) -> tuple[Float[Tensor, "batch length key"], Float[Tensor, "batch length 1"]]:
        """Return what is added to the query of each token's word, and to its score for keeping its own tokens.

        Args:
            embeddings: The backbone's embeddings of the tokens, shape (batch, length, embedding).
            queries: What the characters of each token's word ask for, shape (batch, length, key).
            order: The words.

        Returns:
            Shapes (batch, length, key) and (batch, length, 1).
        """
        seen = functional.gelu(
            self.own(at_places(embeddings, order.first)) + self.read(at_places(queries, order.first))
        )
        before = _shifted(run_gru(self.forward_rnn, seen))
        # Mirrored within each text, so that the backward direction begins at its end and not at that of the padding.
        mirror = mirrored(order.count, seen.size(1))
        behind = at_places(_shifted(run_gru(self.backward_rnn, at_places(seen, mirror))), mirror)
        said = self.query(torch.cat([before, behind], dim=-1))
        said = at_places(said, order.number.clamp(max=said.size(1) - 1))
        return said[..., :-1], said[..., -1:]


def _shifted(states: Float[Tensor, "batch words size"]) -> Float[Tensor, "batch words size"]:
    """Return for each word the state in front of it: that behind the word before."""
    return functional.pad(states, (0, 0, 1, 0))[:, :-1]
