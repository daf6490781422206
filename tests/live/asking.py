"""A server in a thread, and a browser's requests."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from charrobust.live.server import HOST, LiveServer
from charrobust.live.trial import Trial

QUESTION = {"text": "a wonderful story about great weather", "recipe": "swap", "severity": 1, "seed": 3}


@dataclass
class Reply:
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def told(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


def request(port: int, method: str = "GET", path: str = "/", body: object = None, **headers: str) -> Reply:
    """Send a request; names of headers have underscores for hyphens."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
        sent = {"Content-Type": "application/json"} | sent
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    reply = Reply(answer.status, dict(answer.getheaders()), answer.read().decode())
    connection.close()
    return reply


@contextmanager
def served(trial: Trial) -> Iterator[int]:
    """Serve for a while; yields the port."""
    with LiveServer(trial, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
