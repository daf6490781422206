"""Tiny models with heads, and examples for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, RobertaConfig, XLNetConfig

from charrobust.models import (
    CharBertForQuestionAnswering,
    CharBertForSequenceClassification,
    CharBertForTokenClassification,
)
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.models.families import SIZES
from tests.models.tokenizers import byte_level, save_backbone, sentencepiece, wordpiece

LABELS = ("O", "B", "I")
FAMILIES: dict[str, tuple[Any, Any]] = {
    "bert": (wordpiece, BertConfig(**SIZES)),
    "roberta": (byte_level, RobertaConfig(**{**SIZES, "vocab_size": 330}, pad_token_id=1)),
    "xlnet": (sentencepiece, XLNetConfig(vocab_size=99, d_model=32, n_layer=3, n_head=4, d_inner=37)),
}
CHARBERTS = {
    "classification": CharBertForSequenceClassification,
    "regression": CharBertForSequenceClassification,
    "tagging": CharBertForTokenClassification,
    "qa": CharBertForQuestionAnswering,
}
SENTENCES = [
    "the wonderful weather of the north changes",
    "unbelievable storms",
    "",
    "wonderful words, typing typists in the north change the weather " * 3,
    "naïve café in Zürich",
    "typing errors change words of the typists",
]


def options(task: str) -> dict[str, Any]:
    """Return the options of a configuration with three labels, or one value."""
    if task == "regression":
        return {"id2label": {0: "value"}, "label2id": {"value": 0}, "problem_type": "regression"}
    return (
        {} if task == "qa" else {"id2label": dict(enumerate(LABELS)), "label2id": {n: i for i, n in enumerate(LABELS)}}
    )


def save_model(folder: Path, family: str, task: str, **more: Any) -> Path:
    """Write a random model with a head and its tokenizer."""
    torch.manual_seed(3)
    if family == "charbert":
        save_backbone(folder, *[part() if callable(part) else part for part in FAMILIES["bert"]])
        model = CHARBERTS[task].from_backbone(folder, **options(task), **more)
    else:
        tokenizer, config = FAMILIES[family]
        tokenizer().save_pretrained(folder)
        path = folder / "tokenizer_config.json"
        side = {"padding_side": "left"} if family == "xlnet" else {}  # XLNet reads a text's class off its end
        path.write_text(json.dumps(json.loads(path.read_text()) | side))
        given = {**config.to_dict(), **options(task), **more}
        model = task_class(task).head_class().auto_class.from_config(type(config).from_dict(given))
    model.save_pretrained(folder)
    return folder


def examples(task: str) -> list[Example]:
    """Return examples of unlike length, one of them empty."""
    if task == "tagging":
        return [Example(str(n), tuple(text.split()), None) for n, text in enumerate(SENTENCES)]
    if task == "qa":
        contexts = [text for text in SENTENCES if text]
        return [Example(str(n), ("change the weather?", text), ("north",)) for n, text in enumerate(contexts)]
    return [Example(str(n), (text,), None) for n, text in enumerate(SENTENCES)]
