"""BEIR folders: read, attacked, restored."""

import gzip
import json

import pytest

from charrobust.datasets.formats import Beir, Hub, format_of
from charrobust.datasets.load import load_data
from charrobust.datasets.squad_retrieval import write_beir
from tests.tasks.data import SQUAD
from tests.tasks.retrieval.collection import CORPUS, contents_of, write_collection


@pytest.mark.parametrize("packed", [False, True])
def test_reading(tmp_path, packed):
    data = load_data(write_collection(tmp_path / "c", packed=packed))
    assert data.task.name == "retrieval"  # told by the format
    assert [(example.id, example.target) for example in data.examples] == [
        ("q1", (("d1", 1),)),
        ("q2", (("d2", 2), ("4", 1))),
        ("d3", (("d3", 1), ("4", 1))),
    ]
    assert data.unlabelled == 2
    assert "2 examples without relevant documents are left out" in data.notes()[0]
    passages = data.examples[0].corpus.passages
    assert passages.ids == ("d1", "d2", "d3", "4")
    assert passages.full_text(0).startswith("Rhine The river")
    assert passages.full_text(2) == "Café owners in Zürich like the wonderful weather."


def test_splits(collection):
    assert [example.id for example in load_data(collection, split="dev").examples] == ["q1", "q5"]
    assert [example.id for example in load_data(f"{collection}:dev").examples] == ["q1", "q5"]
    (collection / "qrels" / "test.tsv").unlink()
    assert [example.id for example in load_data(collection).examples] == ["q1", "q5"]


def test_a_query_is_no_answer_to_itself(collection):
    first, second, third = [example.corpus for example in load_data(collection).examples]
    assert first is second
    assert (first.excluded, third.excluded) == (None, "d3")
    assert first.digest != third.digest
    assert first.passages is third.passages


def test_folders_are_told_apart(collection, tmp_path):
    assert isinstance(format_of(collection), Beir)
    assert isinstance(format_of(tmp_path), Hub)


@pytest.mark.parametrize("fields", [("query",), ("corpus",), ("query", "corpus")])
@pytest.mark.parametrize("packed", [False, True])
def test_attack_and_revert(run, tmp_path, fields, packed):
    clean = write_collection(tmp_path / "clean", packed=packed)
    attacked, log, restored = tmp_path / "attacked", tmp_path / "log.jsonl", tmp_path / "restored"
    options = [part for field in fields for part in ("--field", field)]
    result = run("attack", clean, "--task", "retrieval", "-r", "charbert@1", "-o", attacked, "--edits", log, *options)
    assert result.status == 0, result.err
    before, after = contents_of(clean), contents_of(attacked)
    changed = {name.removesuffix(".gz") for name in before if before[name] != after[name]}
    assert changed == {{"query": "queries.jsonl", "corpus": "corpus.jsonl"}[field] for field in fields}
    assert run("revert", attacked, "--edits", log, "-o", restored).status == 0
    back = contents_of(restored)
    if packed:  # what was written anew is compressed anew
        before = {
            name: gzip.decompress(content) if name.endswith(".gz") else content for name, content in before.items()
        }
        back = {name: gzip.decompress(content) if name.endswith(".gz") else content for name, content in back.items()}
    assert back == before


def test_files_in_subfolders_are_copied(run, collection, tmp_path):
    for name in ("corpus.jsonl", "queries.jsonl", "corpus.jsonl.gz"):
        path = collection / "older" / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"kept")
    assert run("attack", collection, "-r", "charbert@1", "-o", tmp_path / "out").status == 0
    assert contents_of(tmp_path / "out" / "older") == contents_of(collection / "older")
    assert set(contents_of(tmp_path / "out")) == set(contents_of(collection))


def test_only_the_text_of_a_line_changes(run, collection, tmp_path):
    run("attack", collection, "-r", "charbert@1", "--field", "corpus", "-o", tmp_path / "out")
    lines = (tmp_path / "out" / "corpus.jsonl").read_bytes().splitlines(keepends=True)
    assert [line[-1:] for line in lines] == [b"\n"] * 5
    assert lines[1].startswith(b'{"_id":"d2","title":"","text":"')
    assert lines[1].endswith(b'","metadata":{"text":"kept"}}\n')
    assert lines[2].startswith(b'{"_id": "d3",  "text": "')
    assert lines[2].endswith(b"\r\n")
    assert b"Z\\u00fc" in lines[2]
    assert lines[3] == b"\n"
    assert json.loads(lines[4])["_id"] == 4


def test_workers_change_nothing(run, collection, tmp_path):
    for workers in (1, 2):
        run(
            "attack",
            collection,
            "-r",
            "charbert",
            "--field",
            "corpus",
            "-o",
            tmp_path / f"out{workers}",
            "--workers",
            workers,
        )
    assert contents_of(tmp_path / "out1") == contents_of(tmp_path / "out2")


def test_several_recipes(run, collection, tmp_path):
    result = run("attack", collection, "-r", "drop", "-r", "swap", "-o", tmp_path / "out")
    assert result.status == 0, result.err
    names = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert names == ["clean", "drop", "swap"]
    assert contents_of(tmp_path / "out" / "clean") == contents_of(collection)
    assert all(isinstance(format_of(tmp_path / "out" / name), Beir) for name in names)


def test_what_is_attacked_in_memory_is_what_is_written(run, collection, tmp_path):
    from charrobust.attackers.plan import make_versions, plan_attackers

    data = load_data(collection, field=("query", "corpus"))
    _, drawn = make_versions(data, plan_attackers(["charbert"]))
    result = run(
        "attack", collection, "-r", "charbert", "--field", "query", "--field", "corpus", "-o", tmp_path / "out"
    )
    assert result.status == 0
    _, given = make_versions(data, plan_attackers([tmp_path / "out"]))
    assert [example.texts for example in given.examples] == [example.texts for example in drawn.examples]
    assert [example.corpus.digest for example in given.examples] == [
        example.corpus.digest for example in drawn.examples
    ]
    assert given.examples[0].corpus.digest != data.examples[0].corpus.digest


def test_given_folders_are_read_with_the_split_of_the_clean_one(run, collection, tmp_path):
    from charrobust.attackers.plan import make_versions, plan_attackers

    run("attack", collection, "-r", "charbert", "-o", tmp_path / "out@1.5")
    _, given = make_versions(load_data(collection, split="dev"), plan_attackers([tmp_path / "out@1.5"]))
    assert [example.id for example in given.examples] == ["q1", "q5"]


def test_changed_files_are_read_again(collection):
    before = load_data(collection).examples[0].corpus.digest
    (collection / "corpus.jsonl").write_bytes(CORPUS + b'{"_id": "d9", "text": "more"}\n')
    assert load_data(collection).examples[0].corpus.digest != before


def test_a_collection_of_squad(tmp_path):
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD))
    data = load_data(write_beir(tmp_path / "squad.json", tmp_path / "beir"))
    questions = load_data(tmp_path / "squad.json", labelled=False).examples
    assert [(example.id, example.texts[0]) for example in data.examples] == [(q.id, q.texts[0]) for q in questions]
    for example, question in zip(data.examples, questions, strict=True):
        passages = example.corpus.passages
        ((name, gain),) = example.target
        assert (passages.texts[passages.numbers[name]], gain) == (question.texts[1], 1)
    assert len(load_data(write_beir(tmp_path / "squad.json", tmp_path / "less", questions=1))) == 1
