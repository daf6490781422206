"""What ``charrobust attack --look`` refuses, and what a call without it needs."""

import sys

import pytest

from tests.tasks.data import write


@pytest.fixture
def refused(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.csv", "text,label\na wonderful story,good\n")

    def call(*options):
        result = run("attack", "in.csv", *options)
        assert result.status == 2
        assert [path.name for path in tmp_path.iterdir() if path.name != "there.html"] == ["in.csv"]
        return result.err

    return call


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "nothing says where to write: name a file with --output, or ask for a page with --look"),
        (("--edits", "log.jsonl"), "nothing says where to write"),
        (("--look", "--edits", "log.jsonl"), "leave out --edits, or leave out --look"),
        (("--look", "--against", "model"), "leave out --against"),
        (("--look", "--seeds", "2"), "leave out --seeds"),
        (("--look", "--engine", "ray"), "leave out --engine"),
        (("--look", "-o", "page.csv"), "end the name of --output with .html, got page.csv"),
        (("--look", "-r", "everydy"), "did you mean 'everyday'?"),
        (("--look", "--tokenizer", "./nowhere"), "nowhere"),
        (("--tokenizer", "minilm", "-o", "out.csv"), "--tokenizer is looked at on a page: add --look"),
    ],
)
def test_options_that_do_not_fit(refused, options, message):
    assert message in refused(*options)


@pytest.mark.parametrize("options", [("--workers", "4"), ("--seeds", "2"), ("--engine", "ray")])
def test_on_a_terminal_data_are_asked_for_by_how_they_are_made(refused, monkeypatch, options):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "nothing says where to write: name a file with --output" in refused(*options)


def test_a_named_page_is_not_overwritten(refused, tmp_path):
    write(tmp_path / "there.html", "mine")
    assert "there.html exists already" in refused("--look", "-o", "there.html")
    assert (tmp_path / "there.html").read_text() == "mine"
