"""A tiny encoder in a directory of sentence-transformers, and data sets to fit on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import BertConfig

from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import load_data
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, wordpiece

TEXTS = [
    "the wonderful weather", "typing errors", "wonderful words of the north", "storms change", "wonderful", "errors change words",
    "the north", "typing typists",
]  # fmt: skip
LABELS = ["good", "bad"] * 4
NUMBERS = [2.0, -1.0, 3.0, 0.0, 2.5, -0.5, 1.0, -2.0]
PAIRS = list(zip(TEXTS, reversed(TEXTS), strict=True))
LISTS = [["weather", "mood"], ["work"], ["mood"], [], ["mood"], ["work"], ["weather"], ["work"]]


def save_encoder(folder: Path) -> Path:
    """Write a random encoder."""
    return save_backbone(folder, wordpiece(), BertConfig(**SIZES))


def save_sentence_transformer(folder: Path, *, normalised: bool = False, **about: Any) -> Path:
    """Write a random encoder whose files say how it is asked: its first token, 12 tokens at most."""
    save_encoder(folder)
    modules = [{"path": "", "type": "a.Transformer"}, {"path": "1_Pooling", "type": "a.Pooling"}]
    if normalised:
        modules.append({"path": "2_Normalize", "type": "a.Normalize"})
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 12}))
    (folder / "config_sentence_transformers.json").write_text(json.dumps(about))
    return folder


def data_of(targets: list[Any], task: str = "classification", inputs: list[Any] | None = None) -> DataSet:
    """Return a data set of the texts above."""
    return load_data(inputs or TEXTS, targets, task=task, name="train")
