"""Settings of endpoints that cannot be used."""

import pytest

from charrobust.errors import UserError
from charrobust.systems.endpoint.cost import Budget
from charrobust.systems.endpoint.endpoint import EndpointSystem
from charrobust.systems.endpoint.settings import EndpointSettings
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class

BODY = 'request.body.text = "{text}"\n'
URL = 'url = "http://localhost:1/x"\n'
OPTIONS = SystemOptions(task=task_class("classification"), labels=("bad", "good"))


@pytest.mark.parametrize(
    ("content", "phrase"),
    [
        (URL, "key 'request' is missing"),
        (BODY, "has no `url`"),
        (URL + BODY + "tiemout = 3", "unknown key 'tiemout'"),
        (URL + BODY + "limits.workers = 0", "workers must be between 1 and 256"),
        (URL + BODY + 'method = "GET"', "unknown method 'GET'"),
        (URL + BODY + "batch = 2", "`batch` is 2, and [request.body] has no list of inputs; write one as \"{texts}\""),
        ('url = "localhost"\n' + BODY, "the url 'localhost' is no address"),
        ('url = "http://localhost:x"\n' + BODY, "is no address"),
        ('url = "http://me:secret@localhost"\n' + BODY, "put credentials into [headers]"),
        (URL + 'request.body.text = "{txt}"', "unknown placeholder {txt}; did you mean 'text'?"),
        (URL + 'request.body.text = "hello"', "[request.body] holds no input"),
        (URL + 'request.body = {a = "{text}", b = "{texts}"}', "has {text} for one input and {texts} for several"),
        (URL + 'request.body.text = "{prompt}"', "there is no `prompt`"),
        (URL + 'prompt = "{model}: {text}"\nrequest.body.text = "{prompt}"', "the request needs the name of a model"),
        (URL + BODY + 'answer.parser = "regex"\nanswer.pattern = "a"', "has no group"),
        (URL + BODY + 'answer.parser = "regex"\nanswer.pattern = "("', "is no regular expression"),
        (URL + BODY + 'answer.pattern = "a"', "`pattern` is of the parser 'regex', and the parser is 'plain'"),
        (URL + BODY + 'answer.parser = "label-words"\nanswer.labels = {bad = "Good"}', "have one word, 'good'"),
        (URL + BODY + 'headers.a = "${UNSET_KEY}"', "the environment variable UNSET_KEY is not set"),
    ],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, content, phrase):
    (tmp_path / "e.toml").write_text(content)
    with pytest.raises(UserError) as caught:
        load_system(str(tmp_path / "e.toml"), OPTIONS)
    assert phrase in str(caught.value)


@pytest.mark.parametrize(
    ("model", "endpoint", "phrase"),
    [
        ("http://localhost/x?key=hidden", None, "give `endpoint`: kserve-v2, openai-chat or a TOML file"),
        ("http://localhost/x?key=hidden", "kserve", "unknown endpoint 'kserve'; did you mean 'kserve-v2'?"),
        ("http://localhost/x?key=hidden", "openai-chat", "put it behind the address"),
        ("missing.toml", None, "endpoint file not found: missing.toml"),
        ("missing.toml", "kserve-v2", "leave `endpoint` out"),
    ],
)
def test_models_that_are_refused(model, endpoint, phrase):
    with pytest.raises(UserError) as caught:
        load_system(model, SystemOptions(task=OPTIONS.task, labels=OPTIONS.labels, endpoint=endpoint))
    assert phrase in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_labels_that_nothing_tells():
    settings = EndpointSettings(url="http://h", request={"body": {"text": "{text}"}}, answer={"parser": "label-words"})
    with pytest.raises(UserError, match="the data tell none; name them in"):
        EndpointSystem("e", settings, SystemOptions(task=OPTIONS.task))


def test_texts_that_do_not_fit_the_request():
    settings = EndpointSettings(url="http://h", request={"body": {"a": "{text}"}})
    with pytest.raises(UserError, match=r"leaves out a text of the examples; put \{text_pair\} into it"):
        EndpointSystem("e", settings, OPTIONS).predict([Example("1", ("a", "b"), None)])
    settings = EndpointSettings(url="http://h", request={"body": {"a": "{text}", "b": "{text_pair}"}})
    with pytest.raises(UserError, match=r"has \{text_pair\}, which examples lack; they have: \{text\}"):
        EndpointSystem("e", settings, OPTIONS).predict([Example("1", ("a",), None)])


def test_budgets_that_cannot_be_kept():
    settings = {"url": "http://h", "request": {"body": {"a": "{text}"}}}
    with pytest.raises(UserError, match="`budget` must be above 0"):
        Budget(0)
    budget = Budget(1)
    options = SystemOptions(task=OPTIONS.task, budget=budget)
    with pytest.raises(UserError, match="has no price to keep a `budget` by"):
        EndpointSystem("e", EndpointSettings(**settings), options)
    EndpointSystem("e", EndpointSettings(**settings, price={"currency": "EUR"}), options)
    with pytest.raises(UserError, match="in EUR and in USD"):
        EndpointSystem("f", EndpointSettings(**settings, price={}), options)
