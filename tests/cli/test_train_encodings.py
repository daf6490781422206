"""``charrobust train-encodings``."""

from tests.training.runs import make_corpus


def test_train_encodings(run, tmp_path):
    corpus, output = make_corpus(tmp_path / "text.txt"), tmp_path / "out"
    result = run("train-encodings", "--corpus", corpus, "--output", output, "--fidelity", "0.1")
    assert (result.status, result.err) == (0, "")
    assert "14 words are read as 13; 0.0 % of the corpus is others" in result.out
    assert f"wrote {output}: encodings, card, training.json" in result.out
    options = ("--recipe", "ladder-inner", "--backoff", "neutral", "--vocabulary", "5")
    second = tmp_path / "second"
    result = run("train-encodings", "--corpus", corpus, "--output", second, *options, "--json", "--quiet")
    assert result.told["outputs"] == {"encodings": str(second)}
    assert result.told["figures"]["vocabulary"] == 5


def test_errors_name_options(run, tmp_path):
    result = run("train-encodings", "--corpus", tmp_path / "none.txt", "--output", tmp_path / "out")
    assert (result.status, result.out) == (2, "")
    assert "none.txt: does not exist" in result.err
    corpus = make_corpus(tmp_path / "text.txt")
    result = run("train-encodings", "--corpus", corpus, "--output", tmp_path / "out", "--fidelity", "0")
    assert result.status == 2
    assert "fidelity must be at least 0.05, got 0.0" in result.err
