"""``charrobust train-recogniser``."""

import pytest

from charrobust.training.word_recognition import train as word_recognition
from tests.training.runs import make_corpus

SMALL = (
    "--steps", "3", "--set", "hidden_size=8", "--set", "word_size=8", "--set", "batch_words=60", "--set", "held_out=30"
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_spelling(monkeypatch):
    """The dictionary of the spelling corrector takes seconds to load."""
    monkeypatch.setattr(word_recognition, "find_spec", lambda _: None)


@pytest.fixture
def corpus(tmp_path):
    return make_corpus(tmp_path / "text.txt")


def test_train_a_recogniser_and_one_that_falls_back_on_it(run, corpus, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    result = run("train-recogniser", "--corpus", corpus, "--recipe", "charbert", "--output", first, *SMALL)
    assert (result.status, result.err) == (0, "")
    for phrase in ("Word error rate", "nothing done", "word recognition", "clean", "keyboard", "charbert"):
        assert phrase in result.out
    assert "14 words are known; 0.0 % of the corpus is others" in result.out
    options = ("--vocabulary", "5", "--backoff", "background", "--background", first, "--seed", "3")
    result = run("train-recogniser", "--corpus", corpus, "--output", second, *options, *SMALL, "--json", "--quiet")
    assert (result.status, result.err, result.out.count("\n")) == (0, "", 1)
    assert result.told["outputs"] == {"recogniser": str(second)}
    figures = result.told["figures"]
    assert (figures["words"], figures["errors"][0]["noise"]) == (5, "clean")
    assert (second / "background" / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--backoff", "none"), "unknown backoff 'none'"),
        (("--backoff", "background"), "name its folder as --background"),
        (("--set", "vocabulry=3"), "unknown key 'vocabulry'; did you mean 'vocabulary'"),
        (("--recipe", "charbrt"), "did you mean 'charbert'"),
        (("--eval", "none.txt"), "none.txt: does not exist"),
        (("--resume",), "holds no run to resume"),
    ],
)
def test_mistakes(run, corpus, tmp_path, options, message):
    result = run("train-recogniser", "--corpus", corpus, "--output", tmp_path / "out", *SMALL, *options)
    assert (result.status, message in result.err) == (2, True), result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "out").exists()
