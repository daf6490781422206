"""Lists of words with their languages, and channels that know them."""

import pytest
import torch
from transformers import AutoTokenizer, BertConfig

from charrobust.models import CharBertForPreTraining
from charrobust.training.pretraining import warm_start as module
from charrobust.training.pretraining.configuration import load_configuration
from charrobust.training.pretraining.lexicons import words_to_know
from charrobust.training.pretraining.noised_words import NoisedWords
from charrobust.training.pretraining.steering import Checkpoint
from charrobust.training.pretraining.warm_start import warm_start
from charrobust.training.pretraining.word_list import WordList, read_word_list
from tests.models.families import SIZES
from tests.models.test_known_words import SPELLED, WORDS
from tests.models.tokenizers import save_backbone, wordpiece

LIST = WordList(
    words=[*WORDS, "north", "storms", "qqqqqq"],
    languages=["en"] * len(WORDS) + ["de", "de", "en"],
    counts=[90, 50, 20, 10, 8, 5, 7, 6, 9],
)


@pytest.fixture(autouse=True)
def measured_on_few_words(monkeypatch):
    monkeypatch.setattr(module, "_HELD_OUT", 200)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    tokenizer = wordpiece()
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / "bert"
    return save_backbone(folder, tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))


def untaught(backbone):
    torch.manual_seed(0)
    options = {**SPELLED, "word_vocabulary_size": 3}
    return CharBertForPreTraining.from_backbone(backbone, words=WORDS, **options)


def test_a_list_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "words.tsv"
    rows = zip(LIST.words, LIST.languages, LIST.counts, strict=True)
    path.write_text("word\tlanguage\tcount\n" + "".join(f"{w}\t{c}\t{n}\n" for w, c, n in rows), encoding="utf-8")
    read = read_word_list(path)
    assert (list(read.words), list(read.languages), list(read.counts)) == (LIST.words, LIST.languages, LIST.counts)
    assert list(read.totals()) == [*WORDS, "storms", "qqqqqq"]
    assert sum(read.totals().values()) == sum(LIST.counts)


def test_a_channel_without_a_list_knows_the_frequent_words_of_its_corpus():
    counts = {"Weather": 2, "weather": 3, "north": 5, "typing": 1, "the": 9, "漢字": 4, "42": 6, "wonderful": 2}
    changes = {"channel.lexicon_keys": "spelled", "channel.lexicon_size": 3}
    tokenizer = wordpiece()
    known = words_to_know(load_configuration("minilm", changes), counts, tokenizer)
    assert known == {"the": 9, "north": 5, "weather": 5}
    whole = load_configuration("minilm", {"channel.lexicon_keys": "spelled", "channel.lexicon_tokens": 12})
    assert list(words_to_know(whole, counts, tokenizer)) == ["the", "north", "weather", "wonderful"]
    assert words_to_know(load_configuration("minilm"), counts, tokenizer) is None


def test_words_are_noised_in_their_language_and_told_from_unknown_ones(backbone):
    model, tokenizer = untaught(backbone), AutoTokenizer.from_pretrained(backbone)
    source = NoisedWords(model.charbert, tokenizer, LIST, recipe="keyboard@1", seed=3)
    (sample,) = source.draw(300, 1)
    characters = model.config.characters
    forms = ["".join(characters[letter] for letter in word) for word in sample.letters.tolist()]
    for form, target, own in zip(forms, sample.target.tolist(), sample.own.tolist(), strict=True):
        if form in WORDS:
            # Clean: its own tokens, or the word that it is.
            assert (target, own) in {(len(WORDS), WORDS.index(form))}
        else:
            assert target == own
    assert set(sample.target.tolist()) == set(range(len(WORDS) + 1))


def test_a_warm_start_is_taken_up_with_the_keys_as_they_were(backbone, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_KEYS_EVERY", 3)
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    settings = {"recipe": "charbert", "steps": 8, "batch_size": 16, "seed": 1}
    whole = untaught(backbone)
    warm_start(whole, tokenizer, LIST, **settings)
    stopped, checkpoint = untaught(backbone), Checkpoint(tmp_path / "state", every=100)

    class Ends:
        requested = False

    def at_four(_stage, step, _steps, _metrics):
        Ends.requested = step == 4  # between two times at which keys are made

    assert warm_start(stopped, tokenizer, LIST, **settings, checkpoint=checkpoint, progress=at_four, stop=Ends) is None
    resumed = untaught(backbone)
    assert warm_start(resumed, tokenizer, LIST, **settings, checkpoint=checkpoint)
    weights = whole.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in resumed.state_dict().items())


@pytest.mark.slow
def test_spelled_words_are_recognised_after_few_steps(backbone):
    model = untaught(backbone)
    done = warm_start(model, AutoTokenizer.from_pretrained(backbone), LIST, recipe="charbert", steps=60, batch_size=32)
    assert done is not None
    assert done.recognised > 0.9
    assert done.kept > 0.8
