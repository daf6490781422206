"""Sensitivity: the paper's S by hand, against a plain loop, and its parts."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack
from charrobust.scoring.clusters import mean_over_words
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.sensitivity.displacements import displacement, word_displacements
from charrobust.scoring.sensitivity.measure import measure_sensitivity, summary
from charrobust.scoring.sensitivity.results import FILE, Sensitivity
from charrobust.systems.loading import has_segments
from tests.scoring.encoders import CHANNELS, ENCODERS, lookup_encoder, make_channel, make_encoder
from tests.training.runs import SENTENCES

TOKENS = [sentence.replace(",", " ,").split() for sentence in SENTENCES] + [["storms"], ["the", "words"] * 6]
GIVEN = NoisedSentences.given(
    [["cat", "sat"], ["act"], ["sat", "sat"]],
    [["caxt", "sat"], ["cat"], ["sat", "sat"]],
    [["add", None], ["swap"], [None, None]],
)


@pytest.fixture(scope="module")
def noised():
    return NoisedSentences.attacked(TOKENS, Attack.load("charbert"))


def test_s_by_hand():
    """Cat to ca(xt): 90 degrees, (1 - 0) / 2; act to cat: 180 degrees, (1 + 1) / 2; sat stays."""
    found = measure_sensitivity({"hand": lookup_encoder()}, GIVEN).models[0]
    assert found.score.value == pytest.approx((0.5 + 0 + 1 + 0 + 0) / 5)
    assert found.noised.value == pytest.approx(0.75)
    assert found.untouched.value == 0
    assert (found.sentences, found.words, found.noised_words, found.untouched_words, found.dropped) == (3, 5, 2, 1, 0)
    assert {each.operator: (each.words, each.value.value) for each in found.operators} == {
        "add": (1, pytest.approx(0.5)),
        "swap": (1, pytest.approx(1)),
    }
    below = found.layers[0]
    assert (below.layer, below.channel) == (0, "token")
    assert below.all.value == pytest.approx((0 + 0 + 0.5 + 0 + 0) / 5)


def test_the_mean_of_sub_tokens_by_hand():
    """Ca and ##xt stand at 90 and 0 degrees with lengths 5 and 6."""
    found = word_displacements(lookup_encoder(), GIVEN, pooling="mean")
    assert found.values[1, 0] == pytest.approx((1 - 6 / np.hypot(5, 6)) / 2)
    assert found.values[1, 2] == pytest.approx(1)


@pytest.mark.parametrize("pooling", ["first", "mean"])
@pytest.mark.parametrize("family", ENCODERS)
def test_every_family_agrees_with_a_plain_loop(family, pooling, noised):
    encoder = make_encoder(family)
    found = word_displacements(encoder, noised, pooling=pooling, batch_size=3)
    assert found.values == pytest.approx(plain_loop(encoder, noised, pooling), abs=1e-5)
    assert found.values.max() > 1e-3


def plain_loop(encoder, noised, pooling):
    """One sentence at a time, one word at a time."""
    columns = []
    for pair in noised.pairs:
        both = []
        for text, spans in ((pair.clean, pair.spans), (pair.noised, pair.noised_spans)):
            encoded = encoder.tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
            pieces = encoder.tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])
            places = list(zip(encoded["offset_mapping"][0].tolist(), pieces, strict=True))
            segments = {"token_type_ids": torch.zeros_like(encoded["input_ids"])} if has_segments(encoder.model) else {}
            if has_segments(encoder.model) and "token_type_ids" in encoded:
                segments = {"token_type_ids": encoded["token_type_ids"]}
            with torch.no_grad():
                out = encoder.model(encoded["input_ids"], **segments, output_hidden_states=True)
            layers = torch.stack([*out.hidden_states[:-1], out.last_hidden_state])[:, 0]
            words = []
            for start, end in spans:
                inside = [a < min(b, end) and b > start and piece != "\u2581" for (a, b), piece in places]
                tokens = np.flatnonzero(inside)
                words.append(layers[:, tokens[0]] if pooling == "first" else layers[:, tokens].mean(1))
            both.append(torch.stack(words))
        columns.append((1 - torch.cosine_similarity(*both, dim=-1)) / 2)
    return torch.cat(columns).T.numpy()


@pytest.mark.parametrize("channel", CHANNELS)
def test_channels(channel, backbone, noised):
    encoder = make_channel(backbone, **CHANNELS[channel])
    found = word_displacements(encoder, noised)
    layers = {name: [cell.layer for cell in found.layers if cell.channel == name] for name in ("token", "character")}
    assert layers == {"token": [0, 1, 2, 3], "character": [0] if channel == "merging" else [0, 1, 2, 3]}
    for size in (1, 4):
        assert word_displacements(encoder, noised, batch_size=size).values == pytest.approx(found.values, abs=1e-6)
    states = encoder.model.eval()(**encoder.tokenizer(noised.pairs[4].clean, return_tensors="pt"))
    others = encoder.model(**encoder.tokenizer(noised.pairs[4].noised, return_tensors="pt"))
    one, other = (out.character_last_hidden_state[0, 1] for out in (states, others))
    if channel != "merging":
        cell = found.layers.index(max(cell for cell in found.layers if cell.channel == "character"))
        word = int(np.flatnonzero(found.sentence == 4)[0])
        expected = (1 - torch.cosine_similarity(one, other, dim=0).item()) / 2
        assert found.values[cell, word] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet"])
def test_the_size_of_batches_changes_nothing(family, noised):
    encoder = make_encoder(family)
    for pooling in ("first", "mean"):
        alone = word_displacements(encoder, noised, pooling=pooling, batch_size=1)
        together = word_displacements(encoder, noised, pooling=pooling)
        assert together.values == pytest.approx(alone.values, abs=1e-6)


