"""What cannot be measured is refused, with what to do about it."""

import json
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers.modeling_outputs import BaseModelOutput

from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.sensitivity.displacements import word_displacements
from charrobust.scoring.sensitivity.encoders import WordEncoder
from charrobust.scoring.sensitivity.measure import measure_sensitivity
from charrobust.scoring.sensitivity.results import FILE, Sensitivity
from tests.models.tokenizers import wordpiece
from tests.scoring.encoders import Lookup, lookup_encoder, make_encoder

NOISED = NoisedSentences.given([["cat", "sat"]], [["ca", "sat"]])


def test_no_noise():
    short = NoisedSentences.attacked([["a", "b"], ["c"]], Attack.load("charbert"))
    message = r"the attack 'charbert' \(severity 1\) noised none of 3 words in 2 sentences; expected one at least"
    with pytest.raises(DataError, match=message):
        measure_sensitivity({"x": lookup_encoder()}, short)
    with pytest.raises(DataError, match=r"noised none of 0 words in 0 sentences"):
        measure_sensitivity({"x": lookup_encoder()}, NoisedSentences.given([], []))


def test_sentences_that_do_not_line_up():
    with pytest.raises(DataError, match="expected as many noised sentences as clean ones, 1; got 2"):
        NoisedSentences.given([["a"]], [["a"], ["b"]])
    with pytest.raises(DataError, match="sentence 1: expected noised for each of its 2 tokens, got 1"):
        NoisedSentences.given([["a"], ["b", "c"]], [["a"], ["b"]])
    with pytest.raises(DataError, match="sentence 0: expected operators for each of its 1 tokens, got 2"):
        NoisedSentences.given([["a"]], [["a"]], [[None, None]])


def test_texts_among_tokens():
    with pytest.raises(DataError, match="texts alone or sentences of tokens alone, got 1 sentences of tokens among 2"):
        NoisedSentences.attacked([["a"], "a text"], Attack.load("charbert"))


def test_a_slow_tokenizer():
    slow = SimpleNamespace(is_fast=False)
    with pytest.raises(UserError, match=r"the tokenizer of 'old' \(SimpleNamespace\) does not tell where"):
        WordEncoder(Lookup(torch.zeros(9, 2)), slow, name="old")


@pytest.mark.parametrize("kept", ["last_hidden_state", "hidden_states"])
def test_an_encoder_without_hidden_states(kept):
    class Silent(Lookup):
        def forward(self, **inputs):
            return BaseModelOutput(**{kept: super().forward(**inputs)[kept]})

    encoder = WordEncoder(Silent(torch.zeros(90, 2)), wordpiece(), name="silent")
    with pytest.raises(UserError, match=r"model 'silent' \(Silent\) returns no hidden states of its layers; sensitiv"):
        word_displacements(encoder, NOISED)


def test_an_unknown_pooling():
    with pytest.raises(UserError, match="unknown pooling 'frist'; did you mean 'first'"):
        word_displacements(lookup_encoder(), NOISED, pooling="frist")


def test_unknown_models(tmp_path):
    with pytest.raises(UserError, match="no such directory"):
        measure_sensitivity({"x": tmp_path / "no"}, NOISED)
    with pytest.raises(UserError, match=f"model '{tmp_path}'"):
        measure_sensitivity({"x": tmp_path}, NOISED)


def test_weights_that_are_missing(backbone, tmp_path):
    for path in backbone.iterdir():
        if path.suffix == ".json":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = {key: value for key, value in load_file(backbone / "model.safetensors").items() if "layer.1" not in key}
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"its files lack 16 of the \d+ weights of a BertModel: encoder\.layer\.1"):
        WordEncoder.load(tmp_path)


def test_noised_words_beyond_the_longest_text():
    late = NoisedSentences.given([["the"] * 20 + ["wonderful"]], [["the"] * 20 + ["wonderfl"]])
    with pytest.raises(DataError, match="none of the noised words is among the 10 that 'x' reads of 1 sentences"):
        measure_sensitivity({"x": make_encoder("bert", max_length=12)}, late)


def test_broken_files(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*sensitivity\.json: No such file"):
        Sensitivity.load(tmp_path)
    path = tmp_path / FILE
    path.write_text("{")
    with pytest.raises(DataError, match="is no valid JSON file"):
        Sensitivity.load(path)
    path.write_text("[]")
    with pytest.raises(DataError, match="expected schema 1 of Sensitivity, got None"):
        Sensitivity.load(path)
    measure_sensitivity({"x": lookup_encoder()}, NOISED).save(path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "schema": 2}))
    with pytest.raises(DataError, match="expected schema 1 of Sensitivity, got 2; write it anew"):
        Sensitivity.load(path)
    del content["models"][0]["layers"][0]["all"]
    path.write_text(json.dumps(content))
    with pytest.raises(
        DataError, match=r"does not hold what Sensitivity needs: \[models\[0\]\.layers\[0\]\] key 'all' is missing"
    ):
        Sensitivity.load(path)
    with pytest.raises(UserError, match="cannot write"):
        measure_sensitivity({"x": lookup_encoder()}, NOISED).save(tmp_path / "no" / FILE)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(models=[]),
        lambda content: content["models"][0].update(layers=[]),
        lambda content: content["models"][0]["maps"][0].update(values=[[0.5]]),
        lambda content: content["models"][0]["maps"][0].update(clean=[], noised=[], operators=[], values=[]),
    ],
)
def test_measurements_with_holes(tmp_path, change):
    measure_sensitivity({"x": lookup_encoder()}, NOISED, mapped_sentences=1).save(tmp_path / FILE)
    content = json.loads((tmp_path / FILE).read_text())
    assert content["models"][0]["maps"]
    change(content)
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(DataError, match="lacks models, layers or values of words; measure again"):
        Sensitivity.load(tmp_path)
