"""Exports that cannot be: what is said, and nothing is left behind."""

import pytest

from charrobust.datasets.load import load_data
from charrobust.errors import DataError
from tests.tasks.retrieval.collection import write_collection


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "inspct"], "unknown format 'inspct' of --to; did you mean 'inspect'?"),
        ([], "holds attacked data, and --to onnx writes a model; name a harness, as --to lm-eval"),
        (["--to", "mteb"], "--to mteb takes collections for retrieval"),
        (["--to", "lm-eval", "--task", "classification"], "leave out --task: versions.json"),
        (["--to", "lm-eval", "--trust-remote-code"], "leave out --trust-remote-code"),
    ],
)
def test_options(run, reviews, tmp_path, options, message):
    result = run("export", reviews, "--output", tmp_path / "out", *options)
    assert (result.status, message in result.err) == (2, True), result.err
    assert not (tmp_path / "out").exists()


def test_a_model_is_no_data(run, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    result = run("export", tmp_path / "model", "--to", "inspect", "--output", tmp_path / "out")
    assert (result.status, "is a model, and --to inspect writes data" in result.err) == (2, True), result.err


def test_tasks_that_language_models_are_not_asked_for(run, tmp_path, collection):
    for data in ("entities", collection):
        result = run("export", data, "--to", "lm-eval", "--output", tmp_path / "out")
        assert (result.status, "tasks that are: classification, qa" in result.err) == (2, True), result.err
        assert not (tmp_path / "out").exists()


def test_an_output_that_exists(run, reviews, tmp_path):
    result = run("export", reviews, "--to", "lm-eval", "--output", reviews)
    assert (result.status, "exists; give another name" in result.err) == (2, True), result.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"query-id": "q1", "score": 1}', "line 1: expected the fields query-id, corpus-id, score"),
        ('{"query-id": "q1", "corpus-id": "d1", "score": true}', "must be a whole number, got 'True'"),
        ('{"query-id": "q1", "corpus-id": "d9", "score": 1.0}', "the id 'd9' is not in corpus.jsonl"),
    ],
)
def test_wrong_judgements_of_mteb(tmp_path, line, message):
    folder = write_collection(tmp_path / "collection")
    for file in (folder / "qrels").iterdir():
        file.unlink()
    (folder / "qrels" / "test.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match=message):
        load_data(folder)
