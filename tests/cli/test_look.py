"""``charrobust attack --look``: a page from end to end."""

import sys

import pytest

from tests.tasks.data import json_lines, read, write

REVIEWS = [{"text": f"A wonderful story, number {number}", "label": "good"} for number in range(5)]


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "in.jsonl", json_lines(REVIEWS))


def test_a_page_without_recipe_task_and_output(run, reviews, tmp_path):
    result = run("attack", reviews, "--look", "--json")
    assert result.status == 0, result.err
    assert "everyday changes" in read(tmp_path / "in.look.html")
    assert "wrote in.look.html" in result.err
    assert result.told["outputs"] == {"page": "in.look.html"}
    assert result.told["figures"]["examples"] == 5
    task = "in.jsonl: by its columns the task is classification (texts: text; targets: label); --task names another"
    assert result.told["notes"] == ["no --recipe: everyday", task]
    assert run("attack", reviews, "--look").status == 0  # its own page is written anew


def test_a_plain_call_on_a_terminal_writes_a_page(run, reviews, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run("attack", reviews).status == 0
    assert (tmp_path / "in.look.html").exists()
    assert run("attack", "reviews:test", "-r", "drop").status == 0
    assert (tmp_path / "reviews-test.look.html").exists()


def test_the_page_is_named(run, reviews, tmp_path):
    result = run("attack", reviews, "-r", "drop@1", "-r", "swap", "--look", "-o", tmp_path / "page.html")
    assert result.status == 0, result.err
    assert "<h3>drop</h3>" in read(tmp_path / "page.html")
    assert "<h3>swap</h3>" in read(tmp_path / "page.html")


def test_force_overwrites(run, reviews, tmp_path):
    out, log = tmp_path / "out.jsonl", tmp_path / "log.jsonl"
    command = ("attack", reviews, "-r", "drop@1", "-o", out, "--edits", log)
    assert run(*command).status == 0
    first = read(out)
    result = run(*command, "--seed", 5)
    assert result.status == 2
    assert f"error: {out} exists already; give another name, or overwrite it with --force" in result.err
    assert read(out) == first
    assert run(*command, "--seed", 5, "--force").status == 0
    assert read(out) != first


def test_force_overwrites_a_folder(run, reviews, tmp_path):
    command = ("attack", reviews, "-r", "drop", "-r", "swap", "-o", tmp_path / "attacked")
    assert run(*command).status == 0
    assert "attacked exists already" in run(*command).err
    assert run(*command, "--force").status == 0
