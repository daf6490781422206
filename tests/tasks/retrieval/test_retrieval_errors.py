"""Wrong collections, and wrong uses of the task: what is said."""

import pytest

from charrobust.datasets.load import load_data
from charrobust.errors import UserError
from charrobust.tasks.registry import task_class
from tests.tasks.retrieval.collection import CORPUS, QUERIES, contents_of, write_collection

HEADER = b"query-id\tcorpus-id\tscore\n"


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"corpus": b""}, r"corpus\.jsonl holds no records"),
        ({"queries": b"\n"}, r"queries\.jsonl holds no records"),
        (
            {"corpus": CORPUS + b'{"_id": "d1", "text": "again"}\n'},
            r"corpus\.jsonl, line 6: the _id 'd1' stands in line 1",
        ),
        ({"corpus": CORPUS + b'{"_id": "4", "text": "again"}\n'}, r"line 6: the _id '4' stands in line 5"),
        (
            {"queries": QUERIES + b'\n{"_id": "q1", "text": "x"}'},
            r"queries\.jsonl, line 6: the _id 'q1' stands in line 1",
        ),
        ({"corpus": b'{"id": "d1", "text": "x"}\n'}, r"line 1: expected the fields _id and text, got id, text"),
        ({"corpus": b'{"_id": 1.5, "text": "x"}\n'}, r"line 1: _id must be a text or a whole number, got 1\.5"),
        ({"queries": b'{"_id": "q1", "text": null}\n'}, r"queries\.jsonl, line 1: text must be a text, got None"),
        ({"corpus": b'{"_id": "d", "text": "x", "title": 3}\n'}, r"line 1: title must be a text, got 3"),
        ({"queries": b'{"_id": "q1", "text": \n'}, r"queries\.jsonl, line 1: not valid JSON"),
        ({"test": b"q1\td1\t1\n"}, r"test\.tsv, line 1: expected the header"),
        ({"test": HEADER + b"q1 d1 1\n"}, r"line 2: expected query-id, corpus-id and score between tabs"),
        ({"test": HEADER + b"q1\td1\thigh\n"}, r"line 2: the score must be a whole number, got 'high'"),
        ({"test": HEADER + b"q1\td7\t1\n"}, r"line 2: the id 'd7' is not in corpus\.jsonl"),
        ({"test": HEADER + b"q1\td1\t1\nq9\td1\t1\n"}, r"line 3: the id 'q9' is not in queries\.jsonl"),
        ({"test": HEADER + b"q1\td1\t1\nq1\td1\t2\n"}, r"line 3: document 'd1' is judged for query 'q1' already"),
        ({"test": HEADER + b"q1\td1\t0\n"}, r"calls no document relevant"),
    ],
)
def test_wrong_files(tmp_path, replaced, message):
    with pytest.raises(UserError, match=message):
        load_data(write_collection(tmp_path / "c", **replaced))


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_missing_files(collection, name):
    (collection / name).unlink()
    with pytest.raises(UserError, match=rf"holds no {name}"):
        load_data(collection)


def test_missing_judgements(collection):
    (collection / "qrels" / "test.tsv").rename(collection / "qrels" / "train.tsv")
    with pytest.raises(UserError, match="judgements of several splits; name one with `split`: dev, train"):
        load_data(collection)
    with pytest.raises(UserError, match="no judgements of the split 'trian'; did you mean 'train'"):
        load_data(collection, split="trian")
    for path in (collection / "qrels").iterdir():
        path.unlink()
    with pytest.raises(UserError, match=r"holds no qrels/SPLIT\.tsv"):
        load_data(collection)


def test_two_files_of_a_part(collection):
    (collection / "corpus.jsonl.gz").write_bytes(b"")
    with pytest.raises(UserError, match=r"holds both corpus\.jsonl and corpus\.jsonl\.gz"):
        load_data(collection)


def test_options_that_do_not_fit(collection):
    with pytest.raises(UserError, match="unknown field 'querry' of retrieval; did you mean 'query'"):
        load_data(collection, field="querry")
    with pytest.raises(UserError, match="fixed names"):
        load_data(collection, text_column="text")
    with pytest.raises(UserError, match="beir has no option `encoding`"):
        load_data(collection, encoding="latin-1")
    with pytest.raises(UserError, match="cannot be left out one by one"):
        load_data(collection, bad_records="skip")


def test_what_is_no_collection(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"_id": "q1", "text": "x"}\n')
    with pytest.raises(UserError, match=r"expected a BEIR folder: corpus\.jsonl"):
        load_data(tmp_path / "rows.jsonl", task="retrieval")
    with pytest.raises(UserError, match="retrieval needs a corpus, which lists do not hold; give a BEIR folder"):
        load_data(["a question"], [["d1"]], task="retrieval")


def test_attacks_leave_nothing_behind(run, tmp_path):
    broken = write_collection(tmp_path / "c", queries=QUERIES + b"\n{")
    result = run("attack", broken, "-r", "charbert", "-o", tmp_path / "out", "--edits", tmp_path / "log.jsonl")
    assert result.status == 2
    assert "queries.jsonl, line 6: not valid JSON" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_the_output_is_not_in_the_input(run, collection):
    before = contents_of(collection)
    result = run("attack", collection, "-r", "charbert", "-o", collection / "out")
    assert result.status == 2
    assert "that is read; name another" in result.err
    assert contents_of(collection) == before


def test_a_log_of_another_folder(run, collection, tmp_path):
    run("attack", collection, "-r", "charbert@1", "-o", tmp_path / "out", "--edits", tmp_path / "log.jsonl")
    result = run("revert", collection, "--edits", tmp_path / "log.jsonl", "-o", tmp_path / "back")
    assert result.status == 2
    assert "queries.jsonl, line 1" in result.err
    assert not (tmp_path / "back").exists()


def test_noise_and_consistency():
    task_type = task_class("retrieval")
    with pytest.raises(UserError, match="has no consistency loss"):
        task_type().check_comparable()
    with pytest.raises(UserError, match="puts it on queries"):
        task_type(attacked=("corpus",)).perturb_examples([], None, [])
