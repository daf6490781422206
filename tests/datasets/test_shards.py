"""Attacks on shards: the bytes of single files, counts that add up, and runs that go on where they were stopped."""

import json
from pathlib import Path

import fsspec
import pytest

from charrobust import Attack
from charrobust.datasets import attack_shards as module
from charrobust.datasets.attack_file import Summary, attack_file
from charrobust.datasets.attack_shards import attack_shards, open_shards
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.shards import find_shards, is_sharded
from tests.cli.running import Runner
from tests.datasets.sharded import SHARDS, files, write_shards
from tests.tasks.data import write

OPTIONS = DataOptions(task="classification")
ATTACK = Attack.load("charbert@0.7", seed=3)


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture
def data(tmp_path):
    return write_shards(tmp_path / "data")


def attacked(data, output, **options):
    return attack_shards(open_shards(str(data), OPTIONS), ATTACK, str(output), **options)


def one_by_one(data, folder):
    """Return what attacks on the files alone write, and what they count."""
    folder.mkdir()
    whole, found = Summary(), {}
    task = open_shards(str(data), OPTIONS).task
    for name in SHARDS:
        made = folder / Path(name).name
        if "empty" in name:
            found[name] = (data / name).read_bytes()
        else:
            whole.add(
                attack_file(format_of(data / name), task, ATTACK, output=made, edits=folder / f"{made.name}.parquet")
            )
            found[name] = made.read_bytes()
    return whole, found


def test_shards_are_the_files_of_single_attacks(data, tmp_path):
    whole, expected = one_by_one(data, tmp_path / "single")
    made = attacked(data, tmp_path / "out")
    assert files(tmp_path / "out") == expected
    assert made.whole == whole
    assert (made.shards, made.resumed) == (len(SHARDS), 0)
    told = json.loads((tmp_path / "out" / "_charrobust" / "summary.json").read_text())
    assert (told["shards"], told["records"], told["tally"]["words"]) == (len(SHARDS), whole.records, whole.tally.words)


def test_logs_undo_each_shard(data, tmp_path):
    attacked(data, tmp_path / "out", edits=str(tmp_path / "logs"))
    assert sorted(files(tmp_path / "logs")) == [f"{name}.edits.parquet" for name in SHARDS]
    task = open_shards(str(data), OPTIONS).task
    for name in SHARDS:
        log = EditLog(tmp_path / "logs" / f"{name}.edits.parquet")
        if "empty" in name:
            assert list(log.by_row()) == []
        elif not name.endswith("gz"):  # which compresses the same bytes otherwise
            back = tmp_path / Path(name).name
            revert_file(format_of(tmp_path / "out" / name), task, log, output=back)
            assert [*format_of(back).parse(next(format_of(back).blocks())).records] == [
                *format_of(data / name).parse(next(format_of(data / name).blocks())).records
            ]


@pytest.mark.slow
def test_workers_change_nothing(data, tmp_path, run):
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        result = run("attack", data, "-o", out, "-r", "charbert", "--task", "classification", "--workers", workers)
        assert result.status == 0, result.err
        assert "6 shards" in result.out
    assert files(tmp_path / "out1") == files(tmp_path / "out2")
    summaries = [(tmp_path / f"out{workers}" / "_charrobust" / "summary.json").read_bytes() for workers in (1, 2)]
    assert summaries[0] == summaries[1]


def test_other_file_systems(data, tmp_path):
    memory = fsspec.filesystem("memory")
    memory.put(str(data), "/bucket", recursive=True)
    try:
        made = attacked("memory://bucket", "memory://made/out", edits="memory://made/logs")
        attacked(data, tmp_path / "out", edits=str(tmp_path / "logs"))
        for folder in ("out", "logs"):
            expected = files(tmp_path / folder)
            assert {name: memory.cat(f"/made/{folder}/{name}") for name in expected} == expected
        assert attacked("memory://bucket", "memory://made/out", edits="memory://made/logs").resumed == made.shards
    finally:
        memory.rm("/", recursive=True)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", SHARDS),
        ("/", SHARDS),
        ("/a.jsonl", ["a.jsonl"]),
        ("/*.jsonl", ["0-empty.jsonl", "a.jsonl"]),
        ("/**/*.parquet", ["deep/d.parquet", "empty.parquet"]),
        ("/d*/c*", ["deep/c.ndjson"]),
    ],
)
def test_shards_are_found_by_folder_file_and_pattern(data, pattern, names):
    folder, shards = find_shards(f"{data}{pattern}")
    assert folder.root == str(data)
    assert [shard.name for shard in shards] == names


