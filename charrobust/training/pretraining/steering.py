"""The optimiser of a warm start, and its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from charrobust.errors import UserError
from charrobust.files import replacing
from charrobust.models.weights import check_finite

_STEP = "step"
_MOMENTS = ("exp_avg", "exp_avg_sq")  # as AdamW names them


class Steering:
    """AdamW over the character encoder and the recogniser; its learning rate rises, then falls to zero."""

    def __init__(self, body: Any, learning_rate: float, steps: int) -> None:
        """Begin at step 0.

        Args:
            body: A CharBERT model that recognises words.
            learning_rate: The highest.
            steps: Number of steps.
        """
        self._weights: dict[str, nn.Parameter] = {}
        # Keys that are made of weights now and then.
        self._made: dict[str, Tensor] = {}
        for part in ("character_encoder", "recogniser"):
            self._weights |= dict(getattr(body, part).named_parameters(part))
            self._made |= dict(getattr(body, part).named_buffers(part))
        self._optimizer = torch.optim.AdamW(self._weights.values(), lr=learning_rate, weight_decay=0.0)
        self._highest, self._steps, self._step = learning_rate, steps, 0

    def follow(self, loss: Tensor) -> None:
        """Take a step down a loss.

        Args:
            loss: Shape ().
        """
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        # As usual for recurrent networks, whose gradients have rare and high peaks.
        nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        self._optimizer.param_groups[0]["lr"] = self._highest * _pace(self._step, self._steps)
        self._optimizer.step()
        self._step += 1

    def state(self) -> dict[str, Tensor]:
        """Return all that the next steps depend on: the step, weights, and the moments of their gradients, by name."""
        state: dict[str, Tensor] = {_STEP: torch.tensor(self._step), **self._made}
        for name, weight in self._weights.items():
            state[name] = weight.detach()
            for moment in _MOMENTS:
                state[f"{name} {moment}"] = self._optimizer.state[weight][moment]
        return state

    def go_on(self, state: dict[str, Tensor]) -> int:
        """Go on from a state.

        Args:
            state: What :meth:`state` returned.

        Returns:
            The steps done by then.

        Raises:
            KeyError: Something is missing.
            RuntimeError: A shape is another one.
        """
        self._step = int(state[_STEP])
        with torch.no_grad():
            for name, made in self._made.items():
                made.copy_(state[name])
            for name, weight in self._weights.items():
                weight.copy_(state[name])
                moments = {moment: state[f"{name} {moment}"].to(weight.device) for moment in _MOMENTS}
                self._optimizer.state[weight] = {"step": torch.tensor(float(self._step)), **moments}
        return self._step


@dataclass(frozen=True)
class Checkpoint:
    """Where the state of a warm start is kept.

    Attributes:
        path: The file.
        every: Steps between two states.
        writes: Whether this process writes; of several that train together, the first does.
    """

    path: Path
    every: int
    writes: bool = True

    def write(self, steering: Steering, step: int, *, at_once: bool) -> None:
        """Keep the state, if it is time.

        Args:
            steering: The optimiser.
            step: Steps done.
            at_once: Whether it is time whatever the step.
        """
        if self.writes and (at_once or step % self.every == 0):
            with replacing(self.path) as temporary:
                save_file(steering.state(), temporary)

    def taken_up(self, steering: Steering) -> int:
        """Go on from the state that is kept, if there is one.

        Args:
            steering: The optimiser, new.

        Returns:
            The steps done by then; 0 where no state is kept.

        Raises:
            UserError: The file is damaged, or of another model.
        """
        if not self.path.exists():
            return 0
        try:
            state = load_file(self.path)
            check_finite(state)
            return steering.go_on(state)
        except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
            raise UserError(f"{self.path} is damaged ({error}); remove it, and the warm start begins anew") from error


def _pace(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step."""
    rising = max(1, steps // 20)
    # The lower of two lines: one up from the first step on, one down to zero behind the last.
    return min((step + 1) / rising, (steps - step) / steps)
