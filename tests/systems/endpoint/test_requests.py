"""Placeholders and what stands for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.systems.endpoint.requests import Template
from charrobust.systems.endpoint.settings import EndpointSettings
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class


def body(template, *texts, task="classification", **settings):
    made = EndpointSettings(request={"body": template}, **settings)
    written = Template(made, task_class(task), ["bad", "good"])
    return written.body([written.values_of(Example("1", text, None)) for text in texts])


@pytest.mark.parametrize(
    ("template", "texts", "task", "written"),
    [
        ({"a": ["{text}"], "n": 1}, ("x",), "classification", {"a": ["x"], "n": 1}),
        ({"a": "{text} | {text_pair}"}, ("x", "y"), "classification", {"a": "x | y"}),
        ({"a": "{text}", "b": "{labels}", "c": "of {labels}"}, ("x",), "classification", {"a": "x", "b": ["bad", "good"], "c": "of bad, good"}),
        ({"a": "{question}?", "b": "{context}"}, ("x", "y"), "qa", {"a": "x?", "b": "y"}),
        ({"q": "{query}"}, ("x",), "retrieval", {"q": "x"}),
        ({"a": "{text}", "b": "{tokens}", "c": "in {tokens}"}, ("x", "é"), "tagging", {"a": "x é", "b": ["x", "é"], "c": 'in ["x", "é"]'}),
        ({"a": 'as {"label": 1}, {{text}}: {text}'}, ("x",), "classification", {"a": 'as {"label": 1}, {text}: x'}),
    ],
)  # fmt: skip
def test_bodies(template, texts, task, written):
    assert body(template, texts, task=task) == written


def test_several_inputs():
    template = {"n": ["{count}"], "data": "{texts}", "pairs": "{text_pairs}"}
    assert body(template, ("a", "b"), ("c", "d")) == {"n": [2], "data": ["a", "c"], "pairs": ["b", "d"]}
    assert body({"data": "{prompts}"}, ("a",), ("b",), prompt="<{text}>") == {"data": ["<a>", "<b>"]}


@given(st.text(), st.text())
def test_what_stands_for_a_placeholder_is_not_looked_at_again(first, second):
    texts = (f"{{text_pair}}{first}", f"{{prompt}}{{{{labels}}}}{second}")
    prompt = "{text} and {text_pair}"
    assert body({"a": "{prompt}"}, texts, prompt=prompt) == {"a": f"{texts[0]} and {texts[1]}"}
