"""Heterogeneous interaction: how the two channels exchange what they know, after a layer (paper, section 3.2)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration import CharBertConfig
from .shapes import Float


def convolve(
    token: Float[Tensor, "batch length size"],
    character: Float[Tensor, "batch length size"],
    weight: Float[Tensor, "outputs 2*size 3"],
    bias: Float[Tensor, " outputs"] | None,
) -> Float[Tensor, "batch length outputs"]:
    """Convolve both channels, side by side, with a kernel of width 3 over positions; zeros beyond the ends.

    Args:
        token: Shape (batch, length, size).
        character: Same shape.
        weight: Kernel as of ``nn.Conv1d``, shape (outputs, 2 * size, 3).
        bias: Shape (outputs,).

    Returns:
        Shape (batch, length, outputs).
    """
    # nn.functional.conv1d wants channels in front of positions
    both = torch.cat([token, character], dim=-1).transpose(1, 2)
    return functional.conv1d(both, weight, bias, padding=1).transpose(1, 2)


def without_padding(
    states: Float[Tensor, "batch length size"], mask: Float[Tensor, "batch length 1"] | None
) -> Float[Tensor, "batch length size"]:
    """Return states with zeros at padding, or as they are where padding is let in.

    The convolution then reads at padding what it reads beyond the ends, so a text does not depend on its batch.
    """
    return states if mask is None else states * mask


def epsilon_of(config: CharBertConfig) -> float:
    """Return what layer normalisation adds to variances, as the backbone's own does."""
    body = config.body_config
    of_t5 = getattr(body, "layer_norm_epsilon", 1e-12)  # another name for it
    return float(getattr(body, "layer_norm_eps", of_t5))


class ReleasedInteraction(nn.Module):
    """What the published weights compute.

    Two linear maps without bias, a convolution over both, its output added to both channels, then a LayerNorm each.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.token_linear = nn.Linear(size, size, bias=False)
        self.character_linear = nn.Linear(size, size, bias=False)
        self.convolution = nn.Conv1d(2 * size, size, 3, padding=1)
        epsilon = epsilon_of(config)
        self.token_norm = nn.LayerNorm(size, eps=epsilon)
        self.character_norm = nn.LayerNorm(size, eps=epsilon)
        self._layers = len(config.interacting)
        self._kernel: Tensor | None = None

    def prepare(self, positions: int) -> None:
        """Fold the linear maps into the kernel of the convolution for one call, where that is less work.

        Args:
            positions: Number of positions of the batch, on each of which the maps would run after every layer.
        """
        # Folding runs a map at each of the three places of the kernel, for each of its outputs.
        cost_of_folding = 3 * self.token_linear.out_features
        if positions * self._layers > cost_of_folding:
            self._kernel = self._folded_kernel()

    def release(self) -> None:
        """Forget the kernel of a call."""
        self._kernel = None

    def forward(
        self,
        token: Float[Tensor, "batch length size"],
        character: Float[Tensor, "batch length size"],
        mask: Float[Tensor, "batch length 1"] | None,
    ) -> tuple[Float[Tensor, "batch length size"], Float[Tensor, "batch length size"]]:
        """Let the channels interact.

        Args:
            token: States of the token channel, shape (batch, length, size).
            character: States of the character channel, same shape.
            mask: 1 where there is a token and 0 at padding, shape (batch, length, 1); None lets padding in.

        Returns:
            The new states of both channels.
        """
        token_sent, character_sent = without_padding(token, mask), without_padding(character, mask)
        kernel = self._kernel
        if kernel is None:
            token_sent, character_sent = self.token_linear(token_sent), self.character_linear(character_sent)
            kernel = self.convolution.weight
        message = convolve(token_sent, character_sent, weight=kernel, bias=self.convolution.bias)
        return self.token_norm(token + message), self.character_norm(character + message)

    def _folded_kernel(self) -> Float[Tensor, "size 2*size 3"]:
        """Return a kernel that does at once what the linear maps and the convolution behind them do.

        Without bias and nonlinearity between them, both are one linear map; its inner sum runs over the hidden h.
        """
        # Inputs of the kernel are the token channel's size first, as `convolve` lays both side by side.
        token_kernel, character_kernel = self.convolution.weight.chunk(2, dim=1)
        # o: outputs, h: what the map hands to the convolution, i: inputs of the map, k: the three places of the kernel.
        folded_token = torch.einsum("ohk,hi->oik", token_kernel, self.token_linear.weight)
        folded_character = torch.einsum("ohk,hi->oik", character_kernel, self.character_linear.weight)
        return torch.cat([folded_token, folded_character], dim=1)


class PaperInteraction(nn.Module):
    """Equations 3 to 6 of the paper: fuse with biases and tanh, divide with GELU, residual, LayerNorm."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.token_linear, self.character_linear = nn.Linear(size, size), nn.Linear(size, size)
        self.convolution = nn.Conv1d(2 * size, size, 3, padding=1)
        self.token_divide, self.character_divide = nn.Linear(size, size), nn.Linear(size, size)
        epsilon = epsilon_of(config)
        self.token_norm, self.character_norm = nn.LayerNorm(size, eps=epsilon), nn.LayerNorm(size, eps=epsilon)

    def forward(
        self,
        token: Float[Tensor, "batch length size"],
        character: Float[Tensor, "batch length size"],
        mask: Float[Tensor, "batch length 1"] | None,
    ) -> tuple[Float[Tensor, "batch length size"], Float[Tensor, "batch length size"]]:
        """Let the channels interact; arguments and result as for :class:`ReleasedInteraction`."""
        # Masked behind the maps, whose biases would put something at padding.
        token_sent = without_padding(self.token_linear(token), mask)
        character_sent = without_padding(self.character_linear(character), mask)
        fused = torch.tanh(
            convolve(token_sent, character_sent, weight=self.convolution.weight, bias=self.convolution.bias)
        )
        token_message = functional.gelu(self.token_divide(fused))
        character_message = functional.gelu(self.character_divide(fused))
        return self.token_norm(token + token_message), self.character_norm(character + character_message)


