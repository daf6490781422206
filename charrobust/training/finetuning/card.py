"""The model card of a fine-tuned model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charrobust.tasks.registry import task_class

_MINILM = "sentence-transformers/all-MiniLM-L6-v2"
_USES = {
    "finetuned": "all weights trained",
    "frozen": "a linear map on the last layer of the frozen encoder",
    "mix": "a linear map on a learned mix of all layers of the frozen encoder",
}
_CARD = """---
{front}
---

# {title}

{summary}.

Written by `charrobust finetune`: all settings are in `finetuning.json`, the course of the run is in `metrics.jsonl`.

## On the evaluation data

{measured}

## How it came about

{settings}
"""


def finetuning_card(name: str, record: Mapping[str, Any]) -> str:
    """Return a model card: Markdown with YAML front matter, as the hub reads it.

    Args:
        name: Name of the model.
        record: The record of the run.
    """
    encoder, task = record["encoder"], record["task"]
    base = _MINILM if encoder == "minilm" else encoder
    tag = task_class(task).pipeline
    pipeline = {"type": tag, "name": task}
    metrics = [{"type": key, "name": key, "value": round(value, 4)} for key, value in record["measured"].items()]
    result = {"task": pipeline, "dataset": {"type": task, "name": record["data"]["eval"]}, "metrics": metrics}
    front = {
        "library_name": "transformers",
        "pipeline_tag": tag,
        "tags": ["charrobust", "robustness"],
        **({} if Path(encoder).exists() else {"base_model": base}),
        "model-index": [{"name": name, "results": [result]}],
    }
    training = record["configuration"]["training"]
    settings = {
        "encoder": f"{Path(base).name}, {_USES[record['use']]}",
        "trained on": f"{record['examples']['train']:,} examples of {record['data']['train']}",
        "measured on": f"{record['examples']['eval']:,} examples of {record['data']['eval']}",
        "defences": "; ".join(record["defences"]) or "none",
        "epochs, batch": f"{training['epochs']}, {training['batch_size']} x {training['accumulation']}",
        "learning rate, seed": f"{record['learning_rate']:g}, {record['seed']}",
        "tokens of a window": f"{record['max_length']}",
        "versions": ", ".join(f"{package} {version}" for package, version in record["versions"].items()),
    }
    return _CARD.format(
        front="\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()),
        title=f"{Path(base).name} for {task}",
        summary=f"Fine-tuned on {record['data']['train']}",
        measured=_table({key: f"{value:.4f}" for key, value in record["measured"].items()}),
        settings=_table(settings),
    )


def _table(rows: Mapping[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])