def test_what_is_sharded(data, tmp_path):
    options = DataOptions()
    assert is_sharded(str(data), options)
    assert is_sharded("s3://bucket/data", options)
    assert is_sharded(f"{data}/*.jsonl", options)
    assert not is_sharded(str(data), DataOptions(split="train"))
    assert not is_sharded(str(data / "a.jsonl"), options)
    assert not is_sharded("hub:glue:train", options)
    (data / "dataset_info.json").touch()
    assert not is_sharded(str(data), options)


class StoppedError(Exception):
    """A run that was stopped."""


def stopped_after(count, monkeypatch, data, output, **options):
    """Stop a run before the marker of a shard is written, behind so many others."""
    write_marker, written = module.Folder.write, []

    def stopping(folder, name, content):
        if "/shards/" in name:
            written.append(name)
            if len(written) > count:
                raise StoppedError
        write_marker(folder, name, content)

    with monkeypatch.context() as patch:
        patch.setattr(module.Folder, "write", stopping)
        with pytest.raises(StoppedError):
            attacked(data, output, **options)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_run_goes_on_where_it_was_stopped(data, tmp_path, monkeypatch, count):
    stopped_after(count, monkeypatch, data, tmp_path / "out", edits=str(tmp_path / "logs"))
    made = attacked(data, tmp_path / "out", edits=str(tmp_path / "logs"))
    assert made.resumed == count
    whole, expected = one_by_one(data, tmp_path / "single")
    assert files(tmp_path / "out") == expected
    assert made.whole == whole
    assert not (tmp_path / "out" / "_charrobust" / "parts").exists()


def test_only_what_changed_is_done_again(data, tmp_path):
    attacked(data, tmp_path / "out")
    write(data / "a.jsonl", '{"text": "Another wonderful story", "label": 1}\n')
    (tmp_path / "out" / "deep" / "c.ndjson").unlink()
    with (tmp_path / "out" / "b.jsonl.gz").open("ab") as handle:
        handle.write(b"more")
    (tmp_path / "out" / "_charrobust" / "shards" / "empty.parquet.json").write_text('{"name": "emp')
    damaged = tmp_path / "out" / "_charrobust" / "shards" / "0-empty.jsonl.json"
    damaged.write_text(json.dumps({**json.loads(damaged.read_text()), "tally": {"words": 0}}))
    made = attacked(data, tmp_path / "out")
    assert made.resumed == len(SHARDS) - 5
    whole, expected = one_by_one(data, tmp_path / "single")
    assert (files(tmp_path / "out"), made.whole) == (expected, whole)


def test_before_the_first_shard_is_whole_settings_may_change(data, tmp_path, monkeypatch):
    stopped_after(0, monkeypatch, data, tmp_path / "out")
    # As a run that is killed leaves it: what it would have cleared away is still there.
    write(tmp_path / "out" / "_charrobust" / "settings.json", "{}")
    attack_shards(open_shards(str(data), OPTIONS), Attack.load("drop"), str(tmp_path / "out"))
    assert b"drop" in (tmp_path / "out" / "_charrobust" / "settings.json").read_bytes()


@pytest.mark.parametrize("name", ["run[1]", "what?", "run[1]/a.jsonl"])
def test_a_folder_with_signs_of_patterns_in_its_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_shards(tmp_path / name.partition("/")[0])
    folder, shards = find_shards(name)
    assert folder.root == str(tmp_path / name.partition("/")[0])
    assert [shard.name for shard in shards] == (["a.jsonl"] if "/" in name else SHARDS)


def test_a_folder_with_signs_in_its_name_is_attacked(run, tmp_path):
    data, output = write_shards(tmp_path / "run[1]"), tmp_path / "out[1]"
    result = run("attack", data, "-o", output, "-r", "charbert", "--task", "classification")
    assert result.status == 0, result.err
    assert set(SHARDS) <= set(files(output))
