"""``-`` in the place of an input: what comes through standard input."""

import io


def test_standard_input(run, tmp_path, monkeypatch):
    given_text = "one two three four\r\nfive six"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given_text.encode())))
    made = run("attack", "-", "--recipe", "double-words@1", "--output", tmp_path / "out.txt")
    assert made.status == 0
    assert (tmp_path / "out.txt").read_bytes() == b"one one two two three three four four\r\nfive five six six"


def test_standard_input_of_another_format(run, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"text,label\nso it is,1\n")))
    options = ("--format", "csv", "--task", "classification", "--recipe", "double-words@1")
    made = run("attack", "-", *options, "--output", tmp_path / "out.csv")
    assert made.status == 0
    assert (tmp_path / "out.csv").read_text("utf-8") == "text,label\nso so it it is is,1\n"


def test_nothing_on_standard_input(run, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    made = run("attack", "-", "--recipe", "drop", "--output", tmp_path / "out.txt")
    assert made.status == 2
    assert "nothing is sent there" in made.err


def test_standard_output_is_no_output(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = run("attack", "reviews:test", "--recipe", "drop", "--output", "-")
    assert (made.status, "--output - is no file" in made.err) == (2, True), made.err
    assert not list(tmp_path.iterdir())
