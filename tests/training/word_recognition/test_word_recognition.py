"""Training of word recognisers, on tiny texts."""

import json
from itertools import islice

import pytest
import torch

from charrobust.models.semi_character import UNKNOWN, SemiCharacterConfig, SemiCharacterRecogniser
from charrobust.perturb import load_recipe
from charrobust.systems.restoration import load_restorer
from charrobust.training.interruptions import Interrupted
from charrobust.training.word_recognition import train as word_recognition
from charrobust.training.word_recognition.data import Readings, alphabet_of
from charrobust.training.word_recognition.running_words import RunningWords
from charrobust.training.word_recognition.settings import RecogniserSettings
from charrobust.training.word_recognition.train import train_recogniser
from tests.training.runs import SENTENCES, interrupting, same_weights

SMALL = {
    "hidden_size": 16,
    "word_size": 16,
    "steps": 6,
    "batch_words": 60,
    "passage": 5,
    "held_out": 30,
    "log_every": 2,
}


@pytest.fixture(autouse=True)
def _no_spelling(monkeypatch):
    """The dictionary of the spelling corrector takes seconds to load."""
    monkeypatch.setattr(word_recognition, "find_spec", lambda _: None)


def train(corpus, output, progress=lambda *_: None, **options):
    settings = {key: options.pop(key) for key in [*options] if key in RecogniserSettings.__dataclass_fields__}
    return train_recogniser(RecogniserSettings(**{**SMALL, **settings}), [corpus], output, progress=progress, **options)


