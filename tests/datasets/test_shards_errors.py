"""What attacks on shards refuse: one message, and what was finished before is kept."""

import os

import pytest

from charrobust.files import claimed
from tests.cli.running import Runner
from tests.datasets.sharded import files, write_shards
from tests.tasks.data import write


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_shards(tmp_path / "data")


def attack(run, *arguments, data="data", out="out", recipe="charbert"):
    return run("attack", data, "-o", out, "-r", recipe, "--task", "classification", *arguments)


@pytest.mark.parametrize(
    ("arguments", "given", "message"),
    [
        (["--engine", "rey"], {}, "unknown --engine 'rey'; did you mean 'ray'? Known: local, ray, ray://HOST:PORT"),
        (["--edits", "log.parquet"], {}, "each shard has an edit log of its own: --edits must be a folder"),
        (["--seeds", "2"], {}, "one recipe and one seed at a time"),
        (
            [],
            {"data": "data/*.csv"},
            "data/*.csv holds no shards; expected files that end in .jsonl, .ndjson, .parquet",
        ),
        ([], {"data": "nowhere://bucket/data"}, "cannot open nowhere://bucket/data: Protocol not known: nowhere"),
        ([], {"data": "memory://absent"}, "memory://absent holds no shards"),
        ([], {"out": "data"}, "lies in"),
        ([], {"out": "data/out"}, "data/out lies in"),
        (["--edits", "out/logs"], {}, "out/logs lies in"),
        (["--text-column", "txt"], {}, "column 'txt' is missing; did you mean 'text'"),
        (
            ["--engine", "ray"],
            {"data": "data/a.jsonl", "out": "out.jsonl"},
            "--engine ray attacks shards; give a folder",
        ),
    ],
)
def test_arguments(run, data, tmp_path, arguments, given, message):
    before = files(tmp_path)
    result = attack(run, *arguments, **given)
    assert result.status == 2
    assert result.err.count("\n") == 1
    assert message in result.err
    assert files(tmp_path) == before


def test_a_missing_package_of_a_file_system_is_named(run, data):
    pytest.importorskip("fsspec")
    if not pytest.importorskip("importlib.util").find_spec("s3fs"):
        result = attack(run, data="s3://bucket/data")
        assert (result.status, "Install s3fs to access S3" in result.err) == (2, True)


def test_shards_without_records(run, data, tmp_path):
    result = attack(run, data="data/*empty*")
    assert (result.status, "holds no records" in result.err) == (2, True)


def test_an_output_of_other_settings(run, data, tmp_path):
    assert attack(run).status == 0
    before = files(tmp_path / "out")
    for arguments, told in (
        (["--severity", "0.5"], "severity '1', and this run has '0.5'"),
        (["--seed", "3"], "seed 2020, and this run has 3"),
        (["--protect-pattern", "a"], "protect_patterns [], and this run has ['a']"),
        (["--edits", "logs"], "edits False, and this run has True"),
    ):
        result = attack(run, *arguments)
        assert result.status == 2
        assert f"out was begun with {told}; give another folder, or the same settings" in result.err
    assert files(tmp_path / "out") == before


def test_a_folder_of_other_files(run, data, tmp_path):
    write(tmp_path / "out.txt", "mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out.txt").rename(tmp_path / "out" / "a.jsonl")
    result = attack(run)
    assert (result.status, "out holds other files; give a new folder" in result.err) == (2, True)
    assert files(tmp_path / "out") == {"a.jsonl": b"mine"}


@pytest.mark.skipif(os.name != "posix", reason="there are no such locks")
def test_an_output_in_use(run, data, tmp_path):
    assert attack(run).status == 0
    with claimed(tmp_path / "out" / "_charrobust"):
        result = attack(run)
    assert (result.status, "is in use by another run" in result.err) == (2, True)


def test_what_is_finished_before_a_bad_shard_is_kept(run, data, tmp_path):
    write(data / "b.jsonl.gz", '{"text": "A good one", "label": 1}\n{"text": 3, "label": 1}\n')
    result = attack(run)
    assert result.status == 2
    assert f"{data}/b.jsonl.gz, line 2: column 'text' must be text, got 3" in result.err
    assert "b.jsonl.gz" not in files(tmp_path / "out")
    write(data / "b.jsonl.gz", '{"text": "A good one", "label": 1}\n')
    result = attack(run)
    assert result.status == 0
    assert "of them by an earlier run" in result.out


def test_bad_records_are_left_out_and_listed(run, data):
    write(data / "b.jsonl.gz", '{"text": "A good one", "label": 1}\n{"text": 3, "label": 1}\n')
    result = attack(run, "--bad-records", "skip")
    assert result.status == 0
    assert "left out 1 bad records" in result.out
    assert f"{data}/b.jsonl.gz, line 2" in result.out
