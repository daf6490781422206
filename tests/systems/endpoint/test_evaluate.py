"""``charrobust evaluate`` with models behind HTTP, end to end."""

import json
import re

from charrobust.scoring import read_results
from charrobust.systems import restoration
from tests.scoring.fakes import FakeRestorer
from tests.systems.endpoint.servers import SECRET, chat, chat_file, serving
from tests.tasks.data import json_lines, write

SAMPLE = ("--data", "reviews:test", "--limit", 6, "--attack", "swap")


def answers(output):
    """The lines of all files of answers."""
    return [line for path in sorted((output / "answers").iterdir()) for line in path.read_text().splitlines()]


def test_kserve(run, kserve, tmp_path):
    address = f"{kserve.url}/v2/models/m/infer"
    result = run("evaluate", "--model", address, "--endpoint", "kserve-v2", *SAMPLE, "--output", tmp_path)
    assert result.status == 0, result.err
    # The first input alone, which tells how long a call takes, and the others at once.
    assert [len(body["inputs"][0]["data"]) for body in kserve.bodies] == [1, 11]
    assert "still to be asked: 127.0.0.1:" in result.err
    assert "1 calls, about" in result.err
    (system,) = read_results(tmp_path).systems
    assert (system.model, system.name) == (address, kserve.url.removeprefix("http://"))


def test_openai(run, openai, tmp_path):
    model = f"mini={openai.url}/v1/chat/completions#small"
    result = run("evaluate", "--model", model, "--endpoint", "openai-chat", *SAMPLE, "--output", tmp_path)
    assert result.status == 0, result.err
    assert len(openai.bodies) == 12
    assert {body["model"] for body in openai.bodies} == {"small"}
    assert {headers["authorization"] for headers in openai.headers} == {f"Bearer {SECRET}"}
    assert "Labels: negative, positive\nText: " in openai.bodies[0]["messages"][0]["content"]
    assert "no classes" not in result.err
    (system,) = read_results(tmp_path).systems
    assert system.name == "mini"
    assert {example.predictions[0].clean for example in read_results(tmp_path).shown} <= {"negative", "positive"}


def test_an_endpoint_of_one_s_own_with_several_labels(run, tmp_path):
    data = [
        {"text": f"calm and happy {n}" if n % 2 else f"sad {n}", "labels": ["calm"] if n % 2 else []} for n in range(6)
    ]
    path = write(tmp_path / "moods.jsonl", json_lines(data))
    with serving(chat(lambda prompt: "It is Calm" if "calm" in prompt else "none of these")) as server:
        endpoint = chat_file(tmp_path / "mine.toml", f"{server.url}/chat")
        result = run(
            "evaluate", "--model", endpoint, "--data", path, "--task", "multilabel", "--output", tmp_path / "out"
        )
    assert result.status == 0, result.err
    found = read_results(tmp_path / "out")
    assert found.scores[0].value.value == 1
    assert found.systems[0].name == "mine"


def test_questions_and_json_in_a_fence(run, tmp_path):
    def say(prompt):
        question, _, context = prompt.partition(" / ")
        return f"Sure:\n```json\n{json.dumps({'answer': context.split()[-1] if question else ''})}\n```"

    with serving(chat(say)) as server:
        endpoint = chat_file(
            tmp_path / "reader.toml",
            server.url,
            prompt="{question} / {context}",
            answer='parser = "json"\nkey = "answer"',
        )
        result = run("evaluate", "--model", endpoint, "--data", "questions", "--limit", 4, "--output", tmp_path / "out")
    assert result.status == 0, result.err
    assert read_results(tmp_path / "out").task == "qa"
    shown = server.bodies[0]["messages"][0]["content"]
    assert shown.startswith("What gives this bread its sour taste? / A sourdough starter")


def test_tags(run, tmp_path):
    with serving(lambda sent: {"tags": [["O"] * len(tokens) for tokens in sent["sentences"]]}) as server:
        endpoint = tmp_path / "tagger.toml"
        endpoint.write_text(
            f'url = "{server.url}"\nbatch = 3\nrequest.body.sentences = "{{token_lists}}"\nanswer.path = "tags"\n'
            "limits.workers = 1\n"
        )
        result = run("evaluate", "--model", endpoint, "--data", "entities", "--limit", 5, "--output", tmp_path / "out")
    assert result.status == 0, result.err
    assert [len(body["sentences"]) for body in server.bodies] == [1, 3, 1]
    assert server.bodies[1]["sentences"][0][-1] == "."


