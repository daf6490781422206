"""Who gets no answer of the live page's server, and what is no question."""

import pytest

from charrobust.errors import UserError
from charrobust.live.server import LiveServer
from charrobust.live.trial import Trial
from tests.live.asking import QUESTION, request, served


class Broken(Trial):
    """Fails."""

    def answer(self, question):
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def port():
    with served(Trial()) as taken:
        yield taken


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Origin": "http://evil.example"}]
)
def test_other_sites_are_refused(port, headers):
    for reply in (request(port, **headers), request(port, "POST", "/ask", QUESTION, **headers)):
        assert reply.status == 403
        assert "in a browser on this machine" in reply.told["error"]


def test_forms_are_refused(port):
    assert request(port, "POST", "/ask", "text=a", Content_Type="application/x-www-form-urlencoded").status == 415


def test_other_paths_and_long_bodies(port):
    assert request(port, path="/etc/passwd").status == 404
    assert request(port, "POST", "/other", QUESTION).status == 404
    assert request(port, "POST", "/ask", QUESTION | {"text": "a" * 99_000}).status == 413
    assert request(port, "PUT", "/ask").status == 501


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ([], "expected an object with text, recipe, severity, seed"),
        (QUESTION | {"more": 1}, "expected an object with"),
        (QUESTION | {"text": 3}, "text: got 3"),
        (QUESTION | {"seed": True}, "seed: got True"),
        (QUESTION | {"recipe": "../../etc/passwd"}, "unknown recipe"),
        (QUESTION | {"severity": 7}, "share must be between 0 and 1"),
        (QUESTION | {"text": "a" * 2001}, "the text has 2,001 characters; the page takes 2,000 at most"),
    ],
)
def test_what_is_no_question(port, question, message):
    reply = request(port, "POST", "/ask", question)
    assert (reply.status, message in reply.told["error"]) == (400, True), reply.body


def test_what_is_no_json(port):
    reply = request(port, "POST", "/ask", "{", Content_Type="application/json")
    assert (reply.status, reply.told) == (400, {"error": "expected JSON"})


def test_a_fault_is_no_end():
    with served(Broken()) as port:
        reply = request(port, "POST", "/ask", QUESTION)
        assert (reply.status, "a fault of charrobust" in reply.told["error"]) == (500, True)
        assert request(port).status == 200


def test_a_port_that_is_taken(port):
    with pytest.raises(UserError, match=f"port {port}: .*name another with `port`, or 0 for a free one"):
        LiveServer(Trial(), port)
