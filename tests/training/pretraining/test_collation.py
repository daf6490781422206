"""Batches for noisy-LM pre-training, on every kind of tokenizer."""

import pickle
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import processors
from torch.utils.data import DataLoader

from charrobust.perturb.recipe_files import load_recipe
from charrobust.training.pretraining.collation import NoisyCollator
from charrobust.training.pretraining.noise import IGNORED, MASKINGS, noised_forms
from charrobust.training.pretraining.packing import pack
from charrobust.training.pretraining.schedule import Schedule
from charrobust.training.pretraining.vocabulary import WordVocabulary
from charrobust.training.pretraining.words import WordCodec
from tests.models.tokenizers import KINDS, TEXTS
from tests.strategies import WORDS

CHARBERT = load_recipe("charbert")
BLOCK = 48


def xlnet():
    """Return a tokenizer with special tokens behind the text alone."""
    tokenizer = KINDS["sentencepiece"]()
    special = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("<sep>", "<cls>")]
    template = processors.TemplateProcessing(single="$A <sep> <cls>", pair="$A $B <sep> <cls>", special_tokens=special)
    tokenizer.backend_tokenizer.post_processor = template
    return tokenizer


AROUND = {"wordpiece": ([2], [3]), "byte-level": ([], []), "sentencepiece": ([], []), "xlnet": ([], [3, 2])}


@pytest.fixture(scope="module", params=AROUND)
def collator(request, tmp_path_factory):
    tokenizer = (KINDS | {"xlnet": xlnet})[request.param]()
    documents = [*TEXTS, ", ".join(WORDS) * 2, "one (two), three... isn't four!"] * 2
    corpus = pack(documents, tokenizer, tmp_path_factory.mktemp("corpus") / "packed", block_size=BLOCK)
    vocabulary = WordVocabulary.of_corpus(corpus, 20, lowercase=True)
    return NoisyCollator(corpus, tokenizer, CHARBERT, vocabulary, clean=True, seed=3)


@pytest.fixture
def around(request, collator):
    return AROUND[request.node.callspec.params["collator"]]


def noised_texts(collator, epoch, block):
    """Return the words of a block and what noise would make of each."""
    texts = collator.corpus.words.texts(collator.corpus.block(block))
    return texts, noised_forms(CHARBERT, collator.seed, items=[(epoch, block)], texts=[texts])[0]


def encoded_anew(collator, block, place, form):
    """Return the tokens of another form of a word."""
    spaced = collator.corpus.words.spaced(collator.corpus.block(block)[place : place + 1])
    return WordCodec(collator.tokenizer).encode([form], spaced)[0].tolist()


def everything(collator, epochs=3):
    return [(epoch, block) for epoch in range(epochs) for block in range(len(collator.corpus))]


def words_of(batch, row, name="input_ids", words="words"):
    """Return the values at the tokens of each word of a block, by its place in the block."""
    pairs = zip(batch[words][row].tolist(), batch[name][row].tolist(), strict=True)
    inside = [pair for pair in pairs if pair[0] >= 0]
    return {place: [value for _, value in group] for place, group in groupby(inside, key=lambda pair: pair[0])}


def clean_words(collator, block):
    """Return the tokens of each word of a block."""
    numbers = collator.corpus.block(block)
    return [collator.corpus.words.pieces(numbers[place : place + 1])[0].tolist() for place in range(len(numbers))]


def item_of(batch, row):
    """Return all that a batch says of one block, without padding."""
    named = {}
    for name, values in batch.items():
        if values.ndim == 2:
            mask = batch["clean_attention_mask" if name.startswith("clean_") else "attention_mask"]
            named[name] = values[row][mask[row].bool()].tolist()
    return named


@settings(max_examples=20)
@given(data=st.data())
def test_a_block_does_not_depend_on_its_batch(collator, data):
    items = everything(collator)
    chosen = data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=8))
    batch = collator(chosen)
    for row, item in enumerate(chosen):
        assert item_of(batch, row) == item_of(collator([item]), 0)


