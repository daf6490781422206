"""Edits are marked where they are, whatever the data hold."""

import json

import pytest

from charrobust.report.example_browser import browser_data, embedded
from charrobust.report.highlights import fragments
from tests.report import sample_results


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [("hello", "")]),
        ([(1, 2, "drop")], [("h", ""), ("e", "drop"), ("llo", "")]),
        ([(0, 2, "a"), (2, 5, "b")], [("he", "a"), ("llo", "b")]),
        ([(2, 2, "insertion")], [("he", ""), ("llo", "")]),
        ([(3, 9, "beyond")], [("hel", ""), ("lo", "beyond")]),
        ([(1, 4, "first"), (2, 5, "second")], [("h", ""), ("ell", "first"), ("o", "second")]),
        ([(-3, 1, "before")], [("h", "before"), ("ello", "")]),
    ],
)
def test_fragments(spans, expected):
    assert fragments("hello", spans) == expected


def test_texts_keep_every_letter():
    results = sample_results.classification(20)
    for example, shown in zip(results.shown, browser_data(results)["examples"], strict=True):
        (field,) = shown["fields"]
        assert "".join(text for text, _ in field["clean"]) == example.clean[0]
        assert "".join(text for text, _ in field["attacked"]) == example.attacked[0]
        assert set(shown["operators"]) <= {edit.operator for edit in example.edits}


def test_a_sentence_of_tokens_is_one_field():
    shown = browser_data(sample_results.tagging())["examples"][0]
    (field,) = shown["fields"]
    assert field["attacked"] == [("EU rejc", ""), ("et", "swap"), ("s German call to boycott British lamb .", "")]
    assert shown["predictions"][0]["attackedWrong"] == [("rejcets", "B-LOC", "O")]
    assert shown["predictions"][1]["attackedWrong"] == []
    assert shown["labels"] == ["B-MISC", "B-ORG", "O"]


def test_fields_of_questions_and_pairs_have_names():
    assert [field["name"] for field in browser_data(sample_results.questions())["examples"][0]["fields"]] == [
        "question",
        "context",
    ]
    fields = browser_data(sample_results.regression())["examples"][0]["fields"]
    assert [(field["name"], field["changed"]) for field in fields] == [("first text", False), ("second text", True)]


def test_embedded_data_cannot_end_their_element():
    data = {"</script><!--\u2028": ["<script>&amp;", "\u2029", "\ud800"]}
    text = str(embedded(data))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == data