def test_equal_text_moves_nothing():
    same = NoisedSentences.given(TOKENS, TOKENS, [["drop"] * len(tokens) for tokens in TOKENS])
    found = measure_sensitivity({"bert": make_encoder("bert")}, same).models[0]
    assert found.score.value == found.noised.value == 0
    assert found.untouched is None


def test_the_last_layer_is_s(noised, backbone):
    models = {"plain": make_encoder("bert"), "two channels": make_channel(backbone)}
    for found in measure_sensitivity(models, noised).models:
        last = [layer for layer in found.layers if layer.channel == "token"][-1]
        assert (last.layer, last.all, last.noised, last.untouched) == (3, found.score, found.noised, found.untouched)
        weighted = sum(each.words * each.value.value for each in found.operators) / found.noised_words
        assert weighted == pytest.approx(found.noised.value)
        assert found.score.low < found.score.value < found.score.high


def test_maps_hold_every_word(noised):
    found = summary(word_displacements(make_encoder("bert"), noised), mapped_sentences=2).maps
    assert [each.sentence for each in found] == [0, 1]
    assert found[0].clean == tuple(TOKENS[0])
    assert found[0].noised == noised.pairs[0].noised_words != found[0].clean
    assert [bool(operator) for operator in found[0].operators] == [
        old != new for old, new in zip(found[0].clean, found[0].noised, strict=True)
    ]
    assert found[0].layers == (0, 1, 2, 3)
    assert [len(row) for row in found[0].values] == [len(TOKENS[0])] * 4


def test_words_beyond_the_length_are_dropped_and_counted(noised):
    encoder = make_encoder("bert", max_length=12)
    displacements = word_displacements(encoder, noised)
    found = summary(displacements)
    assert found.dropped == noised.words - len(displacements.word) > 0
    assert found.words == len(displacements.word)
    whole = word_displacements(make_encoder("bert"), noised).to_frame().set_index(["sentence", "word"])
    assert set(map(tuple, displacements.to_frame()[["sentence", "word"]].to_numpy())) < set(whole.index)


def test_texts_are_read_with_all_that_stands_between_words():
    texts = ["Unbelievable storms, in the north; change!", "(Wonderful) words."]
    found = NoisedSentences.attacked(texts, Attack.load("charbert"))
    assert [pair.clean for pair in found.pairs] == texts
    assert found.pairs[1].words == ("Wonderful", "words")
    for pair in found.pairs:
        assert all(
            (old == new) == (operator is None)
            for old, new, operator in zip(pair.words, pair.noised_words, pair.operators, strict=True)
        )
    displacements = word_displacements(make_encoder("bert"), found)
    assert list(displacements.to_frame()["clean"]) == [word for pair in found.pairs for word in pair.words]


def test_byte_level_words_begin_behind_their_blank():
    encoder = make_encoder("roberta")
    text = "typing wonderful words"
    located = encoder.locate([text], [[(0, 6), (7, 16), (17, 22)]])[0]
    tokens = encoder.tokenizer.convert_ids_to_tokens(located.window.ids)
    assert [tokens[place][0] for place in located.first] == ["t", "\u0120", "\u0120"]


def test_to_frame_and_file(noised, tmp_path, backbone):
    models = {"a": make_encoder("bert"), "b": make_channel(backbone, **CHANNELS["merging"])}
    found = measure_sensitivity(models, noised, data="some", pooling="mean")
    found.save(tmp_path / FILE)
    assert Sensitivity.load(tmp_path) == found
    frame = found.to_frame()
    assert set(frame["model"]) == {"a", "b"}
    chosen = frame[(frame["model"] == "b") & (frame["layer"] == 3) & (frame["of"] == "all")]
    assert chosen["value"].item() == found.models[1].score.value
    assert set(frame[frame["layer"] == 3]["of"]) >= {"all", "noised", "untouched", "drop"}
    assert (found.attack, found.severity, found.seed, found.data) == ("charbert", "1", 2020, "some")


vectors = st.lists(st.floats(-5, 5, width=32), min_size=3, max_size=3).filter(lambda v: np.linalg.norm(v) > 0.1)


@given(vectors, vectors)
def test_displacement_is_the_formula(one, other):
    a, b = torch.tensor([one]), torch.tensor([other])
    value = displacement(a, b).item()
    cosine = np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)
    assert value == pytest.approx((1 - cosine) / 2, abs=1e-6)
    assert displacement(a, a).item() == 0
    nothing = torch.zeros(1, 3)
    assert (displacement(a, nothing).item(), displacement(nothing, nothing).item()) == (0.5, 0)


def test_intervals_are_over_sentences():
    values = np.array([0.1, 0.5, 0.3, 0.9, 0.2])
    from scipy import stats

    alone = mean_over_words(values, np.arange(5))
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (alone.low, alone.high) == (pytest.approx(max(0, low)), pytest.approx(high))
    thrice = mean_over_words(np.repeat(values, 3), np.repeat(np.arange(5), 3))
    assert (thrice.value, thrice.low, thrice.high) == pytest.approx((alone.value, alone.low, alone.high))
    one = mean_over_words(values, np.zeros(5, np.int64))
    assert (one.low, one.high) == (0, 1)


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        sizes = rng.integers(1, 12, 60)
        sentence = np.repeat(np.arange(60), sizes)
        values = np.clip(0.4 + rng.normal(0, 0.1, 60)[sentence] + rng.normal(0, 0.1, len(sentence)), 0, 1)
        interval = mean_over_words(values, sentence)
        covered += interval.low <= 0.4 <= interval.high
    assert 0.92 < covered / 400 < 0.98