def test_nor_on_workers(collator):
    schedule = Schedule(len(collator.corpus), 12, 0)
    loaders = [DataLoader(schedule, 4, collate_fn=collator, num_workers=workers) for workers in (0, 2)]
    for here, there in zip(*loaders, strict=True):
        assert here.keys() == there.keys()
        assert all(torch.equal(here[name], there[name]) for name in here)


def test_a_collator_can_be_sent_to_a_worker_that_is_spawned(collator):
    items = everything(collator)[:5]
    expected = collator(items)  # what it looked up goes along
    sent = pickle.loads(pickle.dumps(collator))(items)
    assert all(torch.equal(expected[name], sent[name]) for name in expected)


def test_noise_and_masks_are_fresh_in_another_epoch_and_with_another_seed(collator):
    blocks = range(len(collator.corpus))
    batches = [
        replace(collator, seed=seed)([(epoch, block) for block in blocks]) for seed, epoch in [(0, 0), (0, 1), (1, 0)]
    ]
    for name in ("noised", "labels"):
        values = [[item_of(batch, row)[name] for row in blocks] for batch in batches]
        assert values[0] != values[1]
        assert values[0] != values[2]


def test_shapes_and_types(collator):
    batch = collator(everything(collator)[:6])
    shape = batch["input_ids"].shape
    assert shape[0] == 6
    for name, values in batch.items():
        if name == "outside":
            assert values.shape == ()
        elif not name.startswith("clean_"):
            assert values.shape == shape
        assert values.dtype == (torch.bool if name == "noised" else torch.int64)
    assert {name for name in batch if name.startswith("clean_")} == {
        "clean_input_ids", "clean_attention_mask", "clean_words",
    }  # fmt: skip


def test_special_tokens_stand_around_each_block_and_padding_behind(collator, around):
    prefix, suffix = around
    batch = collator(everything(collator))
    for side in ("", "clean_"):
        ids, mask, words = (batch[side + name] for name in ("input_ids", "attention_mask", "words"))
        lengths = mask.sum(1)
        assert lengths.max() == ids.shape[1] <= BLOCK
        for row, length in enumerate(lengths.tolist()):
            assert mask[row, :length].all()
            assert ids[row, : len(prefix)].tolist() == prefix
            assert ids[row, length - len(suffix) : length].tolist() == suffix
            assert (ids[row, length:] == collator.tokenizer.pad_token_id).all()
            inside = slice(len(prefix), length - len(suffix))
            assert (words[row, inside] >= 0).all()
            assert (words[row] >= 0).sum() == length - len(prefix) - len(suffix)


def test_special_tokens_carry_nothing(collator):
    batch = collator(everything(collator))
    outside = batch["words"] < 0
    assert (batch["labels"][outside] == IGNORED).all()
    assert (batch["word_labels"][outside] == IGNORED).all()
    assert (batch["character_mask"][outside] == 1).all()
    assert not batch["noised"][outside].any()


def test_without_noise_and_masks_a_block_is_what_was_packed(collator):
    quiet = replace(collator, share=0.0, mask_share=0.0)
    items = everything(collator, epochs=1)
    batch = quiet(items)
    for row, (_, block) in enumerate(items):
        assert list(words_of(batch, row).values()) == clean_words(collator, block)
    assert torch.equal(batch["input_ids"], batch["clean_input_ids"])
    assert (batch["labels"] == IGNORED).all()
    assert (batch["word_labels"] == IGNORED).all()
    assert batch["outside"] == 0


