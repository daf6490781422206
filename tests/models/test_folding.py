"""Folding in the normaliser of tokenizers of all kinds."""

import json
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import Sequence
from transformers import AutoTokenizer, BertConfig

from charrobust.models import CharBertModel
from charrobust.models.channels import save_channel
from charrobust.models.folding import folded, folding, folds, look_alikes
from charrobust.models.tokenizers import tokenizer_of
from charrobust.systems.folding import fold
from charrobust.systems.loading import load_tokenizer
from charrobust.training.pretraining.configuration import load_configuration
from charrobust.training.pretraining.models import load_tokenizer as load_for_pretraining
from charrobust.training.pretraining.words import WordCodec
from tests.models.families import SIZES
from tests.models.tokenizers import KINDS, save_backbone
from tests.training.runs import make_backbone, small

every_kind = pytest.mark.parametrize("kind", KINDS)
PLAIN = {kind: make() for kind, make in KINDS.items()}
FOLDED = {kind: folded(tokenizer) for kind, tokenizer in PLAIN.items()}
NORMALISE = Sequence(list(folding())).normalize_str

printable = st.text(st.sampled_from(string.printable.replace("\x0b", "").replace("\x0c", "")), max_size=60)
mixed = st.text(
    st.sampled_from("abIlT '’-.,1\u200b\u00ad\u200d\b\u0301αοΑΙтсаоІӀпяՏսᏟꭵＡｂ１ﬁ²書é\n")
    | st.sampled_from([*look_alikes()]),
    max_size=40,
)
INVISIBLE = "\u200b\u00ad\u2060\ufeff\u200d\u200c\u202d"


@st.composite
def disguised(draw):
    """A small word, and the same with look-alikes, full width or something invisible in it; one letter stays."""
    word = draw(st.text(string.ascii_lowercase, min_size=2, max_size=12))
    kept = draw(st.integers(0, len(word) - 1))
    letters = []
    for place, letter in enumerate(word):
        # A capital I at the beginning is one.
        likes = [other for other, targets in look_alikes().items() if letter in targets and (place or letter != "l")]
        forms = [letter, chr(ord(letter) + 0xFEE0), *likes]
        chosen = letter if place == kept else draw(st.sampled_from(forms))
        unseen = draw(st.sampled_from(["", "", *INVISIBLE])) if place + 1 < len(word) else ""
        letters.append(chosen + unseen)
    return word, "".join(letters)


@every_kind
@given(text=printable)
def test_ascii_is_untouched(kind, text):
    with_offsets = {"return_offsets_mapping": True}
    assert FOLDED[kind](text, **with_offsets) == PLAIN[kind](text, **with_offsets)


@given(mixed)
def test_folding_is_idempotent(text):
    assert NORMALISE(NORMALISE(text)) == NORMALISE(text)


@every_kind
@given(pair=disguised())
def test_a_disguised_word_has_the_tokens_of_the_word(kind, pair):
    word, noisy = pair
    tokenizer = FOLDED[kind]
    assert tokenizer(f"the {noisy} of")["input_ids"] == PLAIN[kind](f"the {word} of")["input_ids"]
    assert tokenizer(noisy)["input_ids"] == PLAIN[kind](word)["input_ids"]


def test_what_is_not_seen_is_that_of_the_defence():
    for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x300, 0x370), *range(0x2000, 0x2070), 0xFEFF, 0x61C):
        text = f"ab{chr(code)}c"
        # The defence makes one of a letter and a mark; the order of letters, and deletions, are tested below.
        if code not in (0x202E, 0x8):
            assert unicodedata.normalize("NFC", NORMALISE(text)) == fold(text), hex(code)


@given(disguised())
def test_it_does_what_the_defence_does(pair):
    word, noisy = pair
    assert NORMALISE(f"The {noisy}, of") == fold(f"The {noisy}, of") == f"The {word}, of"


@every_kind
@given(pairs=st.lists(disguised(), min_size=1, max_size=5))
def test_offsets_point_into_the_text_as_it_was(kind, pairs):
    clean, noisy = (" ".join(texts) for texts in zip(*pairs, strict=True))
    expected = PLAIN[kind](clean, return_offsets_mapping=True, add_special_tokens=False)
    found = FOLDED[kind](noisy, return_offsets_mapping=True, add_special_tokens=False)
    assert found["input_ids"] == expected["input_ids"]
    # The place in the text as it was of each character that is seen.
    places = [place for place, letter in enumerate(noisy) if letter not in INVISIBLE]
    for (start, end), (clean_start, clean_end) in zip(found["offset_mapping"], expected["offset_mapping"], strict=True):
        assert start == (places[clean_start] if clean_start < clean_end else start)
        assert end - 1 == places[clean_end - 1] if clean_start < clean_end else start == end


