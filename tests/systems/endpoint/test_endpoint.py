"""Endpoints as systems: what is kept, what is asked, what it takes."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from charrobust.errors import DataError, UserError
from charrobust.systems.endpoint import endpoint as module
from charrobust.systems.endpoint.cost import Budget
from charrobust.systems.endpoint.endpoint import EndpointSystem
from charrobust.systems.endpoint.settings import EndpointSettings
from charrobust.systems.naming import SystemOptions
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.systems.endpoint.servers import inference, serving

EXAMPLES = [Example(str(number), ("x" * (number + 1),), None) for number in range(10)]


def system(url, *, task="classification", listed=True, **settings):
    given = "{texts}" if listed else ["{text}"]
    shape = ["{count}"] if listed else [1]
    inputs = [{"name": "text", "shape": shape, "datatype": "BYTES", "data": given}]
    answer = {"path": "outputs.0.data" if listed else "outputs.0.data.0"}
    body = {"request": {"body": {"inputs": inputs}}, "answer": answer, "batch": 4 if listed else 1, **settings}
    return EndpointSystem("e", EndpointSettings(url=url, **body), SystemOptions(task=task_class(task)))


def test_answers_come_in_order_whichever_call_ends_first(kserve):
    predictions = system(kserve.url, batch=1, limits={"workers": 8}).predict(EXAMPLES)
    assert predictions == ["positive", "negative"] * 5
    assert len(kserve.bodies) == 10


def test_equal_inputs_are_asked_once_and_kept_whichever_stand_beside_them(kserve, tmp_path):
    asked = system(kserve.url)
    asked.predict([*EXAMPLES[:2], EXAMPLES[0]])
    asked.keep_in(tmp_path)  # what was asked before there was a folder is kept, too
    again = system(kserve.url)
    again.keep_in(tmp_path)
    assert again.predict(EXAMPLES[1:5]) == ["negative", "positive", "negative", "positive"]
    assert [body["inputs"][0]["shape"] for body in kserve.bodies] == [[2], [3]]
    asked.predict(EXAMPLES[:5])  # sees what the other system was answered
    assert len(kserve.bodies) == 2
    single = system(kserve.url, listed=False)
    single.keep_in(tmp_path)
    assert single.predict(EXAMPLES[2:3]) == ["positive"]  # not the first of the list that was kept for three
    assert len(kserve.bodies) == 3


def test_a_half_written_line_is_dropped(kserve, tmp_path):
    asked = system(kserve.url, batch=5, limits={"workers": 1})
    asked.keep_in(tmp_path)
    asked.predict(EXAMPLES)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    again = system(kserve.url, batch=5)
    again.keep_in(tmp_path)
    assert again.predict(EXAMPLES) == ["positive", "negative"] * 5
    assert len(kserve.bodies) == 3
    first, second = sorted(tmp_path.iterdir())
    assert (first, second.read_bytes()[-1:]) == (path, b"\n")


def test_a_damaged_line_is_refused(kserve, tmp_path):
    asked = system(kserve.url)
    asked.keep_in(tmp_path)
    asked.predict(EXAMPLES)
    (path,) = tmp_path.iterdir()
    path.write_text("[]\n" + path.read_text())
    with pytest.raises(DataError, match="no stored answer"):
        system(kserve.url).keep_in(tmp_path)


RUN = """
import sys
from pathlib import Path
from tests.systems.endpoint.test_endpoint import EXAMPLES, system
asked = system(sys.argv[1], batch=1, limits={"workers": 1})
asked.keep_in(Path(sys.argv[2]))
print(*asked.predict(EXAMPLES))
"""


def test_after_a_kill_no_answer_is_asked_again(tmp_path):
    reached, release = threading.Event(), threading.Event()

    def answer(sent):
        if len(server.bodies) == 4:  # of ten
            reached.set()
            release.wait()
        return inference(sent)

    with serving(answer) as server:
        command = [sys.executable, "-c", RUN, server.url, str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        running = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert reached.wait(60)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        release.set()
        asked = system(server.url, batch=1, limits={"workers": 1})
        asked.keep_in(tmp_path)
        assert asked.predict(EXAMPLES) == ["positive", "negative"] * 5
    # Three were answered and kept; the fourth was under way, and nobody got its answer.
    texts = [body["inputs"][0]["data"][0] for body in server.bodies]
    assert sorted(map(len, texts)) == [1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10]


def test_a_failure_keeps_what_was_answered(kserve, tmp_path):
    asked = system(kserve.url, batch=1, limits={"workers": 1, "retries": 0, "max_calls": 3})
    asked.keep_in(tmp_path)
    with pytest.raises(
        UserError, match=r"called 3 times, as often as `max_calls`.*3 of 10 inputs were answered, and are kept in"
    ):
        asked.predict(EXAMPLES)
    # One is answered before: the failure may end the calls before the next one has begun.
    answered = json.dumps(inference(kserve.bodies[-1])).encode()  # that of another text does
    kserve.failing((200, {}, answered), (500, {}, b"oops"))
    again = system(kserve.url, batch=1, limits={"workers": 1, "retries": 0})
    with pytest.raises(
        UserError, match=r"status 500: oops; .*[1-6] of 7 inputs were answered, and are kept only with `output`"
    ):
        again.predict(EXAMPLES[3:])
    again.keep_in(tmp_path)
    again.predict(EXAMPLES)
    assert len(kserve.bodies) == 11


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ({"outputs": [{"data": ["a"]}]}, "expected 4 answers, one for each input, got 1"),
        ({"outputs": [{"data": "a"}]}, "expected a list of 4 answers, got 'a'"),
        ({"error": "busy"}, "there is no 'outputs.0.data' in it: at the top stands an object with the keys ['error']"),
        ({"outputs": [{"data": [[], [], [], []]}]}, "expected a label"),
    ],
)
def test_nonsense_is_told_before_more_is_paid_for(answer, phrase, tmp_path):
    with serving(lambda sent: answer) as server:
        asked = system(server.url, limits={"workers": 1})
        asked.keep_in(tmp_path)
        with pytest.raises(UserError) as caught:
            asked.predict(EXAMPLES)
    assert phrase in str(caught.value)
    assert "check `path` and `parser` in [answer]; to ask anew, remove the line with" in str(caught.value)
    assert server.url in str(caught.value)


def test_an_estimate(kserve, monkeypatch):
    ticks = iter(range(0, 1000, 2))
    monkeypatch.setattr(module, "_now", lambda: next(ticks))
    price = {"currency": "EUR", "per_call": 1, "per_million_input": 1e6, "per_million_output": 1e6}
    asked = system(kserve.url, batch=2, price=price, limits={"workers": 2})
    found = asked.estimate(EXAMPLES)
    assert len(kserve.bodies) == 1
    # Nine of ten inputs are left, five calls, of which two at once take two seconds.
    assert (found.calls, found.minutes) == (5, 3 * 2 / 60)
    # Of each call the words "text" and "BYTES" (three tokens) and the inputs; of answers ["positive"] for each (three).
    inputs = 5 * 3 + sum(-(-length // 4) for length in range(2, 11))
    assert found.input_tokens == inputs
    assert (found.amount, found.currency) == (5 + inputs + 9 * 3, "EUR")
    asked.predict(EXAMPLES)
    assert asked.estimate(EXAMPLES).calls == 0
    slow = system(kserve.url, batch=2, limits={"requests_per_minute": 2})
    monkeypatch.setattr(slow._client._pace, "_sleep", lambda seconds: None)
    assert slow.estimate(EXAMPLES).minutes == 2.5
    assert slow.estimate(EXAMPLES).amount is None


def test_usage_that_an_answer_tells():
    def answer(sent):
        return {**inference(sent), "usage": {"in": 7, "out": 5}}

    price = {
        "per_million_input": 1e6,
        "per_million_output": 1e6,
        "input_tokens": "usage.in",
        "output_tokens": "usage.out",
    }
    with serving(answer) as server:
        asked = system(server.url, price=price)
        assert asked._meter.actual({}, answer({"inputs": [{"data": ["a"], "shape": [1], "datatype": "BYTES"}]})) == 12
        found = asked.estimate(EXAMPLES[:2])
    assert found.amount == 1 + 2 + 1 + 5  # three tokens sent, by their letters, and five back, as before


def test_fingerprints(monkeypatch):
    def of(url="http://h/x", **settings):
        return system(url, **settings).fingerprint

    monkeypatch.setenv("HEADER_KEY", "one")
    same = of(headers={"a": "${HEADER_KEY}"})
    monkeypatch.setenv("HEADER_KEY", "two")
    assert of(headers={"a": "${HEADER_KEY}"}) == same == of(limits={"workers": 9}, batch=9)
    others = [
        of("http://h/y"),
        of(version="2"),
        of(answer={"path": "a"}),
        of(answer={"parser": "json"}),
        of(listed=False),
    ]
    assert len({same, *others}) == 6


def test_what_is_known_of_an_endpoint(kserve):
    asked = system(kserve.url)
    assert asked.info.model == kserve.url
    assert (asked.labels, asked.reusable, asked.estimate([]).calls) == ((), True, 0)


def test_a_budget_can_be_spent_to_the_last(kserve):
    budget = Budget(0.1)
    options = SystemOptions(task=task_class("classification"), budget=budget)
    settings = system(kserve.url, batch=1, price={"per_call": 0.01}).settings
    EndpointSystem("e", settings, options).predict(EXAMPLES)
    assert round(budget.spent, 9) == 0.1
    with pytest.raises(UserError, match=r"is used up: 0\.1 are spent"):
        EndpointSystem("e", settings, options).predict(EXAMPLES[:1])
