"""Running a GRU, also where ``torch.export`` records the call and the number of steps is to stay free."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from .recording import is_exported
from .shapes import Float, Int


def run_gru(gru: nn.GRU, inputs: Float[Tensor, "batch steps features"]) -> Float[Tensor, "batch steps hidden"]:
    """Return the states of a GRU of one layer and direction, which starts at zero.

    Args:
        gru: The network, with the batch first.
        inputs: Shape (batch, steps, features).

    Returns:
        The state after each step, shape (batch, steps, hidden).

    Raises:
        RuntimeError: The call is exported, and this version of PyTorch cannot export it.
    """
    if is_exported():
        return _scan_gru(gru, inputs)
    states, _ = gru(inputs)
    return cast(Tensor, states)


def mirrored(lengths: Int[Tensor, " batch"], count: int) -> Int[Tensor, "batch count"]:
    """Return where each place lies when every text is turned round within itself.

    Padding stays where it is, behind the text: a state never sees what comes after it, so none leaks in. Turning twice
    gives every place back, so that one map serves both ways.

    Args:
        lengths: Places of each text, shape (batch,).
        count: Places with padding.

    Returns:
        Shape (batch, count).
    """
    places = torch.arange(count, device=lengths.device).expand(lengths.size(0), -1)
    turned = lengths.unsqueeze(1) - 1 - places  # negative in padding
    return torch.where(turned >= 0, turned, places)


def at_places(states: Float[Tensor, "batch n size"], places: Int[Tensor, "batch m"]) -> Float[Tensor, "batch m size"]:
    """Gather states at places.

    Args:
        states: Shape (batch, n, size).
        places: Shape (batch, m).

    Returns:
        Shape (batch, m, size).
    """
    # `gather` wants an index for each number: a place is repeated over the size without a copy.
    return states.gather(1, places.unsqueeze(-1).expand(-1, -1, states.size(-1)))


def _scan_gru(gru: nn.GRU, inputs: Float[Tensor, "batch steps features"]) -> Float[Tensor, "batch steps hidden"]:
    """Run a GRU as a loop of the exported program.

    ``torch.export`` unrolls ``nn.GRU``, and so would fix the number of steps. The equations are those in its
    documentation; all inputs are multiplied at once, in front of the loop.

    Raises:
        RuntimeError: This PyTorch has no such loop.
    """
    try:
        from torch._higher_order_ops.scan import scan
    except ImportError as error:
        raise RuntimeError(
            f"PyTorch {torch.__version__} has no loop over a free number of steps, which exporting a character "
            "channel needs; expected 2.6 or later: upgrade it, or use torch.jit.trace"
        ) from error
    weights = dict(gru.named_parameters())
    hidden_weight, hidden_bias = weights["weight_hh_l0"], weights["bias_hh_l0"]
    # Steps first, as the loop runs over the first axis; shape (steps, batch, 3 * hidden), the three gates side by side.
    from_inputs = functional.linear(inputs, weights["weight_ih_l0"], weights["bias_ih_l0"]).transpose(0, 1)

    def step(state: Tensor, from_input: Tensor) -> tuple[Tensor, Tensor]:
        from_state = functional.linear(state, hidden_weight, hidden_bias)
        input_reset, input_update, input_new = from_input.chunk(3, dim=-1)
        state_reset, state_update, state_new = from_state.chunk(3, dim=-1)
        # PyTorch keeps the gates in the order reset, update, new, and resets the state behind its linear map.
        reset = torch.sigmoid(input_reset + state_reset)
        update = torch.sigmoid(input_update + state_update)
        candidate = torch.tanh(input_new + reset * state_new)
        # The same as (1 - update) * candidate + update * state, with one product less.
        state = candidate + update * (state - candidate)
        return state, state.clone()  # the loop may not hand out one tensor twice

    start = from_inputs.new_zeros(from_inputs.size(1), gru.hidden_size)
    _, states = scan(step, start, from_inputs)
    return cast(Tensor, states).transpose(0, 1)
