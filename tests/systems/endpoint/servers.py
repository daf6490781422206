"""Small servers of both protocols, in a thread: they count what they are asked, and fail on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "sk-very-secret-7391"


@dataclass
class Server:
    """What a server was asked, and how it answers.

    Attributes:
        answer: Makes the JSON that is returned of the JSON that was sent.
        bodies: All that was sent, in order.
        headers: The headers of each request.
        failures: (status, headers, body) of the next answers; after them the server answers as it should.
        hold: Set it to let an answer wait for `release`.
    """

    answer: Callable[[Any], Any]
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    failures: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    release: threading.Event | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def failing(self, *failures: tuple[int, dict[str, str], bytes]) -> None:
        self.failures += failures


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with server.lock:
                server.bodies.append(sent)
                server.headers.append(dict(self.headers.items()))
                failure = server.failures.pop(0) if server.failures else None
            if server.release is not None:
                server.release.wait()
            if failure is None:
                self._send(200, {}, json.dumps(server.answer(sent)).encode())
            else:
                self._send(*failure)

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has given up

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


@contextmanager
def serving(answer: Callable[[Any], Any]) -> Iterator[Server]:
    """Run a server."""
    server = Server(answer)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    http.block_on_close = False
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        if server.release is not None:
            server.release.set()
        http.shutdown()
        http.server_close()
        thread.join()


def sentiment(text: str) -> str:
    """What a model says of a text."""
    return "positive" if len(text) % 2 else "negative"


def chat(say: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return how a server of chat completions answers, from what it says to the last message."""

    def answer(sent: Any) -> Any:
        prompt = sent["messages"][-1]["content"]
        message = {"role": "assistant", "content": say(prompt)}
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        return {"object": "chat.completion", "choices": [{"index": 0, "message": message}], "usage": usage}

    return answer


def inference(sent: Any) -> Any:
    """How a server of the Open Inference Protocol answers."""
    (given,) = sent["inputs"]
    assert given["shape"] == [len(given["data"])]
    assert given["datatype"] == "BYTES"
    said = [sentiment(text) for text in given["data"]]
    return {"model_name": "m", "outputs": [{"name": "label", "shape": [len(said)], "datatype": "BYTES", "data": said}]}


CHAT = """
url = "{url}"
prompt = "{prompt}"
{top}
[headers]
Authorization = "Bearer ${{TEST_KEY}}"
[request.body]
messages = [{{ role = "user", content = "{{prompt}}" }}]
[answer]
path = "choices.0.message.content"
{answer}
[limits]
backoff = 0
{limits}
{rest}
"""


def chat_file(
    path: Path,
    url: str,
    *,
    prompt: str = "Classify: {text}",
    answer: str = 'parser = "label-words"',
    limits: str = "retries = 0",
    top: str = "",
    rest: str = "",
) -> Path:
    """Write a TOML file of an endpoint."""
    content = CHAT.format(url=url, prompt=prompt, top=top, answer=answer, limits=limits, rest=rest)
    path.write_text(content, encoding="utf-8")
    return path
