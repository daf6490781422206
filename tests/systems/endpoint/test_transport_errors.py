"""Servers that are down, slow, busy or talk nonsense: one clear message each."""

import json
import threading

import pytest

from charrobust.errors import UserError
from charrobust.systems.endpoint.client import Client
from charrobust.systems.endpoint.settings import EndpointSettings
from tests.systems.endpoint.servers import chat, serving

BUSY = (429, {"retry-after": "0"}, b'{"error": {"message": "slow down"}}')
FAULT = (503, {}, b"<html>down</html>")


def client(url: str, **limits: object) -> Client:
    settings = {"retries": 2, "backoff": 0.0, **limits}
    return Client(EndpointSettings(url=f"{url}/x?key=hidden", request={"body": {"text": "{text}"}}, limits=settings))


@pytest.fixture
def server():
    with serving(chat(lambda _: "fine")) as running:
        yield running


BODY = {"messages": [{"content": "hello"}]}


@pytest.mark.parametrize("failures", [[BUSY], [FAULT, FAULT], [BUSY, (500, {}, b"")]])
def test_what_fails_in_passing_is_tried_again(server, failures):
    server.failing(*failures)
    assert client(server.url).call(BODY)["choices"][0]["message"]["content"] == "fine"
    assert len(server.bodies) == len(failures) + 1


def test_a_server_is_waited_for_as_long_as_it_asks_but_no_longer_than_allowed(server, monkeypatch):
    slept = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", slept.append)
    server.failing((429, {"retry-after": "7"}, b""), (503, {"retry-after": "86400"}, b""))
    client(server.url, longest_wait=30).call(BODY)
    assert slept == [7, 30]


@pytest.mark.parametrize(
    ("failures", "phrase", "remedy"),
    [
        ([BUSY] * 3, "answered 3 times with status 429: slow down", "fewer `requests_per_minute` or `workers`"),
        ([FAULT] * 3, "answered 3 times with status 503: <html>down</html>", "look at the server"),
        ([(401, {}, b'{"error": "no key"}')], "answered with status 401: no key", "credentials in [headers]"),
        ([(404, {}, b"")], "status 404: (nothing more)", "check the url"),
        ([(422, {}, b'{"detail": [{"msg": "field required"}]}')], '[{"msg": "field required"}]', "[request.body]"),
        ([(418, {}, b"x" * 999)], f"status 418: {'x' * 199}…;", "check the url"),
        ([(301, {"location": "http://elsewhere/"}, b"")], "status 301", "the address that it points to"),
        ([(200, {}, b"<html>hello</html>")], "no JSON: '<html>hello</html>'", "check the url"),
        ([(200, {"content-length": "99", "connection": "close"}, b"{")] * 3, "broke (tried 3 times)", "look at the server"),
        ([(429, {"retry-after": "soon"}, b"")], "broke", "look at the server"),
    ],
)  # fmt: skip
def test_one_message_each(server, failures, phrase, remedy, caplog):
    caplog.set_level("DEBUG")
    server.failing(*failures)
    with pytest.raises(UserError) as caught:
        client(server.url, timeout=0.5).call(BODY)
    message = str(caught.value)
    assert phrase in message
    assert remedy in message.rpartition(";")[2]
    assert f"{server.url}/x" in message
    assert "hidden" not in message
    assert "hidden" not in caplog.text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_server_that_does_not_answer(server):
    server.release = threading.Event()
    with pytest.raises(UserError, match=r"/x did not answer within 0\.05 seconds \(tried 2 times\); give a longer"):
        client(server.url, timeout=0.05, retries=1).call(BODY)
    assert len(server.bodies) == 2


def test_a_server_that_is_down():
    with serving(chat(str)) as gone:
        url = gone.url
    with pytest.raises(UserError, match=r"/x cannot be reached; check the url, and that the server is up$") as caught:
        client(url).call(BODY)
    assert "hidden" not in str(caught.value)


def test_certificates_are_checked(server):
    with pytest.raises(UserError, match=r"^(?:the connection to )?https://127\.0\.0\.1:\d+/x (?:has no|broke)"):
        client(server.url.replace("http:", "https:"), retries=0).call(BODY)


def test_surrogates_and_other_alphabets_are_sent(server):
    body = {"messages": [{"content": "naïve \ud800 שלום"}]}
    client(server.url).call(body)
    assert server.bodies == [json.loads(json.dumps(body))]
