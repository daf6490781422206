"""What it takes to ask a system, told before it is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Estimate:
    """What is still to be asked of a system that is slow or costs money.

    Attributes:
        system: Name of the system.
        calls: Calls still to be made.
        input_tokens: Tokens that these send, estimated at four characters each.
        minutes: How long they take.
        amount: What they cost; None where no price is known.
        currency: The currency of the amount; empty where there is none.
    """

    system: str
    calls: int
    input_tokens: int
    minutes: float
    amount: float | None = None
    currency: str = ""

    def __add__(self, other: Estimate) -> Estimate:
        """Return what it takes to ask about the examples of both, by the same system."""
        return replace(
            self,
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            minutes=self.minutes + other.minutes,
            amount=None if self.amount is None else self.amount + (other.amount or 0.0),
        )

    def __str__(self) -> str:
        """Return the estimate as a line of text."""
        cost = "" if self.amount is None else f", about {self.amount:,.4g} {self.currency}"
        return (
            f"{self.system}: {self.calls:,} calls, about {self.input_tokens:,} input tokens (estimated at 4 characters "
            f"each), {self._time()}{cost}"
        )

    def _time(self) -> str:
        return "less than a minute" if self.minutes < 1 else f"about {self.minutes:.1f} minutes"
