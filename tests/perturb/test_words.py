"""The vectorised segmentation agrees with the Unicode rules as the regex library has them."""

import numpy as np
import regex
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb.clusters import clusters
from charrobust.perturb.code_points import COMPLEX, CodePointBuffer, class_table
from charrobust.perturb.word_classes import StopWords, stop_words
from charrobust.perturb.words import find_words, token_words, word_spans
from tests.strategies import any_texts, texts

simple = st.text(alphabet="ab1_.,':;’ -\n\"éÄжΩ", max_size=30)


def spans(many: list[str]) -> list[list[tuple[int, int]]]:
    buffer = CodePointBuffer.of(many)
    words = find_words(buffer, many)
    start, end = words.at(words.start), words.at(words.end)
    found: list[list[tuple[int, int]]] = [[] for _ in many]
    for number, a, b in zip(words.text, start, end, strict=True):
        found[number].append((a - buffer.starts[number], b - buffer.starts[number]))
    return found


@given(st.lists(simple, max_size=4))
def test_simple_texts_are_split_by_unicode_rules(many):
    assert spans(many) == [word_spans(text) for text in many]


@given(st.lists(texts, max_size=4))
def test_words_of_any_script_are_those_of_the_rules(many):
    for text, found in zip(many, spans(many), strict=True):
        expected = word_spans(text)
        assert len(found) == len(expected)
        for (a, b), (c, d) in zip(found, expected, strict=True):
            assert c <= a <= b <= d


def test_both_ways_know_the_same_letters():
    # Texts with others go the way of the rules as they are. Not too many a text: boundaries take its length.
    simple_ones = np.flatnonzero(class_table() & COMPLEX == 0).tolist()
    letters = [chr(code_point) for code_point in simple_ones if not 0xD800 <= code_point < 0xE000]
    many = [" ".join(letters[at : at + 250]) for at in range(0, len(letters), 250)]
    for text, found in zip(many, spans(many), strict=True):
        assert found == word_spans(text)


@given(st.text("\U0001f1e9\U0001f1eaab1_' \n", max_size=20))
def test_flags_are_in_no_word(text):
    assert spans([text]) == [word_spans(text)]
    assert not any("\U0001f1e9" in text[start:end] for start, end in word_spans(text))


def test_a_long_row_of_flags_is_read_once():
    # Looked at from each of its code points, as the regex library does, this row would take hours.
    row = "\U0001f1e9\U0001f1ea" * 100_000
    assert word_spans(row + "abc") == [(len(row), len(row) + 3)]
    assert clusters(row) == ["\U0001f1e9\U0001f1ea"] * 100_000


@given(st.text("a\U0001f1e9\U0001f1ea\u0301\u200d\u0600\u0915\u094d\u0e33\U0001f469\r\n", max_size=20) | any_texts)
def test_clusters_are_those_of_the_library(text):
    assert clusters(text) == regex.findall(r"\X", text)


def test_abbreviations_and_contractions_stay_whole():
    text = "The U.S. can't sell 3.14 e-mails, don’t a_b"
    assert [text[a:b] for a, b in spans([text])[0]] == [
        "The", "U.S", "can't", "sell", "3.14", "e", "mails", "don’t", "a_b",
    ]  # fmt: skip


@given(any_texts)
def test_positions_are_borders_of_grapheme_clusters(text):
    buffer = CodePointBuffer.of([text])
    words = find_words(buffer, [text])
    borders = {0} | {match.end() for match in regex.finditer(r"\X", text)}
    for first, last in zip(words.start, words.end, strict=True):
        for cluster in range(first, last + 1):
            assert int(words.at(np.array([cluster]))[0]) - 1 in borders


def test_ranks_count_words_within_each_text():
    buffer = CodePointBuffer.of(["a b", "", "c d e"])
    words = find_words(buffer, ["a b", "", "c d e"])
    assert words.rank(np.arange(5)).tolist() == [0, 1, 0, 1, 2]


def test_tokens_are_words_whatever_they_hold():
    tokens = ["New York", "...", "", "x"]
    words = token_words(CodePointBuffer.of(tokens), tokens, np.array([0, 0, 1, 1]))
    assert (words.end - words.start).tolist() == [8, 3, 0, 1]
    assert words.rank(np.arange(4)).tolist() == [0, 1, 0, 1]


@given(
    st.lists(
        st.sampled_from(["the", "The", "THE", "tHe", "themselves", "thee", "should", "wound", "", "x"]), min_size=1
    )
)
def test_stop_words_are_found_exactly(tokens):
    text = " ".join(tokens)
    buffer = CodePointBuffer.of([text])
    words = find_words(buffer, [text])
    found = StopWords(buffer, words, stop_words("en")).among(np.arange(len(words.start)))
    # tHe has no usual capitals, and is rightly no stop word of the signatures
    assert found.tolist() == [word in {"the", "The", "THE", "themselves", "should"} for word in tokens if word]
