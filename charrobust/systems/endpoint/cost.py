"""What calls cost: tokens, money, and the budget of a run."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from charrobust.errors import UserError
from charrobust.systems.endpoint.parsers import value_at
from charrobust.systems.endpoint.requests import texts_in
from charrobust.systems.endpoint.settings import EndpointSettings, Price
from charrobust.systems.endpoint.store import Reply
from charrobust.tasks.answers import number_in

CHARACTERS = 4  # of a token, where nothing tells how many there are
_RECENT = 100  # replies by which those to come are estimated


class Budget:
    """What a run may cost, over all its systems; used by several threads."""

    def __init__(self, amount: float) -> None:
        """Set a budget.

        Args:
            amount: What may be spent, in the currency of the prices.

        Raises:
            UserError: It is not above 0.
        """
        if not amount > 0:
            raise UserError(f"`budget` must be above 0, got {amount:g}")
        self.amount, self.currency = amount, ""
        self.spent = self._promised = 0.0
        self._lock = threading.Lock()

    def serve(self, name: str, price: Price | None) -> None:
        """Take a system into the budget.

        Args:
            name: Name of the system.
            price: Its price.

        Raises:
            UserError: It has no price, or one in another currency.
        """
        if price is None:
            raise UserError(f"model {name!r} has no price to keep a `budget` by; add [price] to its TOML file")
        if self.currency and self.currency != price.currency:
            raise UserError(
                f"the prices are in {self.currency} and in {price.currency} (model {name!r}); a `budget` needs one "
                "currency"
            )
        self.currency = price.currency

    def promise(self, expected: float) -> None:
        """Set aside what a call is expected to cost.

        Args:
            expected: The cost.

        Raises:
            UserError: That much is not left.
        """
        with self._lock:
            gone = self.spent + self._promised
            # Sums of prices such as 0.01 are not exact.
            if gone + expected > self.amount * (1 + 1e-9):
                raise UserError(
                    f"the `budget` of {self.amount:g} {self.currency} is used up: {gone:.4g} are spent, and the "
                    f"next call would cost about {expected:.4g}; give more to go on"
                )
            self._promised += expected

    def settle(self, expected: float, actual: float) -> None:
        """Book what a call has cost, 0 where it failed, in place of what was set aside."""
        with self._lock:
            self._promised -= expected
            self.spent += actual


class Meter:
    """Says what calls of an endpoint cost."""

    def __init__(self, settings: EndpointSettings) -> None:
        """Take the settings of an endpoint.

        Args:
            settings: The settings.
        """
        self._price, self._path = settings.price, settings.answer.path

    def input_tokens(self, body: Any) -> int:
        """Return how many tokens a request has, estimated."""
        return sum(math.ceil(len(text) / CHARACTERS) for text in texts_in(body))

    def usual_output(self, replies: Sequence[Reply]) -> float:
        """Return how many tokens come back for an input, by the last of the replies."""
        recent = replies[-_RECENT:]
        tokens = sum(self._output_tokens(reply.answer) for reply in recent)
        return tokens / max(1, sum(map(len, map(attrgetter("keys"), recent))))

    def expected(self, body: Any, output_tokens: float) -> float:
        """Return what a call will cost, if its answer has some number of tokens."""
        return self._cost(self.input_tokens(body), output_tokens)

    def actual(self, body: Any, answer: Any) -> float:
        """Return what a call has cost."""
        told = self._told(answer, self._price.input_tokens if self._price else "")
        return self._cost(self.input_tokens(body) if told is None else told, self._output_tokens(answer))

    def _output_tokens(self, answer: Any) -> float:
        told = self._told(answer, self._price.output_tokens if self._price else "")
        if told is not None:
            return told
        try:
            value = value_at(answer, self._path)
        except UserError:
            return 0.0
        text = value if isinstance(value, str) else json.dumps(value)
        return math.ceil(len(text) / CHARACTERS)

    def _cost(self, input_tokens: float, output_tokens: float) -> float:
        price = self._price
        if price is None:
            return 0.0
        of_tokens = input_tokens * price.per_million_input + output_tokens * price.per_million_output
        return price.per_call + of_tokens / 1e6

    def _told(self, answer: Any, path: str) -> float | None:
        """Return the number of tokens that an answer tells; None where it tells none."""
        if not path:
            return None
        try:
            return number_in(value_at(answer, path))
        except UserError:
            return None
