"""Attacked folders, as ``charrobust attack`` writes them."""

import json

import pytest

from tests.cli.running import Runner
from tests.tasks.retrieval.collection import write_collection

REVIEWS = [("A wonderful film about rivers.", "good"), ("Boring from start to end.", "bad"), ("Great acting!", "good")]


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


def attacked(run, data, folder, *options):
    result = run("attack", data, "--recipe", "charbert", "--recipe", "drop@0.5", "--output", f"{folder}/", *options)
    assert result.status == 0, result.err
    return folder


@pytest.fixture
def reviews(run, tmp_path):
    file = tmp_path / "reviews.jsonl"
    lines = [json.dumps({"text": text, "label": label}) + "\n" for text, label in REVIEWS]
    file.write_text("".join(lines), encoding="utf-8")
    return attacked(run, file, tmp_path / "attacked", "--task", "classification")


@pytest.fixture
def collection(run, tmp_path):
    return attacked(run, write_collection(tmp_path / "collection"), tmp_path / "attacked-collection")
