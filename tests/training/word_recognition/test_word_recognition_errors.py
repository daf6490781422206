"""What is said about runs that cannot be."""

import pytest

from charrobust.errors import DataError, UserError
from charrobust.training.interruptions import Interrupted
from charrobust.training.word_recognition import train as word_recognition
from charrobust.training.word_recognition.settings import RecogniserSettings
from charrobust.training.word_recognition.train import train_recogniser
from tests.training.runs import interrupting
from tests.training.word_recognition.test_word_recognition import SMALL, train


@pytest.fixture(autouse=True)
def _no_spelling(monkeypatch):
    monkeypatch.setattr(word_recognition, "find_spec", lambda _: None)


@pytest.fixture
def refused(tmp_path):
    """Train on some text and expect a refusal that leaves nothing behind."""

    def attempt(text, message, kind=UserError, **options):
        path = tmp_path / "given.txt"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(kind, match=message):
            train(path, tmp_path / "out", **options)
        assert not (tmp_path / "out").exists()

    return attempt


@pytest.mark.parametrize("text", ["", "\n\n", "... -- !\n"])
def test_empty_corpora_are_refused(refused, text):
    refused(text, "the text holds no word; expected running text", DataError)


def test_corpora_without_letters_are_refused(refused):
    refused("1 2 3\n4 5 6\n", "none of .* words has a letter", DataError)


def test_one_document_is_not_enough(refused):
    refused("one document\n", r"the corpus is one document, and one is needed to measure on; give more text", DataError)


def test_missing_text_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none\.txt: does not exist"):
        train(tmp_path / "none.txt", tmp_path / "out")


def test_a_background_that_is_not_given_is_asked_for(refused):
    refused("a text\nanother\n", "needs a second recogniser; name its folder as `background`", backoff="background")


def test_a_background_that_is_not_wanted_is_refused(refused, tmp_path):
    message = "a background recogniser is given, but the back-off is neutral"
    refused("a text\nanother\n", message, backoff="neutral", background=tmp_path)


def test_a_background_must_be_a_recogniser(refused, tmp_path):
    refused("a text\nanother\n", "holds no recogniser", backoff="background", background=tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backoff": "pass"}, "unknown backoff 'pass'; .*Known: background, neutral, pass-through"),
        ({"vocabulary": 0}, "vocabulary must be at least 1, got 0"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"recipe": "charbrt"}, "unknown recipe 'charbrt'; did you mean 'charbert'"),
    ],
)
def test_bad_settings_are_refused(refused, options, message):
    refused("a text\nanother\n", message, **options)


def test_folders_that_hold_something_else_are_left_alone(corpus, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="exists and is not empty; give another name"):
        train(corpus, tmp_path / "out")


@pytest.fixture
def begun(corpus, tmp_path):
    """A run that was interrupted."""
    with pytest.raises(Interrupted):
        train(corpus, tmp_path / "out", progress=interrupting(2))
    return tmp_path / "out"


def test_runs_do_not_go_on_with_other_settings(begun, corpus, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("a text\nanother\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot go on with another configuration; seed: 2020, now 1"):
        train(corpus, begun, resume=True, seed=1)
    with pytest.raises(UserError, match=r"corpus: \['text.txt'\], now \['other.txt'\]; words"):
        train_recogniser(RecogniserSettings(**SMALL), [other], begun, resume=True)


def test_damaged_checkpoints_are_refused(begun, corpus):
    path = begun / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is damaged .*; begin a new run in another folder"):
        train(corpus, begun, resume=True)


def test_there_must_be_a_run_to_go_on_with(corpus, tmp_path):
    with pytest.raises(UserError, match=r"holds no run to resume: cannot read recogniser\.json; leave out `resume`"):
        train(corpus, tmp_path / "out", resume=True)
    done = train(corpus, tmp_path / "whole", steps=1)
    with pytest.raises(UserError, match=r"holds no interrupted run to resume: there is no checkpoint\.safetensors"):
        train(corpus, done.output, resume=True, steps=1)


def test_text_that_changed_is_noticed(begun, corpus, tmp_path):
    lines = corpus.read_text().splitlines(keepends=True)
    other = tmp_path / "text.txt"
    other.write_text("".join(reversed(lines)))
    with pytest.raises(
        UserError, match="cannot go on with another configuration; the text or the recipe hold something else"
    ):
        train(other, begun, resume=True)


def test_what_was_trained_is_kept_where_measuring_fails(corpus, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(word_recognition, "word_errors", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(corpus, tmp_path / "out")
    train(corpus, tmp_path / "whole")
    train(corpus, tmp_path / "out", resume=True)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("out", "whole")]
    assert weights[0] == weights[1]
