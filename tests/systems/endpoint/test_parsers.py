"""From what comes back to an answer."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.errors import UserError
from charrobust.systems.endpoint.parsers import parser_of, value_at, words_of_labels
from charrobust.systems.endpoint.settings import Answer
from charrobust.tasks.registry import task_class

LABELS = ["positive", "very positive", "negative", "c++"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def parsed(value, task="classification", labels=LABELS, words=None, **answer):
    made = Answer(**{"parser": "label-words", **answer})
    return parser_of(made, task_class(task), words_of_labels(words or {}, labels))(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Positive.", "positive"),
        ("**VERY POSITIVE**", "very positive"),
        ("positively", "positively"),
        ("positive or negative", "positive or negative"),
        ("It is negative: negative!", "negative"),
        ("C++", "c++"),
        ("c", "c"),
        ("", ""),
        (7, 7),
    ],
)
def test_label_words(text, found):
    assert parsed(text) == found


def test_several_labels_of_a_text():
    assert parsed("negative, and c++ too", "multilabel") == ["negative", "c++"]
    assert parsed("none", "multilabel") == []


def test_words_of_the_endpoint():
    words = {"positive": "good", "negative": "bad"}
    assert parsed("Good!", words=words) == "positive"
    assert parsed("POSITIVE", words=words) == "POSITIVE"  # no word of the endpoint
    assert words_of_labels(words, ["negative", "other"]) == {"positive": "good", "negative": "bad", "other": "other"}


@given(st.sampled_from(LABELS), st.text("xyz .,!?\n", max_size=10), st.text("xyz .,!?\n", max_size=10))
def test_a_label_between_other_words_is_found(label, before, after):
    assert parsed(f"{before} {label.upper()} {after}") == label


def test_regular_expressions():
    assert parsed("Label: b\n", parser="regex", pattern=r"Label: (\w)") == "b"
    assert parsed("nothing", parser="regex", pattern=r"Label: (\w)") == "nothing"
    assert parsed("b", parser="regex", pattern="(a)|b") == "b"


def test_a_pattern_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr("charrobust.perturb.patterns.TIME_LIMIT", 0.05)
    with pytest.raises(UserError, match=r"`pattern`: '\(\(a\|aa\)\+\$\)' took more than 0.05 seconds on the text 'aaa"):
        parsed("a" * 90 + "b", parser="regex", pattern="((a|aa)+$)")


def test_a_fence_without_end_is_given_up_at_once():
    # In the square of their number, these blanks would take minutes.
    assert parsed("```" + "\n" * 100_000, parser="json") == "```" + "\n" * 100_000


@settings(max_examples=20)
@given(
    st.dictionaries(st.text("abc", min_size=1), JSON, min_size=1),
    st.sampled_from(["{}", "Sure:\n```json\n{}\n```\nBye", "So: {} !"]),
)
def test_json_in_a_text(value, around):
    text = around.replace("{}", json.dumps(value))
    key = next(iter(value))
    assert parsed(text, parser="json") == value
    assert parsed(text, parser="json", key=key) == value[key]


def test_the_first_json_value_with_the_key():
    assert parsed('[1] then {"b": {"c": 2}} and {"a": {"b": 3}}', parser="json", key="a.b") == 3
    assert parsed("{no json", parser="json", key="a") == "{no json"
    assert parsed({"a": 1}, parser="json", key="a") == 1


@given(st.text())
def test_no_text_breaks_a_parser(text):
    for answer in ({}, {"parser": "json", "key": "a"}, {"parser": "regex", "pattern": "(.)$"}):
        parsed(text, **answer)


def test_places():
    content = {"choices": [{"message": {"content": "x"}}]}
    assert value_at(content, "choices.0.message.content") == "x"
    assert value_at(content, "") is content


@pytest.mark.parametrize(
    ("path", "phrase"),
    [
        ("outputs.0", "at the top stands an object with the keys ['choices']"),
        ("choices.1", "behind 'choices' stands a list of 1"),
        ("choices.0.text", "behind 'choices.0' stands 'said'"),
    ],
)
def test_no_such_place(path, phrase):
    with pytest.raises(UserError) as caught:
        value_at({"choices": ["said"]}, path)
    assert phrase in str(caught.value)
