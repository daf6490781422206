"""Spans are the same in whatever scheme tags are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1
from seqeval.scheme import BILOU, IOBES, IOE2

from charrobust.tasks.metrics import score
from charrobust.tasks.tagging.metrics import find_spans, marks_spans
from charrobust.tasks.tagging.schemes import reading_of
from tests.tasks.data import task_of

TYPES = ("PER", "LOC", "B", "S", "A-B", "A_S")


@st.composite
def span_lists(draw, types=TYPES):
    """Return a number of tokens, and spans of them: (start, end, type)."""
    spans, at = [], 0
    for gap, length, name in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(types)), max_size=4)
    ):
        spans.append((at + gap, at + gap + length, name))
        at += gap + length
    return at + draw(st.integers(0, 2)), spans


def letters(length, scheme):
    """Return the letters of a span of some length."""
    first, inner, last, single = {
        "IOB2": "BIIB",
        "IOBES": "BIES",
        "BILOU": "BILU",
        "BMES": "BMES",
        "BMEWO": "BMEW",
        "IOE2": "IIEE",
    }[scheme]
    return [single] if length == 1 else [first, *inner * (length - 2), last]


def tags_of(tokens, spans, scheme, write):
    tags = ["O"] * tokens
    for start, end, name in spans:
        tags[start:end] = [write(letter, name) for letter in letters(end - start, scheme)]
    return tags


def iob1(tokens, spans):
    """Return tags with B only where a span follows another of its type."""
    tags = ["O"] * tokens
    for number, (start, end, name) in enumerate(spans):
        follows = number and spans[number - 1][1:] == (start, name)
        tags[start:end] = [f"{'B' if follows else 'I'}-{name}", *[f"I-{name}"] * (end - start - 1)]
    return tags


SCHEMES = ("IOB2", "IOBES", "BILOU", "BMES", "BMEWO", "IOE2")
WRITTEN = {
    "B-PER": lambda letter, name: f"{letter}-{name}",
    "B_PER": lambda letter, name: f"{letter}_{name}",
    "PER-B": lambda letter, name: f"{name}-{letter}",
    "PER_B": lambda letter, name: f"{name}_{letter}",
}


def span_f1(targets, predictions):
    values = {metric.name: score(metric, targets, predictions) for metric in task_of("tagging").metrics(targets)}
    return values["span F1"]


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.sampled_from(sorted(WRITTEN)), st.lists(st.tuples(span_lists(), span_lists()), min_size=1, max_size=4))
def test_equal_spans_have_equal_f1(scheme, way, pairs):
    # types of one letter beside a scheme's letters can be read both ways where no span tells: they are tried below
    pairs = [tuple((tokens, [(a, b, "X" + name) for a, b, name in spans]) for tokens, spans in pair) for pair in pairs]
    write = WRITTEN[way]

    def written(how):
        sides = []
        for side in (0, 1):
            tagged = []
            for pair in pairs:
                tokens = max(tokens for tokens, _ in pair)
                tagged.append(how(tokens, pair[side][1]))
            sides.append(tagged)
        return sides

    wanted = span_f1(*written(lambda tokens, spans: tags_of(tokens, spans, "IOB2", WRITTEN["B-PER"])))
    assert span_f1(*written(lambda tokens, spans: tags_of(tokens, spans, scheme, write))) == pytest.approx(wanted)
    assert span_f1(*written(iob1)) == pytest.approx(wanted)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.sampled_from(sorted(WRITTEN)), span_lists())
def test_spans_are_found_where_they_are(scheme, way, spans_of_sentence):
    tokens, spans = spans_of_sentence
    spans = [(start, end, name if name in ("PER", "LOC") else f"X{name}") for start, end, name in spans]
    tags = tags_of(tokens, spans, scheme, WRITTEN[way])
    kinds = {}
    found = find_spans([tags], kinds).triples()
    names = {number: name for name, number in kinds.items()}
    assert [(start, end, names[kind]) for start, end, kind in found] == spans


@pytest.mark.parametrize("way", WRITTEN)
def test_types_may_be_called_as_letters_are(way):
    spans = [(0, 2, "S"), (3, 4, "B"), (5, 8, "PER")]
    tags = tags_of(9, spans, "IOB2", WRITTEN[way])
    kinds = {}
    found = find_spans([tags], kinds).triples()
    names = {number: name for name, number in kinds.items()}
    assert [(start, end, names[kind]) for start, end, kind in found] == spans


@pytest.mark.parametrize(("name", "scheme"), [("BILOU", BILOU), ("IOBES", IOBES), ("IOE2", IOE2)], ids=str)
@given(st.lists(st.tuples(span_lists(("PER", "LOC")), span_lists(("PER", "LOC"))), min_size=1, max_size=4))
@pytest.mark.filterwarnings("ignore")
def test_schemes_of_seqeval(name, scheme, pairs):
    sides = [[], []]
    for pair in pairs:
        tokens = max(1, *(tokens for tokens, _ in pair))
        for side in (0, 1):
            tags = tags_of(tokens, pair[side][1], name, WRITTEN["B-PER"])
            sides[side].append(tags)
    if not any(tag != "O" for side in sides for tags in side for tag in tags):
        return
    assert span_f1(*sides) == pytest.approx(seqeval_f1(*sides, mode="strict", scheme=scheme))


@pytest.mark.parametrize(
    "tags",
    [
        ["NOUN", "X", "VERB"],
        ["NN", "NNP", "-LRB-", "PRP$", "O"],
        ["O", "PER", "LOC"],
        ["S", "O"],
        ["B-PER", "PER-B"],
        ["B-PER", "I_PER"],
        ["B-PER", "L-PER", "E-PER"],
        ["B-PER", "NOUN"],
        ["O-PER", "B-PER"],
        ["M", "W"],
        ["B-", "O"],
    ],
    ids=" ".join,
)
def test_tags_that_are_of_no_scheme(tags):
    assert reading_of(tags) is None
    assert not marks_spans([tags])


@pytest.mark.parametrize(
    "tags",
    [["O"], [], ["B", "I", "O"], ["B", "M", "E", "S"], ["S-PER"], ["PER-S"], ["U_LOC", "O"], ["B-A-S", "I-A-S"]],
    ids=" ".join,
)
def test_tags_that_are_of_a_scheme(tags):
    assert marks_spans([tags])


def test_words_of_a_segmentation_are_spans():
    assert find_spans([["B", "E", "S", "B", "M", "M", "E"]]).triples() == [(0, 2, 0), (2, 3, 0), (3, 7, 0)]


def test_predictions_are_read_as_the_targets_are():
    # of the predictions alone, S would be the letter and B a type
    assert span_f1([["S-B", "PER-B", "PER-I"]], [["S-B", "O", "O"]]) == pytest.approx(2 / 3)
    assert span_f1([["O", "O"]], [["PER-U", "O"]]) == 0
