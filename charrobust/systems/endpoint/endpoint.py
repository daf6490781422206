"""Models behind HTTP as systems."""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from charrobust import __version__
from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.endpoint.client import Client
from charrobust.systems.endpoint.cost import Meter
from charrobust.systems.endpoint.parsers import parser_of, value_at, words_of_labels
from charrobust.systems.endpoint.requests import Template, Values
from charrobust.systems.endpoint.settings import EndpointSettings, load_endpoint, load_endpoint_at
from charrobust.systems.endpoint.store import Answers, Reply, digest
from charrobust.systems.estimate import Estimate
from charrobust.systems.functions import known_task
from charrobust.systems.naming import SystemOptions
from charrobust.systems.system import System
from charrobust.tasks.answers import shortened
from charrobust.tasks.examples import Example, Prediction

_now = time.monotonic
# Inputs still to be asked, by key: what stands for placeholders, and the example.
Missing = Mapping[str, tuple[Values, Example]]


class EndpointSystem(System):
    """Asks a model behind HTTP.

    Attributes:
        settings: How it is asked, and its answers are read.
    """

    def __init__(self, name: str, settings: EndpointSettings, options: SystemOptions) -> None:
        """Take an endpoint.

        Args:
            name: Name in tables.
            settings: How it is asked, and its answers are read.
            options: Its task, the labels of the data, and the budget.

        Raises:
            UserError: The settings do not fit the task, an environment variable is not set, or a package is missing.
        """
        self.name, self.settings, self.source = name, settings, settings.shown_url
        self.task = known_task(options.task, name)
        self._budget = options.budget
        if self._budget is not None:
            self._budget.serve(name, settings.price)
        try:
            self._words = words_of_labels(settings.answer.labels, options.labels)
            self._template = Template(settings, self.task, list(self._words.values()))
            self._parser = parser_of(settings.answer, self.task, self._words)
            self._client = Client(settings)
        except UserError as error:
            raise UserError(f"model {name!r}: {error}") from error
        self._meter = Meter(settings)
        self._answers = Answers(digest(*self._address)[:16])
        self._calls = 0
        self._lock = threading.Lock()

    @property
    def _address(self) -> tuple[str, ...]:
        """What tells where requests go: variables by their names, so that a new secret changes nothing."""
        return (self.settings.url, self.settings.method, self.settings.version)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the address, the request and the way in which answers are read; headers are left out."""
        settings = self.settings
        asked = [self._address, settings.model, settings.prompt, settings.request.body]
        read = [asdict(settings.answer), list(self._words.items()), self.task.name]
        return digest(type(self).__name__, asked, read, __version__)

    def keep_in(self, folder: Path) -> None:
        """See the base class: each answer is kept as soon as it arrives."""
        self._answers.keep_in(folder)

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """See the base class: only what is not answered yet is asked.

        Args:
            examples: See there.
            progress: See there.

        Returns:
            See there.

        Raises:
            UserError: The endpoint fails, an answer cannot be read, or no more calls are allowed.
        """
        self._answers.refresh()
        inputs = self._inputs(examples)
        missing = {key: asked for key, asked in inputs if not self._answers.knows(key)}
        self._ask_all(missing, progress)
        return [self._prediction(key, example) for key, (_, example) in inputs]

    def estimate(self, examples: Sequence[Example]) -> Estimate | None:
        """See the base class: where no call was timed yet, one is made, whose answer is kept."""
        self._answers.refresh()
        missing = {key: asked for key, asked in self._inputs(examples) if not self._answers.knows(key)}
        if missing and not self._answers.replies:
            first = next(iter(missing))
            self._ask_all({first: missing.pop(first)}, no_progress)
        batches = self._batches(missing)
        bodies = [self._body(batch, missing) for batch in batches]
        found = Estimate(
            system=self.name,
            calls=len(bodies),
            input_tokens=sum(map(self._meter.input_tokens, bodies)),
            minutes=self._minutes(len(bodies)),
        )
        if self.settings.price is None:
            return found
        output = self._meter.usual_output(self._answers.replies)
        amount = sum(
            self._meter.expected(body, output * len(batch)) for body, batch in zip(bodies, batches, strict=True)
        )
        return replace(found, amount=amount, currency=self.settings.price.currency)

    def _minutes(self, calls: int) -> float:
        """Return how long calls take, by those that were made."""
        limits = self.settings.limits
        seconds = statistics.median([reply.seconds for reply in self._answers.replies] or [0.0])
        # Rounded up: the last calls may leave workers idle, but take their time all the same.
        by_workers = math.ceil(calls / limits.workers) * seconds / 60
        return max(by_workers, calls / limits.requests_per_minute if limits.requests_per_minute else 0.0)

    def _inputs(self, examples: Sequence[Example]) -> list[tuple[str, tuple[Values, Example]]]:
        """Return the key of each example, with what stands for placeholders."""
        inputs = []
        for example in examples:
            values = self._template.values_of(example)
            # Of the input alone, whichever others share its request.
            key = digest(*self._address, self._template.listed, self._template.body([values]))
            inputs.append((key, (values, example)))
        return inputs

    def _batches(self, missing: Missing) -> list[list[str]]:
        """Return the keys of the inputs of each request."""
        keys, size = list(missing), self.settings.batch
        return [keys[first : first + size] for first in range(0, len(keys), size)]

    def _body(self, keys: list[str], missing: Missing) -> Any:
        return self._template.body([missing[key][0] for key in keys])

    def _ask_all(self, missing: Missing, progress: Progress) -> None:
        """Ask for what is missing, some calls at once.

        Raises:
            UserError: A call failed, an answer cannot be read, or no more calls are allowed; after those under way.
        """
        batches = self._batches(missing)
        done = 0
        pool = ThreadPoolExecutor(self.settings.limits.workers, thread_name_prefix="endpoint")
        try:
            futures = {pool.submit(self._ask, batch, missing): batch for batch in batches}
            for future in as_completed(futures):
                future.result()
                for key in futures[future]:
                    self._prediction(key, missing[key][1])  # what cannot be read is told before more is paid for
                done += len(futures[future])
                progress(self.name, done, len(missing), {})
        except UserError as error:
            pool.shutdown(cancel_futures=True)
            left = sum(not self._answers.knows(key) for key in missing)
            raise UserError(f"{error}. {self._standing(len(missing) - left, len(missing))}") from error
        finally:
            # Also at an interruption: those under way are paid for, and kept.
            pool.shutdown(cancel_futures=True)

    def _standing(self, done: int, total: int) -> str:
        """Say what is done and kept."""
        if not done:
            return "None of the inputs that were left was answered; what was answered before is kept"
        told = f"{done:,} of {total:,} inputs were answered"
        if self._answers.files is None:
            return f"{told}, and are kept only with `output`"
        return f"{told}, and are kept in {self._answers.files}: the same command goes on from there"

    def _ask(self, keys: list[str], missing: Missing) -> None:
        """Make a call and keep its answer.

        Raises:
            UserError: It failed, or is not allowed any more.
        """
        body = self._body(keys, missing)
        self._count()
        expected = self._meter.expected(body, len(keys) * self._meter.usual_output(self._answers.replies))
        if self._budget is not None:
            self._budget.promise(expected)
        cost = 0.0
        try:
            begun = _now()
            answer = self._client.call(body)
            self._answers.add(Reply(tuple(keys), answer, _now() - begun))
            cost = self._meter.actual(body, answer)
        finally:
            if self._budget is not None:
                self._budget.settle(expected, cost)

    def _count(self) -> None:
        """Count a call.

        Raises:
            UserError: There were as many as are allowed.
        """
        most = self.settings.limits.max_calls
        with self._lock:
            if most is not None and self._calls >= most:
                raise UserError(
                    f"{self.settings.shown_url} was called {most:,} times, as often as `max_calls` in [limits] allows"
                )
            self._calls += 1

    def _prediction(self, key: str, example: Example) -> Prediction:
        """Return the prediction that a kept answer is.

        Raises:
            UserError: It cannot be read.
        """
        reply, number = self._answers.of(key)
        try:
            value = self._parser(self._values(reply)[number])
            return self.task.prediction_of(value, example)
        except UserError as error:
            kept = self._answers.files
            anew = f"; to ask anew, remove the line with {reply.keys[0][:12]} from {kept}" if kept else ""
            raise UserError(
                f"cannot read what {self.settings.shown_url} answered for example {example.id}: {error}; check `path` "
                f"and `parser` in [answer]{anew}"
            ) from error

    def _values(self, reply: Reply) -> list[Any]:
        """Return what a reply says of each of its inputs.

        Raises:
            UserError: It says nothing, or something of more or fewer inputs.
        """
        value = value_at(reply.answer, self.settings.answer.path)
        if not self._template.listed:
            return [value]
        if not isinstance(value, list):
            raise UserError(f"expected a list of {len(reply.keys)} answers, got {shortened(value)}")
        if len(value) != len(reply.keys):
            raise UserError(f"expected {len(reply.keys)} answers, one for each input, got {len(value)}")
        return value


def load_endpoint_system(path: str, options: SystemOptions) -> EndpointSystem:
    """Load the system of a TOML file.

    Args:
        path: The file; it names the address.
        options: The task of the data, their labels, and the budget.

    Returns:
        The system, named as the file is.

    Raises:
        UserError: The file is missing or wrong, or does not fit the data.
    """
    if options.endpoint is not None:
        raise UserError(
            f"model {path!r} is a TOML file that says how it is asked, and so would `endpoint` {options.endpoint!r}; "
            "give the address as the model, or leave `endpoint` out"
        )
    return EndpointSystem(Path(path).stem, load_endpoint(path), options)


def load_address(url: str, options: SystemOptions) -> EndpointSystem:
    """Load the system behind an address.

    Args:
        url: The address, with the name of the model behind ``#`` where the endpoint asks for one.
        options: How it is asked, the task of the data, their labels, and the budget.

    Returns:
        The system, named as its model, or as the host.

    Raises:
        UserError: Nothing says how it is asked, or that does not fit the data.
    """
    settings = load_endpoint_at(url, options.endpoint)
    return EndpointSystem(settings.model or urlsplit(url).netloc, settings, options)
