"""A small server for the live page, which answers browsers on this machine alone."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTP_PORT
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RD, socket
from threading import Lock
from typing import Any

from markupsafe import Markup

from charrobust.errors import UserError
from charrobust.live.trial import LONGEST, Question, Trial
from charrobust.logs import logger
from charrobust.report.templating import asset, environment, policy

HOST = "127.0.0.1"
ASK = "/ask"  # where the page sends its questions
_JSON, _HTML = "application/json", "text/html; charset=utf-8"
_BODY = 32 * LONGEST  # bytes of a question at most
_PATIENCE = 30  # seconds that a browser may take to send one
_logger = logger(__name__)


class LiveServer(ThreadingHTTPServer):
    """Serves the page, and answers what it asks.

    Attributes:
        trial: What answers.
    """

    # Joined at the end: one that is cut off within a model's code would take the process down with it.
    daemon_threads = False

    def __init__(self, trial: Trial, port: int) -> None:
        """Take a port of this machine.

        Args:
            trial: What answers.
            port: The port; 0 takes a free one.

        Raises:
            UserError: It cannot be taken.
        """
        self.trial = trial
        # Models are asked one question at a time.
        self._turn = Lock()
        self._open: set[socket] = set()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise UserError(f"port {port}: {error.strerror}; name another with `port`, or 0 for a free one") from error

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser on this machine calls the server."""
        # Browsers leave out the port that they would take without one.
        port = "" if self.server_port == HTTP_PORT else f":{self.server_port}"
        return f"{HOST}{port}", f"localhost{port}"

    def answer(self, body: bytes) -> Any:
        """Answer a question.

        Args:
            body: The question as JSON.

        Returns:
            What the page shows.

        Raises:
            UserError: It cannot be answered.
        """
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UserError("expected JSON") from error
        question = Question.of(sent)
        with self._turn:
            return self.trial.answer(question)

    def process_request(self, request: Any, client_address: Any) -> None:
        """See the base class."""
        # Here, before its thread runs: the end must know of it.
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """See the base class."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """See the base class: what is being answered is, and nothing more is read; browsers leave connections open."""
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """See the base class: what went wrong is logged; a browser that left is nothing to tell."""
        _logger.debug("a request was not answered", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: LiveServer
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Send the page."""
        if self._is_refused():
            return
        if self.path == "/":
            self._send(HTTPStatus.OK, _HTML, live_page(self.server.trial).encode("utf-8", "replace"))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is one page, at /")

    def do_POST(self) -> None:
        """Answer a question of the page."""
        if self._is_refused():
            return
        length = self.headers.get("Content-Length", "")
        if self.path != ASK:
            self._refuse(HTTPStatus.NOT_FOUND, f"questions are sent to {ASK}")
        elif self.headers.get_content_type() != _JSON:
            # A page of another site can send a form, but JSON only where this server said that it may.
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {_JSON}")
        elif not length.isdecimal() or int(length) > _BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected a body of {_BODY:,} bytes at most")
        else:
            self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        try:
            answer = self.server.answer(body)
        except UserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception:
            # Said in the terminal; the page goes on.
            _logger.exception("a question could not be answered")
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of charrobust; the terminal tells more")
        else:
            self._send(HTTPStatus.OK, _JSON, json.dumps(answer).encode())

    def _is_refused(self) -> bool:
        """Refuse who is no browser of this machine that shows this page."""
        origin = self.headers.get("Origin")
        allowed = [f"http://{host}" for host in self.server.hosts]
        # A site whose name was made to lead to this machine sends its own name.
        if self.headers.get("Host") in self.server.hosts and origin in (None, *allowed):
            return False
        self._refuse(HTTPStatus.FORBIDDEN, f"open {self.server.address} in a browser on this machine")
        return True

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._send(status, _JSON, json.dumps({"error": why}).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Frame-Options": "DENY",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """See the base class: no versions."""
        return "charrobust"

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name of the base class
        """See the base class: to the log of the package."""
        _logger.debug(format, *arguments)


def live_page(trial: Trial) -> str:
    """Return the page as HTML; it asks nobody but the server that it comes from.

    Args:
        trial: What answers.

    Returns:
        The page.
    """
    style, script = asset("page.css") + asset("live.css"), asset("live.js")
    return (
        environment()
        .get_template("live.html")
        .render(
            recipes=trial.recipes,
            longest=LONGEST,
            ask=ASK,
            policy=policy(style, script, asks=True),
            style=Markup(style),  # noqa: S704  # a file of this package
            script=Markup(script),  # noqa: S704
        )
    )
