"""Fixtures for retrieval."""

import pytest

from tests.cli.running import Runner
from tests.tasks.retrieval.collection import write_collection


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture
def collection(tmp_path):
    return write_collection(tmp_path / "collection")


@pytest.fixture(scope="package")
def encoder(tmp_path_factory):
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tests.models.families import SIZES
    from tests.models.tokenizers import save_backbone, wordpiece

    return save_backbone(tmp_path_factory.mktemp("models") / "encoder", wordpiece(), transformers.BertConfig(**SIZES))