@pytest.mark.parametrize(
    "text",
    [
        "Он сказал, что а и о не с нами.", "в Windows и с Windows у нас", "Ελλάδα: ο Windows και η Ρόδος", "TNFα and α, β-blockers",
        "Kалина красная", "naïve café, ﬁne ², ½", "日本語のＴｅｓｔ"[:4], "می\u200cخواهم", "क्\u200dष", "👩\u200d💻",
    ],
)  # fmt: skip
def test_letters_of_a_language_stay(text):
    assert NORMALISE(text) == text


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        ("the сору оf а mat", "the copy of a mat"), ("heӀӀo Ӏt ІЅ", "hello It IS"), ("А/B В2В", "A/B B2B"),
        ("Ｆｕｌｌ　１２", "Full　12"), ("whxy\bt", "whxt"), ("\u200bhe\u202ello\u00ad", "hello"), ("о'clоck", "o'clock"),
    ],
)  # fmt: skip
def test_what_is_folded(noisy, clean):
    assert NORMALISE(noisy) == clean


def test_long_texts_of_look_alikes_are_read():
    # What lies further from Latin letters than is looked is taken for letters of its own language.
    assert NORMALISE("x " + "ао" * 300).startswith("x aoaoao")
    assert NORMALISE("thе сору " * 200) == "the copy " * 200
    assert NORMALISE("ао" * 300) == "ао" * 300


@every_kind
def test_what_is_saved_folds(kind, tmp_path):
    folder = save_backbone(tmp_path / "model", FOLDED[kind], BertConfig(**{**SIZES, "vocab_size": len(FOLDED[kind])}))
    loaded = AutoTokenizer.from_pretrained(folder)
    assert loaded.backend_tokenizer.to_str() == FOLDED[kind].backend_tokenizer.to_str()
    assert loaded("The wоnderful\u200b nоrth") == FOLDED[kind]("The wоnderful\u200b nоrth")
    assert loaded.special_tokens_map == PLAIN[kind].special_tokens_map
    assert loaded.model_max_length == PLAIN[kind].model_max_length
    assert folds(loaded)
    assert folded(loaded) is loaded, "not twice"
    assert not folds(PLAIN[kind]), "the one it was made of stays"


def test_a_class_that_makes_its_own_normaliser_is_left(tmp_path):
    from transformers import BertTokenizer

    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "north": 5}
    plain = BertTokenizer(vocab=vocabulary, do_lower_case=True, model_max_length=77)
    folded(plain).save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded("Nоrth", "nortһ") == plain("north", "north")
    assert (loaded.model_max_length, loaded.mask_token) == (77, "[MASK]")


@every_kind
@given(pairs=st.lists(disguised(), min_size=1, max_size=4))
def test_words_for_pretraining(kind, pairs):
    codec, noisy = WordCodec(FOLDED[kind]), " ".join(noisy for _, noisy in pairs)
    pieces, _ = codec.pieces(codec.cut(noisy))
    assert pieces.tolist() == FOLDED[kind](noisy, add_special_tokens=False)["input_ids"]


@pytest.fixture
def bert(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    return save_backbone(tmp_path / "bert", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))


@pytest.mark.parametrize("fold", [False, True])
def test_a_channel_says_whether_its_tokenizer_folds(fold, bert, tmp_path):
    model = CharBertModel.from_backbone(bert, fold=fold)
    save_channel(model, tmp_path / "channel", str(bert))
    model.save_pretrained(tmp_path / "whole")
    AutoTokenizer.from_pretrained(bert).save_pretrained(tmp_path / "whole")
    for folder in (tmp_path / "channel", tmp_path / "whole"):
        assert folds(load_tokenizer(folder)) is fold
    assert CharBertModel.from_pretrained(tmp_path / "channel").config.fold is fold


def test_old_configurations_do_not_fold(bert, tmp_path):
    save_channel(CharBertModel.from_backbone(bert), tmp_path / "channel", str(bert))
    path = tmp_path / "channel" / "config.json"
    config = json.loads(path.read_text())
    del config["fold"]
    path.write_text(json.dumps(config))
    assert not folds(tokenizer_of(tmp_path / "channel"))
    assert CharBertModel.from_pretrained(tmp_path / "channel").config.fold is False


def test_pretraining_folds_where_the_channel_is_to(tmp_path):
    folder: Path = make_backbone(tmp_path / "backbone")
    assert folds(load_for_pretraining(small(folder, channel__fold=True)))
    assert not folds(load_for_pretraining(small(folder)))
    assert load_configuration("minilm").channel["fold"] is True
