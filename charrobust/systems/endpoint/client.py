"""The transport: one call, tried again where it fails in passing, and no faster than allowed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.packages import needed_for
from charrobust.systems.endpoint.secrets import Secrets
from charrobust.systems.endpoint.settings import EndpointSettings, Limits
from charrobust.tasks.answers import shortened

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.exceptions import HTTPError

_RETRIED = (429, 500, 502, 503, 504)
_CONNECTIONS = 2  # further tries to reach a server at all: more likely the address is wrong than that it is busy
_SHOWN = 200  # characters of what a server says of an error
_REMEDIES = {
    400: "check [request.body]",
    401: "check the credentials in [headers]",
    403: "check the credentials in [headers]",
    404: "check the url",
    405: "check `method` and the url",
    413: "give a smaller `batch`",
    422: "check [request.body]",
    429: "give fewer `requests_per_minute` or `workers` in [limits], or go on later",
}
_SERVER_FAULT = "look at the server, and go on later"


class _NoQueries(logging.Filter):
    """Takes what stands behind the question mark of addresses out of the library's log: it may be secret."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        for query in self.queries:
            told = told.replace(query, "***")
        record.msg, record.args = told, ()
        return True


_NO_QUERIES = _NoQueries()


class Pace:
    """Spreads calls evenly over time, for all workers together."""

    def __init__(
        self,
        per_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin at once.

        Args:
            per_minute: Calls a minute at most; None for no limit.
            clock: Tells the time in seconds.
            sleep: Waits for some seconds.
        """
        self._gap = 60 / per_minute if per_minute else 0.0
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = clock()

    def wait(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + self._gap
        # Outside of the lock: others may take their turns meanwhile.
        delay = turn - self._clock()
        if delay > 0:
            self._sleep(delay)


class Client:
    """Calls an endpoint; used by several threads."""

    def __init__(self, settings: EndpointSettings) -> None:
        """Take the settings of an endpoint.

        Args:
            settings: The settings.

        Raises:
            UserError: An environment variable is not set, or the library is not installed.
        """
        self._settings, self._secrets = settings, Secrets(settings.url, settings.headers)
        self._pace = Pace(settings.limits.requests_per_minute)
        self._pool = _pool(settings.limits)
        if query := urlsplit(self._secrets.url).query:
            _NO_QUERIES.queries.add(query)

    def call(self, body: Any) -> Any:
        """Make a call.

        Args:
            body: The body.

        Returns:
            The JSON that came back, without secrets that the server may have repeated.

        Raises:
            UserError: There was no answer, or one that is no JSON.
        """
        from urllib3.exceptions import HTTPError

        own = {name.lower(): value for name, value in self._secrets.headers.items()}
        headers = {"content-type": "application/json", "accept": "application/json", **own}
        self._pace.wait()
        try:
            response = self._pool.request(
                self._settings.method, self._secrets.url, body=json.dumps(body).encode(), headers=headers
            )
            # Read within: a connection may break half-way.
            content = response.data.decode("utf-8", "replace")
        except HTTPError as error:
            raise UserError(self._unanswered(error)) from None  # its text would hold the address with its secrets
        text = self._secrets.hide(content)
        if response.status >= 300:
            raise UserError(self._refusal(response, text))
        try:
            return parse_json(text)
        except ValueError:
            raise UserError(
                f"{self._settings.shown_url} answered with something that is no JSON: {shortened(text)}; check the url"
            ) from None

    def _unanswered(self, error: HTTPError) -> str:
        """Say why there is no answer."""
        from urllib3 import exceptions

        shown, limits = self._settings.shown_url, self._settings.limits
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, exceptions.NewConnectionError | exceptions.NameResolutionError):
            return f"{shown} cannot be reached; check the url, and that the server is up"
        tries = f" (tried {limits.retries + 1} times)" if limits.retries else ""
        if isinstance(reason, exceptions.TimeoutError):
            return (
                f"{shown} did not answer within {limits.timeout:g} seconds{tries}; give a longer `timeout` in "
                "[limits], or look at the server"
            )
        if isinstance(reason, exceptions.SSLError):
            return f"{shown} has no certificate that is trusted: {self._brief(reason)}; check the url"
        return f"the connection to {shown} broke{tries}: {self._brief(reason)}; {_SERVER_FAULT}"

    def _brief(self, reason: object) -> str:
        # Of "<object at 0x...>: text" the text.
        told = str(reason).replace(self._secrets.url, self._settings.shown_url)
        return self._secrets.hide(told)[:_SHOWN]

    def _refusal(self, response: BaseHTTPResponse, text: str) -> str:
        """Say what a server says of a call that it does not answer."""
        status, limits = response.status, self._settings.limits
        tries = f" {limits.retries + 1} times" if limits.retries and status in _RETRIED else ""
        remedy = _REMEDIES.get(status, _SERVER_FAULT if status >= 500 else "check the url and [request.body]")
        if status < 400:
            remedy = "give the address that it points to, as requests with secrets are not passed on"
        return f"{self._settings.shown_url} answered{tries} with status {status}: {_message_in(text)}; {remedy}"


def _message_in(text: str) -> str:
    """Return what an answer says of an error, in short."""
    try:
        content: Any = parse_json(text)
    except ValueError:
        content = text
    for key in ("error", "message", "detail"):
        if isinstance(content, Mapping) and key in content:
            content = content[key]
    told = " ".join((content if isinstance(content, str) else json.dumps(content)).split())
    return shortened_text(told) or "(nothing more)"


def shortened_text(text: str) -> str:
    """Return a text as messages show it, without quotes."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _pool(limits: Limits) -> PoolManager:
    """Return connections that try again.

    Raises:
        UserError: The library is not installed.
    """
    with needed_for("a model behind an address"):
        from urllib3 import PoolManager, Retry, Timeout

    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_NO_QUERIES)
    retry = Retry(
        total=limits.retries,
        connect=min(limits.retries, _CONNECTIONS),
        redirect=False,  # a redirect would carry headers with secrets elsewhere
        status_forcelist=_RETRIED,
        allowed_methods=None,  # POST too: an endpoint that predicts changes nothing
        backoff_factor=limits.backoff,
        backoff_max=limits.longest_wait,
        retry_after_max=limits.longest_wait,
        raise_on_status=False,
    )
    timeout = Timeout(connect=limits.timeout, read=limits.timeout)
    return PoolManager(num_pools=1, maxsize=limits.workers, block=True, retries=retry, timeout=timeout)