def test_nothing_is_asked_twice(run, openai, tmp_path):
    """Neither by a rerun, nor with another parser, a defence or another endpoint of the same address."""
    first = chat_file(tmp_path / "first.toml", openai.url)
    arguments = ("--data", "reviews:test", "--limit", 4, "--output", tmp_path / "out")
    results = run("evaluate", "--model", first, *arguments)
    assert results.status == 0
    assert len(openai.bodies) == len(answers(tmp_path / "out")) == 4
    assert run("evaluate", "--model", first, *arguments).out == results.out
    pattern = chat_file(
        tmp_path / "pattern.toml", openai.url, answer="parser = 'regex'\npattern = 'say (\\w+)'", limits="workers = 1"
    )
    both = run(
        "evaluate", "--model", first, "--model", f"other={pattern}", "--label-map", "POSITIVE=positive", *arguments
    )
    assert both.status == 0, both.err
    assert len(openai.bodies) == 4
    newer = chat_file(tmp_path / "newer.toml", openai.url, top='version = "2"')
    assert run("evaluate", "--model", newer, *arguments).status == 0
    assert len(openai.bodies) == 8


def test_answers_without_a_label_are_wrong(run, tmp_path):
    with serving(chat(lambda prompt: "positive or negative" if "Short" in prompt else "positive")) as server:
        endpoint = chat_file(tmp_path / "e.toml", server.url)
        result = run(
            "evaluate", "--model", endpoint, "--data", "reviews:test", "--limit", 4, "--output", tmp_path / "out"
        )
    assert result.status == 0
    notes = read_results(tmp_path / "out").notes
    assert any("1 of 4 answers of e are no classes of the data set" in note for note in notes), notes
    assert "'positive or negative'" in " ".join(notes)


def test_secrets_are_nowhere(run, tmp_path):
    """Not in what is printed or written, also where the server repeats the headers, in errors and in answers."""

    def echo(sent):
        return {**chat(lambda _: f"positive {SECRET}")(sent), "echo": f"Bearer {SECRET}"}

    with serving(echo) as server:
        url = f"{server.url}/chat?key=${{TEST_KEY}}&plain=hidden-77"
        endpoint = chat_file(tmp_path / "e.toml", url)
        arguments = (
            "evaluate",
            "--model",
            endpoint,
            "--data",
            "reviews:test",
            "--limit",
            3,
            "--output",
            tmp_path / "out",
        )
        server.failing((401, {}, json.dumps({"error": {"message": f"Incorrect key: {SECRET}"}}).encode()))
        refused = run(*arguments)
        result = run(*arguments)
    assert refused.status == 2
    assert "Incorrect key: ***" in refused.err
    assert result.status == 0, result.err
    written = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    for text in (refused.out, refused.err, result.out, result.err, *written):
        assert SECRET not in text
        assert "hidden-77" not in text


PRICED = '[price]\ncurrency = "EUR"\nper_call = 0.25'


def test_what_costs_money_is_asked_for(run, openai, tmp_path, monkeypatch):
    endpoint = chat_file(tmp_path / "paid.toml", openai.url, rest=PRICED)
    arguments = ("evaluate", "--model", endpoint, "--data", "reviews:test", "--limit", 5, "--output", tmp_path / "out")
    refused = run(*arguments)
    assert refused.status == 2
    assert "paid: 4 calls, about" in refused.err
    assert "about 1 EUR" in refused.err
    assert "there is no terminal to ask at; add --yes to go on" in refused.err
    assert len(openai.bodies) == 1
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, err: False)
    declined = run(*arguments)
    assert (declined.status, "error: stopped before paid was asked" in declined.err) == (2, True)
    monkeypatch.setattr("typer.confirm", lambda question, err: True)
    assert run(*arguments).status == 0
    assert len(openai.bodies) == 5
    assert "still to be asked" not in run(*arguments, "--yes").err


def test_a_budget_ends_a_run_and_the_next_goes_on(run, openai, tmp_path):
    endpoint = chat_file(tmp_path / "paid.toml", openai.url, limits="workers = 1", rest=PRICED)
    arguments = (
        "evaluate",
        "--model",
        endpoint,
        "--data",
        "reviews:test",
        "--limit",
        5,
        "--output",
        tmp_path / "out",
        "--yes",
    )
    stopped = run(*arguments, "--budget", 0.6)
    assert stopped.status == 2
    assert "the --budget of 0.6 EUR is used up: 0.5 are spent, and the next call would cost about 0.25" in stopped.err
    assert re.search(r"1 of 4 inputs were answered, and are kept in .*jsonl: the same command goes on", stopped.err)
    assert len(openai.bodies) == len(answers(tmp_path / "out")) == 2
    assert run(*arguments, "--budget", 0.9).status == 0
    assert len(openai.bodies) == 5


def test_defences_stand_before_an_address(run, openai, tmp_path, monkeypatch):
    monkeypatch.setattr(restoration, "load_restorer", lambda name: FakeRestorer(name=name))
    address = f"{openai.url}/v1/chat/completions?a=b#small"
    result = run(
        "evaluate", "--model", f"mine=spelling+{address}", "--endpoint", "openai-chat", "--data", "reviews:test", "--limit", 4,
        "--output", tmp_path,
    )  # fmt: skip
    assert result.status == 0, result.err
    (system,) = read_results(tmp_path).systems
    assert (len(system.defences), system.model) == (1, f"{openai.url}/v1/chat/completions")
