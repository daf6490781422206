"""How an endpoint is asked and its answers are read, declared in TOML; two examples ship in ``data/endpoints``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from charrobust.errors import UserError
from charrobust.perturb.patterns import group_count
from charrobust.resources import find
from charrobust.settings import Checked, read_file, setting

FOLDER = "data/endpoints"
SCHEMES = ("http", "https")


@dataclass(frozen=True, kw_only=True)
class Request(Checked):
    """What is sent."""

    body: dict[str, Any]
    """The JSON that is sent; its strings may hold placeholders, such as ``{text}``."""


@dataclass(frozen=True, kw_only=True)
class Answer(Checked):
    """How an answer is read."""

    path: str = ""
    """Where it stands in the JSON that comes back, such as ``choices.0.message.content``; nothing for all of it. Of
    requests with several inputs, where the list of answers stands."""
    parser: str = setting("plain", choices=("plain", "label-words", "regex", "json"))
    """``plain`` (a label, scores, tags, ... as JSON), ``label-words`` (the known labels that occur in a text),
    ``regex`` (the first group of ``pattern``) or ``json`` (a JSON value that stands in a text)."""
    pattern: str = ""
    """Regular expression of the parser ``regex``, in the syntax of the library ``regex``; its first group is the
    answer."""
    key: str = ""
    """Of the parser ``json``: where the answer stands in that value, as in ``path``."""
    labels: dict[str, str] = field(default_factory=dict)
    """What the endpoint calls the labels of the data, where it has words of its own: ``positive = "good"``."""

    def __post_init__(self) -> None:
        """Check all values, and that parser and pattern fit.

        Raises:
            UserError: A pattern is missing, not valid, or has no group; or a value that the parser does not read.
        """
        super().__post_init__()
        for name, parser in (("pattern", "regex"), ("key", "json")):
            if getattr(self, name) and self.parser != parser:
                raise UserError(
                    f"`{name}` is of the parser {parser!r}, and the parser is {self.parser!r}; leave it out"
                )
        if self.parser == "regex":
            _check_pattern(self.pattern)


@dataclass(frozen=True, kw_only=True)
class Limits(Checked):
    """How long, how often and how fast an endpoint is asked."""

    timeout: float = setting(60.0, low=0.01)
    """Seconds to wait for an answer."""
    retries: int = setting(5, low=0)
    """Further tries of a call that fails in passing: no connection, no answer in time, status 429, 500, 502, 503 or
    504."""
    backoff: float = setting(1.0, low=0)
    """Seconds before the second further try; twice as many before each after it."""
    longest_wait: int = setting(120, low=0)
    """Seconds between two tries at most, whatever the server asks for."""
    requests_per_minute: float | None = setting(None, low=0.001)
    """Calls a minute at most, of all workers together; no limit without a value."""
    workers: int = setting(4, low=1, high=256)
    """Calls under way at once."""
    max_calls: int | None = setting(None, low=1)
    """Calls of a run at most; no limit without a value."""


@dataclass(frozen=True, kw_only=True)
class Price(Checked):
    """What calls cost."""

    currency: str = "USD"
    """Name of the currency."""
    per_call: float = setting(0.0, low=0)
    """Price of a call."""
    per_million_input: float = setting(0.0, low=0)
    """Price of a million tokens that are sent."""
    per_million_output: float = setting(0.0, low=0)
    """Price of a million tokens that come back."""
    input_tokens: str = ""
    """Where an answer tells how many tokens were sent, such as ``usage.prompt_tokens``; else they are estimated."""
    output_tokens: str = ""
    """Where it tells how many came back, such as ``usage.completion_tokens``; else they are estimated."""


@dataclass(frozen=True, kw_only=True)
class EndpointSettings(Checked):
    """An endpoint."""

    request: Request
    """What is sent."""
    url: str = ""
    """Where it is sent."""
    method: str = setting("POST", choices=("POST", "PUT"))
    """How it is sent."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of requests; ``${NAME}`` stands for the environment variable NAME, and never shows up anywhere."""
    model: str = ""
    """What ``{model}`` stands for."""
    version: str = ""
    """Which form of a served model this is: with another one, all is asked anew."""
    prompt: str = ""
    """What ``{prompt}`` stands for, a text with placeholders."""
    batch: int = setting(1, low=1)
    """Inputs of a request at most; several need a list in the body, such as ``"{texts}"``."""
    answer: Answer = field(default_factory=Answer)
    """How an answer is read."""
    limits: Limits = field(default_factory=Limits)
    """How long, how often and how fast it is asked."""
    price: Price | None = None
    """What calls cost; nothing where that does not matter."""

    def __post_init__(self) -> None:
        """Check all values, and the address.

        Raises:
            UserError: The URL is none of HTTP, or holds a password.
        """
        super().__post_init__()
        if self.url:
            _check_url(self.url)

    @property
    def shown_url(self) -> str:
        """The address as messages and results name it: what stands behind a question mark may be secret."""
        return self.url.partition("#")[0].partition("?")[0]


def load_endpoint(path: str) -> EndpointSettings:
    """Load the settings of a TOML file that names its address.

    Args:
        path: The file.

    Returns:
        The settings.

    Raises:
        UserError: There is no such file, it lacks a ``url``, or something in it is wrong.
    """
    settings = _read(path, {})
    if not settings.url:
        raise UserError(
            f"{path} has no `url`; add one, or give the address as the model and the file with `endpoint`: "
            f"--model https://HOST/PATH --endpoint {path}"
        )
    return settings


def load_endpoint_at(url: str, endpoint: str | None) -> EndpointSettings:
    """Load the settings of an address.

    Args:
        url: The address; what stands behind ``#`` is the name of the model, and is not sent as part of the address.
        endpoint: Name of an endpoint that ships, or a TOML file: how it is asked.

    Returns:
        The settings.

    Raises:
        UserError: No endpoint is given or known, or something in it is wrong.
    """
    address, _, model = url.partition("#")
    if endpoint is None:
        raise UserError(
            f"model {address.partition('?')[0]!r} is an address, and nothing says how it is asked; give `endpoint`: "
            "kserve-v2, openai-chat or a TOML file"
        )
    return _read(endpoint, {"url": address, "model": model or None})


def _read(endpoint: str, changes: Mapping[str, Any]) -> EndpointSettings:
    return read_file(EndpointSettings, find(endpoint, FOLDER, "endpoint"), changes)


def _check_url(url: str) -> None:
    """Refuse what is no address.

    Raises:
        UserError: With the address, but for what may be secret.
    """
    try:
        parts = urlsplit(url)
        host, password, _ = parts.hostname, parts.password, parts.port
    except ValueError:
        host, password = None, None
    shown = url.partition("?")[0]
    if password:
        raise UserError(
            "the url holds a password, which would be shown; put credentials into [headers], as "
            '"Bearer ${NAME}" of an environment variable'
        )
    if not host or parts.scheme not in SCHEMES:
        raise UserError(f"the url {shown!r} is no address; expected one such as https://host/path")


def _check_pattern(pattern: str) -> None:
    """Refuse what is no regular expression with a group.

    Raises:
        UserError: With the pattern.
    """
    try:
        groups = group_count(pattern)
    except UserError as error:
        raise UserError(f"`pattern` {error}") from error
    if not groups:
        raise UserError(
            f"`pattern` {pattern!r} has no group; put round brackets around what is the answer, such as 'Label: (.+)'"
        )
