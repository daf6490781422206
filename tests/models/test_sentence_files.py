"""Channels on encoders of sentence vectors, loaded by sentence-transformers as they are."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BertConfig

from charrobust.models import CharBertForSequenceClassification, CharBertModel
from charrobust.models.channels import channel_directory, save_channel
from charrobust.models.sentence_files import read_sentence_files
from tests.models.families import SIZES
from tests.models.tokenizers import KINDS, save_backbone

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformer = pytest.importorskip("sentence_transformers").SentenceTransformer

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}
TEXTS = ["wonderful wether", "typing", "storms chnage the wrods of the north, and typing errors change words"]
MODULES = ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")
LONGEST = 12


def write_files(folder, pooling, last=3):
    """Write the files of sentence-transformers into the directory of an encoder."""
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{name}"}
        for number, (path, name) in enumerate(MODULES[:last])
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    config = {"word_embedding_dimension": SIZES["hidden_size"], f"pooling_mode_{pooling}": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": LONGEST}))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "the "}}))
    return folder


@pytest.fixture
def bert(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    return save_backbone(tmp_path / "bert", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))


@pytest.fixture
def encoder(bert):
    return write_files(bert, "cls_token")


def make_channel(backbone):
    model = CharBertModel.from_backbone(backbone, **RECOGNISING).eval()
    torch.nn.init.ones_(model.interactions[0].gate)
    return model


def states_of(model, folder):
    """Return the states of the texts and their mask, as the model itself has them."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    batch = tokenizer(TEXTS, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    with torch.no_grad():
        return model(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)


def close(vectors, expected):
    assert vectors.shape == expected.shape
    assert np.abs(vectors - expected.numpy()).max() <= 1e-5


def test_a_saved_channel_encodes_as_the_model_does(encoder, tmp_path):
    model = make_channel(encoder)
    model.save_pretrained(tmp_path / "saved")
    AutoTokenizer.from_pretrained(encoder).save_pretrained(tmp_path / "saved")
    states, _ = states_of(model, encoder)
    expected = functional.normalize(states[:, 0], dim=-1)
    loaded = transformer(str(tmp_path / "saved"), device="cpu")
    close(loaded.encode(TEXTS), expected)
    assert loaded.prompts["query"] == "the "
    # once more through every way of loading and saving
    again = CharBertModel.from_pretrained(tmp_path / "saved")
    again.save_pretrained(tmp_path / "again")
    loaded.save(str(tmp_path / "library"))
    AutoTokenizer.from_pretrained(encoder).save_pretrained(tmp_path / "again")
    for name in ("again", "library"):
        close(transformer(str(tmp_path / name), device="cpu").encode(TEXTS), expected)


def test_means_that_are_not_of_length_1(bert, tmp_path):
    write_files(bert, "mean_tokens", last=2)
    model = make_channel(bert)
    model.save_pretrained(tmp_path / "saved")
    AutoTokenizer.from_pretrained(bert).save_pretrained(tmp_path / "saved")
    states, mask = states_of(model, bert)
    close(transformer(str(tmp_path / "saved"), device="cpu").encode(TEXTS), (states * mask).sum(1) / mask.sum(1))


def test_a_channel_kept_apart_has_the_tokenizer_and_pooling_of_its_backbone(encoder, tmp_path):
    save_channel(make_channel(encoder), tmp_path / "channel", str(encoder))
    model = AutoModel.from_pretrained(tmp_path / "channel").eval()
    states, _ = states_of(model, tmp_path / "channel")
    close(
        transformer(str(tmp_path / "channel"), device="cpu").encode(TEXTS), functional.normalize(states[:, 0], dim=-1)
    )


def test_heads_are_no_encoders_of_sentences(encoder, tmp_path):
    CharBertForSequenceClassification.from_backbone(encoder, **RECOGNISING).save_pretrained(tmp_path / "head")
    assert not (tmp_path / "head" / "modules.json").exists()


def test_a_plain_backbone_stays_plain(bert, tmp_path):
    make_channel(bert).save_pretrained(tmp_path / "saved")
    assert not (tmp_path / "saved" / "modules.json").exists()


@pytest.mark.parametrize("listed", ["{", "[1]", '{"path": 1}', '[{"name": "0"}]'])
def test_a_damaged_list_of_modules_is_refused(encoder, listed):
    (encoder / "modules.json").write_text(listed)
    with pytest.raises(ValueError, match=r"modules\.json of .* is no list of modules"):
        CharBertModel.from_backbone(encoder)


@pytest.mark.parametrize("path", ["../elsewhere", "/tmp", "a/../../b"])
def test_a_module_outside_of_the_directory_is_refused(encoder, path):
    (encoder / "modules.json").write_text(json.dumps([{"path": "", "type": "a"}, {"path": path, "type": "b"}]))
    with pytest.raises(ValueError, match="lies outside of the model's directory"):
        read_sentence_files(encoder)


def test_the_shipped_channel_has_the_pooling_of_its_backbone():
    folder = channel_directory("charbert-minilm-l6")
    from charrobust.models.minilm import minilm_directory

    assert read_sentence_files(folder) == read_sentence_files(minilm_directory())


def test_auto_classes_take_the_name_of_a_shipped_channel():
    model, tokenizer = (
        AutoModel.from_pretrained("charbert-minilm-l6"),
        AutoTokenizer.from_pretrained("charbert-minilm-l6"),
    )
    assert isinstance(model, CharBertModel)
    assert tokenizer.tokenize("jouney") == ["jo", "##une", "##y"]


@pytest.mark.nightly
def test_without_the_package_sentence_transformers_asks_whether_code_is_trusted(encoder, tmp_path):
    model = make_channel(encoder)
    model.save_pretrained(tmp_path / "saved")
    AutoTokenizer.from_pretrained(encoder).save_pretrained(tmp_path / "saved")
    states, _ = states_of(model, encoder)
    np.save(tmp_path / "expected.npy", functional.normalize(states[:, 0], dim=-1).numpy())
    code = f"""
import sys
sys.modules["charrobust"] = None
import numpy as np
from sentence_transformers import SentenceTransformer
folder = {str(tmp_path / "saved")!r}
try:
    SentenceTransformer(folder, device="cpu")
except ValueError as error:
    assert "trust_remote_code=True" in str(error)
else:
    raise AssertionError
model = SentenceTransformer(folder, device="cpu", trust_remote_code=True)
assert np.abs(model.encode({TEXTS!r}) - np.load({str(tmp_path / "expected.npy")!r})).max() <= 1e-5
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)
