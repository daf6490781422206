"""Fixtures for retrieval."""

import pytest
from transformers import BertConfig

from tests.cli.running import Runner
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, wordpiece
from tests.tasks.retrieval.collection import write_collection


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture
def collection(tmp_path):
    return write_collection(tmp_path / "collection")


@pytest.fixture(scope="package")
def encoder(tmp_path_factory):
    return save_backbone(tmp_path_factory.mktemp("models") / "encoder", wordpiece(), BertConfig(**SIZES))