def test_what_is_written(corpus, tmp_path):
    done = train(corpus, tmp_path / "out", language="en")
    output = done.output
    assert {path.name for path in output.iterdir()} == {
        "config.json", "model.safetensors", "words.json", "recogniser.json", "metrics.jsonl", "README.md"
    }  # fmt: skip
    record = json.loads((output / "recogniser.json").read_text(encoding="utf-8"))
    assert record["configuration"]["steps"] == 6
    assert record["corpus"] == ["text.txt"]
    assert record["outside"] == done.outside == 0
    assert [row["noise"] for row in record["measured"]] == ["clean", "drop", "add", "swap", "keyboard", "charbert"]
    entries = [json.loads(line) for line in (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["step"] for entry in entries] == [2, 4, 6]
    card = (output / "README.md").read_text(encoding="utf-8")
    assert 'language: "en"' in card
    assert "| charbert |" in card
    assert load_restorer(output).words([["the", "x1"]]) != []


@pytest.mark.slow
def test_a_recogniser_learns(corpus, tmp_path):
    done = train(corpus, tmp_path / "out", steps=150, batch_words=200, learning_rate=2e-2, log_every=100)
    clean, *_, noised = done.errors
    assert clean.restored["word recognition"] < 0.05
    assert noised.restored["word recognition"] < 0.2 < 0.5 < noised.nothing
    assert load_restorer(done.output).words([["unbelievable", "stomrs", "in", "the", "noth"]])[0][1] == "storms"


def test_a_seed_gives_one_result(corpus, tmp_path):
    one, same, other = (train(corpus, tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert same_weights(one.output, same.output)
    assert one.errors == same.errors
    assert not same_weights(one.output, other.output)


def test_a_run_goes_on_exactly(corpus, tmp_path):
    whole = train(corpus, tmp_path / "whole")
    with pytest.raises(Interrupted, match=r"after step 2 of 6; a checkpoint is written\. Go on with `resume`"):
        train(corpus, tmp_path / "parts", progress=interrupting(2))
    assert (tmp_path / "parts" / "checkpoint.safetensors").exists()
    metrics = tmp_path / "parts" / "metrics.jsonl"
    with metrics.open("a", encoding="utf-8") as handle:  # as a crash leaves them, some steps behind the checkpoint
        handle.write('{"step": 4, "loss": 1.0}\n{"step": 6, "lo')
    parts = train(corpus, tmp_path / "parts", resume=True, language="en")
    assert 'language: "en"' in (parts.output / "README.md").read_text(encoding="utf-8")
    assert same_weights(whole.output, parts.output)
    assert not (tmp_path / "parts" / "checkpoint.safetensors").exists()
    assert [json.loads(line)["step"] for line in metrics.read_text(encoding="utf-8").splitlines()] == [2, 4, 6]


def test_the_vocabulary_is_that_of_the_most_frequent_words(corpus, tmp_path):
    done = train(corpus, tmp_path / "out", vocabulary=2)
    assert done.words == 2
    assert 0 < done.outside < 1
    assert json.loads((done.output / "words.json").read_text(encoding="utf-8")) == ["the", "change"]


@pytest.mark.parametrize(("recipe", "shortest"), [("charbert", 3), ("drop", 2), ("ocr", 1)])
def test_words_are_asked_for_that_the_recipe_may_have_left(recipe, shortest, corpus, tmp_path):
    train(corpus, tmp_path / "out", recipe=recipe, steps=1)
    assert json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))["shortest"] == shortest


def test_a_background_is_taken_along(corpus, tmp_path):
    first = train(corpus, tmp_path / "first")
    second = train(corpus, tmp_path / "second", vocabulary=3, backoff="background", background=first.output)
    restorer = load_restorer(second.output)
    assert len(restorer.network.words) == 3
    assert restorer.background.words == load_restorer(first.output).network.words


def test_text_to_measure_on_may_be_given(corpus, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("entirely different sentences\n", encoding="utf-8")
    done = train(corpus, tmp_path / "out", evaluation=[other])
    assert done.errors[-1].nothing == 1
    assert json.loads((done.output / "recogniser.json").read_text(encoding="utf-8"))["evaluation"] == ["other.txt"]


def test_alphabets_hold_what_is_frequent():
    assert alphabet_of({"Abc": 10**6, "a☃": 1}) == "abc"
    assert len(alphabet_of({"".join(map(chr, range(0x4E00, 0x4F00))): 1})) == 200


def readings(**options):
    text = RunningWords.of(SENTENCES * 30)
    words = sorted({word.lower() for word in text.texts} - {"weather"})
    network = SemiCharacterRecogniser(SemiCharacterConfig(alphabet="abc", hidden_size=2, word_size=2), words)
    settings = RecogniserSettings(**{**SMALL, **options})
    return Readings(text, network, recipe=load_recipe("charbert"), settings=settings), network


def test_readings_say_what_each_word_stands_for():
    made, network = readings()
    noised = 0
    for reading in islice(made.after(0), 12):
        assert len({len(sentence) for sentence in reading.sentences}) == 1
        counted = torch.tensor([[network.asks_for(word) for word in sentence] for sentence in reading.sentences])
        assert counted.equal(reading.counted)
        words = [word for sentence in reading.sentences for word in sentence if network.asks_for(word)]
        for word, target in zip(words, reading.targets.tolist(), strict=True):
            right = "weather" if target == UNKNOWN else network.words[target - 1]
            assert (word[0], word[-1]) == (right[0], right[-1])
            noised += word != right
    assert noised


@pytest.mark.parametrize("steps", [1, 7, 25, 40])
def test_readings_after_some_steps_are_those_that_come_then(steps):
    expected = list(islice(readings()[0].after(0), steps, steps + 3))
    for one, other in zip(expected, islice(readings()[0].after(steps), 3), strict=True):
        assert one.sentences == other.sentences
        assert one.targets.equal(other.targets)


def test_noise_is_drawn_afresh_in_each_epoch():
    made, _ = readings(passage=50, batch_words=10**6)
    epochs = [
        sorted(sentence for reading in islice(made.after(0), first, first + 2) for sentence in reading.sentences)
        for first in (0, 40)
    ]
    assert epochs[0] != epochs[1]
