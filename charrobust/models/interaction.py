"""Heterogeneous interaction: how the two channels exchange what they know, after a layer (paper, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration import CharBertConfig


class Convolution(nn.Conv1d):
    """A convolution of width 3 over positions, written as one matrix product."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)

    def forward(self, states: Tensor) -> Tensor:
        """Convolve.

        Args:
            states: Shape (batch, length, inputs).

        Returns:
            Shape (batch, length, outputs).
        """
        return convolve(states, self.weight, self.bias)


def convolve(states: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Convolve positions with a kernel of width 3, zeros beyond the ends.

    Args:
        states: Shape (batch, length, inputs).
        weight: Shape (outputs, inputs, 3).
        bias: Shape (outputs,).
    """
    padded = functional.pad(states, (0, 0, 1, 1))
    length = states.size(1)
    windows = torch.cat([padded[:, shift : shift + length] for shift in range(3)], dim=-1)
    return functional.linear(windows, weight.permute(0, 2, 1).reshape(weight.size(0), -1), bias)


class ReleasedInteraction(nn.Module):
    """What the published weights compute.

    Two linear maps without bias, a convolution over both, its output added to both channels, then a LayerNorm each.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.token_linear = nn.Linear(size, size, bias=False)
        self.character_linear = nn.Linear(size, size, bias=False)
        self.convolution = Convolution(2 * size, size)
        epsilon = getattr(config.backbone_config, "layer_norm_eps", 1e-12)
        self.token_norm = nn.LayerNorm(size, eps=epsilon)
        self.character_norm = nn.LayerNorm(size, eps=epsilon)
        self._kernel: Tensor | None = None

    def prepare(self) -> None:
        """Fold the linear maps into the kernel of the convolution, once for all layers of a call."""
        kernel, half = self.convolution.weight, self.token_linear.weight.size(0)
        maps = (self.token_linear.weight, self.character_linear.weight)
        parts = (kernel[:, :half], kernel[:, half:])
        self._kernel = torch.cat(
            [torch.einsum("ohk,hi->oik", part, linear) for part, linear in zip(parts, maps, strict=True)], dim=1
        )

    def release(self) -> None:
        """Forget the folded kernel, which belongs to one call."""
        self._kernel = None

    def forward(self, token: Tensor, character: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Let the channels interact.

        Args:
            token: States of the token channel, shape (batch, length, size).
            character: States of the character channel, same shape.
            mask: 1 where there is a token and 0 at padding, shape (batch, length, 1); None lets padding in.

        Returns:
            The new states of both channels.
        """
        both = torch.cat([token, character], dim=-1)
        if mask is not None:
            both = both * mask
        if self._kernel is None:
            self.prepare()
        message = convolve(both, self._kernel, self.convolution.bias)
        return self.token_norm(token + message), self.character_norm(character + message)


class PaperInteraction(nn.Module):
    """Equations 3 to 6 of the paper: fuse with biases and tanh, divide with GELU, residual, LayerNorm."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.token_linear, self.character_linear = nn.Linear(size, size), nn.Linear(size, size)
        self.convolution = Convolution(2 * size, size)
        self.token_divide, self.character_divide = nn.Linear(size, size), nn.Linear(size, size)
        epsilon = getattr(config.backbone_config, "layer_norm_eps", 1e-12)
        self.token_norm, self.character_norm = nn.LayerNorm(size, eps=epsilon), nn.LayerNorm(size, eps=epsilon)

    def forward(self, token: Tensor, character: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Let the channels interact; arguments and result as for :class:`ReleasedInteraction`."""
        both = torch.cat([self.token_linear(token), self.character_linear(character)], dim=-1)
        if mask is not None:
            both = both * mask
        message = torch.tanh(self.convolution(both))
        return (
            self.token_norm(token + functional.gelu(self.token_divide(message))),
            self.character_norm(character + functional.gelu(self.character_divide(message))),
        )


class GatedInteraction(nn.Module):
    """Ours: the token channel takes what it is sent through a gate that starts at zero.

    A pretrained encoder is thus left as it is before training starts. The character channel is fused as in the
    released model.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.convolution = Convolution(2 * size, size)
        self.token_output = nn.Linear(size, size)
        self.token_gate = nn.Parameter(torch.zeros(size))
        self.character_norm = nn.LayerNorm(size, eps=getattr(config.backbone_config, "layer_norm_eps", 1e-12))

    def forward(self, token: Tensor, character: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Let the channels interact; arguments and result as for :class:`ReleasedInteraction`."""
        both = torch.cat([token, character], dim=-1)
        if mask is not None:
            both = both * mask
        message = functional.gelu(self.convolution(both))
        return token + self.token_gate * self.token_output(message), self.character_norm(character + message)


INTERACTIONS: dict[str, type[nn.Module]] = {
    "released": ReleasedInteraction,
    "paper": PaperInteraction,
    "gated": GatedInteraction,
}