@pytest.mark.parametrize("share", [0.15, 1.0, "uniform"])
def test_noised_words_are_encoded_anew_and_the_others_are_untouched(collator, share):
    items = everything(collator)
    batch = replace(collator, share=share, mask_share=0.0)(items)
    for row, (epoch, block) in enumerate(items):
        texts, forms = noised_texts(collator, epoch, block)
        originals, noised = clean_words(collator, block), words_of(batch, row, "noised")
        for place, tokens in words_of(batch, row).items():
            if any(noised[place]):
                assert all(noised[place])
                assert forms[place] != texts[place]
                assert tokens == encoded_anew(collator, block, place, forms[place])
            else:
                assert tokens == originals[place]


@pytest.mark.parametrize("share", [0.15, 0.4])
def test_the_share_of_noised_words_is_of_all_words(collator, share):
    items = everything(collator)
    batch = replace(collator, share=share)(items)
    for row, (epoch, block) in enumerate(items):
        texts, forms = noised_texts(collator, epoch, block)
        expected = min(round(share * len(texts)), sum(map(str.__ne__, texts, forms)))
        noised = sum(map(any, words_of(batch, row, "noised").values()))
        cut = len(texts) - len(words_of(batch, row))
        assert expected - cut <= noised <= expected


def test_words_that_noise_pushes_out_are_cut_off_whole(collator, around):
    room, cut = BLOCK - sum(map(len, around)), 0
    items = everything(collator)
    batch = replace(collator, share=1.0, mask_share=0.0)(items)
    for row, (epoch, block) in enumerate(items):
        texts, forms = noised_texts(collator, epoch, block)
        kept, original = words_of(batch, row), clean_words(collator, block)
        assert list(kept) == list(range(len(kept)))
        taken = sum(map(len, kept.values()))
        assert taken <= room
        if len(kept) < len(texts):
            place = len(kept)
            changed = forms[place] != texts[place]
            following = encoded_anew(collator, block, place, forms[place]) if changed else original[place]
            assert taken + len(following) > room
            cut += 1
    assert cut


def test_the_clean_side_holds_the_same_words(collator):
    items = everything(collator)
    batch = replace(collator, share=1.0)(items)
    for row, (_, block) in enumerate(items):
        kept = words_of(batch, row)
        clean = words_of(batch, row, "clean_input_ids", "clean_words")
        assert list(clean) == list(kept)
        assert list(clean.values()) == clean_words(collator, block)[: len(kept)]
    assert "clean_words" not in replace(collator, clean=False)(items[:2])


@pytest.mark.parametrize("masking", MASKINGS)
def test_masked_words_are_not_noised_and_their_characters_are_blank(collator, masking):
    items = everything(collator)
    masking_only = replace(collator, masking=masking)
    batch, bare = masking_only(items), replace(masking_only, mask_share=0.0)(items)
    masked = batch["labels"] != IGNORED
    assert not (masked & batch["noised"]).any()
    assert torch.equal(batch["character_mask"] == 0, masked)
    assert torch.equal(batch["labels"][masked], bare["input_ids"][masked])
    assert torch.equal(batch["input_ids"][~masked], bare["input_ids"][~masked])
    for row in range(len(items)):
        labels = words_of(batch, row, "labels").values()
        if masking != "token":
            assert all((IGNORED in values) == (set(values) == {IGNORED}) for values in labels)
    tokens = (batch["words"] >= 0).sum(1)
    open_tokens = ((batch["words"] >= 0) & ~batch["noised"]).sum(1)
    assert (masked.sum(1) >= torch.minimum((tokens * 0.1).round(), open_tokens)).all()


def test_masked_tokens_are_hidden_random_or_kept(collator):
    items = [(epoch, block) for epoch in range(100) for block in range(len(collator.corpus))]
    batch = replace(collator, share=0.0, mask_share=0.5)(items)
    masked = batch["labels"] != IGNORED
    shown, labels = batch["input_ids"][masked], batch["labels"][masked]
    hidden = shown == collator.tokenizer.mask_token_id
    ordinary = len(collator.tokenizer) - len(collator.tokenizer.all_special_ids)
    share = 1 / ordinary  # a random token may be the right one
    deviation = 4 / np.sqrt(len(labels))
    assert hidden.float().mean() == pytest.approx(0.8, abs=deviation)
    assert (shown == labels).float().mean() == pytest.approx(0.1 + 0.1 * share, abs=deviation)
    special = torch.isin(shown, torch.tensor(collator.tokenizer.all_special_ids))
    unknown = labels == collator.tokenizer.unk_token_id
    assert not (special & ~hidden & ~unknown).any()


