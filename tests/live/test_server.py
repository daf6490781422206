"""The server of the live page: what it sends, to whom."""

import re
import socket
import threading

import pytest

from charrobust.live import server
from charrobust.live.trial import Trial
from tests.live.asking import QUESTION, request, served


@pytest.fixture(scope="module")
def port():
    with served(Trial()) as taken:
        yield taken


def test_the_page_loads_nothing_from_elsewhere(port):
    page = request(port)
    assert page.status == 200
    assert "connect-src &#39;self&#39;" in page.body
    assert "default-src &#39;none&#39;" in page.body
    assert not re.search(r"(src|href)=\"(?!data:)", page.body)
    assert '<option value="charbert"' in page.body
    assert page.headers["X-Frame-Options"] == "DENY"


def test_a_question_is_answered(port):
    reply = request(port, "POST", "/ask", QUESTION)
    assert reply.status == 200
    told = reply.told
    assert "".join(text for text, _ in told["clean"]) == QUESTION["text"]
    assert {operator for _, operator in told["attacked"]} == {"", "swap"}
    assert len(told["edits"]) > 2
    assert told["models"] == []
    assert request(port, "POST", "/ask", QUESTION).body == reply.body
    assert request(port, "POST", "/ask", QUESTION | {"seed": 4}).body != reply.body
    assert request(port, "POST", "/ask", QUESTION | {"severity": 0}).told["edits"] == []


def test_localhost_is_this_machine(port):
    assert request(port, Host=f"localhost:{port}").status == 200
    assert request(port, "POST", "/ask", QUESTION, Origin=f"http://localhost:{port}").status == 200


def test_the_port_of_http_is_not_named(port, monkeypatch):
    monkeypatch.setattr(server, "HTTP_PORT", port)
    for host in ("localhost", "127.0.0.1"):
        assert request(port, Host=host).status == 200
        assert request(port, "POST", "/ask", QUESTION, Host=host, Origin=f"http://{host}").status == 200


def test_what_pages_would_obey_is_escaped(port):
    told = request(port, "POST", "/ask", QUESTION | {"text": "a\x1b[31m \u202ewonderful"}).told
    assert "".join(text for text, _ in told["clean"]) == r"a\x1b[31m \u202ewonderful"


def test_the_end_waits_for_no_open_connection_and_leaves_no_thread():
    before = set(threading.enumerate())
    with served(Trial()) as taken:
        idle = socket.create_connection(("127.0.0.1", taken))
        # A later one has been answered: the server knows of both.
        assert request(taken).status == 200
    assert idle.recv(1) == b""
    idle.close()
    assert set(threading.enumerate()) <= before
