"""Engines write the bytes of one process: Ray by its shards and by its batches, and Spark."""

import os
import shutil
import socket
import subprocess
import sys
import warnings
from types import SimpleNamespace

import pyarrow as pa
import pytest

from charrobust import Attack
from charrobust.batches import AttackBatch
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.attack_shards import attack_shards, open_shards
from charrobust.datasets.formats import format_of
from charrobust.datasets.options import DataOptions
from charrobust.errors import DataError, UserError
from tests.datasets.sharded import TEXTS, files, write_shards
from tests.tasks.data import json_lines, task_of, write

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
RECORDS = [
    {"number": number, "text": f"{TEXTS[number % 4]} {number // 8}", "label": number % 2} for number in range(60)
]


def one_process(folder):
    """Return what an attack on a file writes."""
    source = format_of(write(folder / "in.jsonl", json_lines(RECORDS)))
    attack_file(source, task_of("classification"), Attack.load("charbert"), output=folder / "out.jsonl")
    return (folder / "out.jsonl").read_text(encoding="utf-8")


def free_port():
    """Return a port that the system would give away, which is above those that Ray keeps for its workers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def in_order(rows):
    return json_lines(sorted(rows, key=lambda row: row["number"]))


@pytest.fixture
def ray():
    """Ray, whose own warnings are not of this package; no program of the user's has started it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("ray", reason="needs the extra ray")


@pytest.mark.slow
def test_shards_on_ray_are_those_of_one_process(ray, tmp_path):
    data = open_shards(str(write_shards(tmp_path / "data")), DataOptions(task="classification"))
    made = {}
    for engine in ("local", "ray"):
        out, logs = tmp_path / engine / "out", tmp_path / engine / "logs"
        made[engine] = attack_shards(data, Attack.load("charbert"), str(out), edits=str(logs), engine=engine, workers=1)
    assert made["ray"] == made["local"]
    assert files(tmp_path / "ray") == files(tmp_path / "local")
    assert not ray.is_initialized()


@pytest.mark.nightly
def test_a_bad_record_on_ray_is_one_message(ray, tmp_path):
    data = write_shards(tmp_path / "data")
    write(data / "b.jsonl.gz", '{"text": 3, "label": 1}\n')
    opened = open_shards(str(data), DataOptions(task="classification"))
    with pytest.raises(DataError) as error:
        attack_shards(opened, Attack.load("charbert"), str(tmp_path / "out"), engine="ray", workers=1)
    assert str(error.value) == f"{data}/b.jsonl.gz, line 1: column 'text' must be text, got 3"


@pytest.mark.nightly
def test_a_cluster_by_its_address(ray, tmp_path, monkeypatch):
    """Two programs of their own: the cluster, which asks for a token, and the one that attacks."""
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of-this-test" * 4)
    script = str(shutil.which("ray", path=os.path.dirname(sys.executable)))  # noqa: PTH120
    port = free_port()
    options = ["--head", "--port=0", f"--ray-client-server-port={port}", "--include-dashboard=false", "--num-cpus=1"]
    started = subprocess.run([script, "start", *options, "--node-ip-address=127.0.0.1"], capture_output=True, text=True)
    assert started.returncode == 0, started.stderr
    try:
        data = write_shards(tmp_path / "data")
        command = [sys.executable, "-m", "charrobust", "attack", data, "--task", "classification", "-r", "charbert"]
        for name, engine in (("local", "local"), ("cluster", f"ray://127.0.0.1:{port}")):
            subprocess.run([*command, "-o", tmp_path / name, "--engine", engine], check=True)
        assert files(tmp_path / "cluster") == files(tmp_path / "local")
    finally:
        subprocess.run([script, "stop", "--force"], check=True, capture_output=True)


def test_a_cluster_that_is_not_reached(monkeypatch, tmp_path):
    def init(*given, **options):
        raise ConnectionError("ray client connection timeout")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False, init=init))
    data = open_shards(str(write_shards(tmp_path / "data")), DataOptions(task="classification"))
    said = "cannot reach Ray at ray://here:1: ray client connection timeout; if it asks for a token, set RAY_AUTH_MODE=token"
    with pytest.raises(UserError, match=said):
        attack_shards(data, Attack.load("charbert"), str(tmp_path / "out"), engine="ray://here:1")


@pytest.mark.nightly
@pytest.mark.parametrize("batch_format", ["pyarrow", "pandas", "numpy"])
def test_batches_of_ray(ray, tmp_path, batch_format):
    import ray.data

    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20)
    try:
        data = ray.data.from_arrow(pa.Table.from_pylist(RECORDS)).repartition(4)
        attacked = data.map_batches(AttackBatch("charbert", "text"), batch_format=batch_format, batch_size=7)
        assert in_order(attacked.take_all()) == one_process(tmp_path)
    finally:
        ray.shutdown()


@pytest.mark.nightly
def test_batches_of_spark(tmp_path, monkeypatch):
    pytest.importorskip("pyspark", reason="needs pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
        try:
            frame = spark.createDataFrame(pa.Table.from_pylist(RECORDS)).repartition(3)
            attacked = frame.mapInArrow(AttackBatch("charbert", "text"), frame.schema)
            assert in_order(row.asDict() for row in attacked.collect()) == one_process(tmp_path)
        finally:
            spark.stop()


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    data = open_shards(str(write_shards(tmp_path / "data")), DataOptions(task="classification"))
    with pytest.raises(UserError, match=r"the engine ray needs the package ray, .* pip install 'charrobust\[ray\]'"):
        attack_shards(data, Attack.load("charbert"), str(tmp_path / "out"), engine="ray")