def test_every_token_of_a_noised_word_is_labelled_with_the_word(collator):
    items = everything(collator)
    batch = replace(collator, share=0.5)(items)
    outside = 0
    for row, (_, block) in enumerate(items):
        numbers = collator.corpus.block(block)
        expected = collator.vocabulary.numbers(collator.corpus.words.texts(numbers))
        noised = words_of(batch, row, "noised")
        for place, labels in words_of(batch, row, "word_labels").items():
            label = expected[place] if noised[place][0] and expected[place] >= 0 else IGNORED
            assert set(labels) == {label}
            outside += noised[place][0] and expected[place] < 0
    assert batch["outside"] == outside
    assert outside
    assert (batch["word_labels"] >= 0).any()


def test_without_a_vocabulary_there_are_no_word_labels(collator):
    batch = replace(collator, vocabulary=None)(everything(collator)[:3])
    assert "word_labels" not in batch
    assert "outside" not in batch


def test_a_block_that_noise_leaves_alone_is_no_error(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    corpus = pack(["the of a in " * 30], tokenizer, tmp_path / "packed", block_size=BLOCK)
    vocabulary = WordVocabulary.of({"the": 1}, 5, lowercase=True)
    for masking in MASKINGS:
        batch = NoisyCollator(corpus, tokenizer, CHARBERT, vocabulary, masking=masking)([(0, 0), (0, 1)])
        assert (batch["word_labels"] == IGNORED).all()
        assert not batch["noised"].any()
        assert (batch["labels"] != IGNORED).any()
    batch = NoisyCollator(corpus, tokenizer, CHARBERT, vocabulary, mask_share=0.0)([(0, 0)])
    assert (batch["labels"] == IGNORED).all()


def test_a_noised_word_that_outgrows_a_block_stays_as_it_was(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    corpus = pack(["wonderful weather " * 10], tokenizer, tmp_path / "packed", block_size=3)
    batch = NoisyCollator(corpus, tokenizer, CHARBERT, share=1.0, mask_share=0.0, clean=True)(
        [(0, block) for block in range(len(corpus))]
    )
    assert batch["input_ids"].shape[1] == 3
    assert (batch["attention_mask"] == 1).all()
    assert torch.equal(batch["input_ids"][~batch["noised"]], batch["clean_input_ids"][~batch["noised"]])
    assert (batch["noised"].sum(1) < 2).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"share": 1.5}, "share must be between 0 and 1, or 'uniform'; got 1.5"),
        ({"share": "most"}, "share must be between 0 and 1, or 'uniform'; got 'most'"),
        ({"mask_share": -0.1}, "mask_share must be between 0 and 1, got -0.1"),
        ({"masking": "words"}, "unknown masking 'words'; expected one of whole-word, token, span"),
    ],
    ids=repr,
)
def test_wrong_options_are_refused(collator, changes, message):
    with pytest.raises(ValueError, match=message):
        replace(collator, **changes)


def test_a_tokenizer_must_have_the_special_tokens_that_are_needed(collator):
    tokenizer = KINDS["wordpiece"]()
    tokenizer.mask_token = None
    with pytest.raises(ValueError, match=r"no mask token, but mask_share is 0\.1; set its mask_token"):
        replace(collator, tokenizer=tokenizer)
    assert replace(collator, tokenizer=tokenizer, mask_share=0.0)
    tokenizer.pad_token = None
    with pytest.raises(ValueError, match="no padding token"):
        replace(collator, tokenizer=tokenizer, mask_share=0.0)