class GatedInteraction(nn.Module):
    """Ours: the token channel takes what it is sent through a gate that starts at zero.

    A pretrained encoder is thus left as it is before training starts. The character channel is fused as in the
    released model.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.convolution = nn.Conv1d(2 * size, size, 3, padding=1)
        self.token_output = nn.Linear(size, size)
        # The gate alone is zero, and not the map before it: with both at zero, neither would get a gradient.
        self.token_gate = nn.Parameter(torch.zeros(size))
        self.character_norm = nn.LayerNorm(size, eps=epsilon_of(config))

    def forward(
        self,
        token: Float[Tensor, "batch length size"],
        character: Float[Tensor, "batch length size"],
        mask: Float[Tensor, "batch length 1"] | None,
    ) -> tuple[Float[Tensor, "batch length size"], Float[Tensor, "batch length size"]]:
        """Let the channels interact; arguments and result as for :class:`ReleasedInteraction`."""
        token_sent, character_sent = without_padding(token, mask), without_padding(character, mask)
        message = functional.gelu(
            convolve(token_sent, character_sent, weight=self.convolution.weight, bias=self.convolution.bias)
        )
        return token + self.token_gate * self.token_output(message), self.character_norm(character + message)


class HighwayInteraction(nn.Module):
    """Ours: each channel becomes a mean of both, weighted at each position, or stays as long as its gate is zero.

    States thus stay where the backbone's layers expect them, whichever channel a position follows. After Srivastava,
    Greff, Schmidhuber: Highway Networks, 2015.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(3 * config.hidden_size, 2, 3, padding=1)
        self.gate = nn.Parameter(torch.zeros(2))

    def forward(
        self,
        token: Float[Tensor, "batch length size"],
        character: Float[Tensor, "batch length size"],
        mask: Float[Tensor, "batch length 1"] | None,
    ) -> tuple[Float[Tensor, "batch length size"], Float[Tensor, "batch length size"]]:
        """Let the channels interact; arguments and result as for :class:`ReleasedInteraction`."""
        # The product tells where the channels agree, which a linear map of both side by side cannot.
        sent = without_padding(torch.cat([token, character, token * character], dim=-1), mask)
        # Two weights a position, one for each channel, shape (batch, length, 2).
        weights = torch.sigmoid(self.convolution(sent.transpose(1, 2))).transpose(1, 2) * self.gate
        # a mean of both channels, written so that a weight of zero leaves a channel exactly as it was
        difference = character - token
        # Each channel moves towards the other, hence the signs; slices keep the last axis for broadcasting.
        return token + weights[..., :1] * difference, character - weights[..., 1:] * difference


class GatedMerge(nn.Module):
    """Make one channel of two: the token channel plus a map of the character channel that starts at zero."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(size, size)
        self.gate = nn.Parameter(torch.zeros(size))

    def forward(
        self, token: Float[Tensor, "batch length size"], character: Float[Tensor, "batch length size"]
    ) -> Float[Tensor, "batch length size"]:
        """Merge states of shape (batch, length, size)."""
        return token + self.gate * cast(Tensor, self.linear(character))


INTERACTIONS: dict[str, type[nn.Module]] = {
    "released": ReleasedInteraction,
    "paper": PaperInteraction,
    "gated": GatedInteraction,
    "highway": HighwayInteraction,
}
