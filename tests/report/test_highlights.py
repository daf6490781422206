"""Edits are marked where they are, whatever the data hold."""

from dataclasses import replace

import pytest

from charrobust.report.example_browser import browser_data, embedded, how_many
from charrobust.report.highlights import fragments
from tests.report import sample_results
from tests.report.parsing import unpacked


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [("hello", "")]),
        ([(1, 2, "drop")], [("h", ""), ("e", "drop"), ("llo", "")]),
        ([(0, 2, "a"), (2, 5, "b")], [("he", "a"), ("llo", "b")]),
        ([(2, 2, "insertion")], [("he", ""), ("", "insertion"), ("llo", "")]),
        ([(1, 4, "first"), (2, 3, "covered")], [("h", ""), ("ell", "first"), ("o", "")]),
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
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert unpacked(text) == data


@pytest.mark.parametrize(
    ("flipped", "said"),
    [
        (None, "A selection: 80 examples, those that an attack flipped first."),
        (
            55,
            "Every example that an attack made wrong for some model, 55 over all attacks together; and 25 others that",
        ),
        (
            900,
            "55 of the 900 examples that an attack made wrong for some model, of all attacks in turns, as more are too",
        ),
    ],
)
def test_how_many_examples_there_are_is_said(flipped, said):
    results = replace(sample_results.classification(40), flipped=flipped)
    assert how_many(results).startswith(said)


def test_numbers_lose_ground():
    text = how_many(replace(sample_results.regression(), flipped=1))
    assert (
        text == "Every example that an attack made worse, 1 over all attacks together; and 0 others that one changed."
    )
