"""The model card of a fine-tuned model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charrobust.attackers.versions import CLEAN
from charrobust.tasks.registry import task_class
from charrobust.training.cards import (
    as_text,
    base_model,
    front_matter,
    hub_name,
    result_entry,
    settings_table,
    table,
    versions_line,
)

_USES = {
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


def finetuning_card(name: str, manifest: Mapping[str, Any]) -> str:
    """Return a model card: Markdown with YAML front matter, as the hub reads it.

    Args:
        name: Name of the model.
        manifest: What the run writes about itself.

    Returns:
        The card's text.
    """
    encoder = hub_name(manifest["encoder"])
    return _CARD.format(
        front=front_matter(_front(name, manifest)),
        title=as_text(f"{Path(encoder).name} for {manifest['task']}"),
        summary=as_text(f"Fine-tuned on {manifest['data']['train']}"),
        measured=_measured(manifest),
        settings=settings_table(_settings(manifest)),
    )


def _front(name: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the front matter: what the hub shows and searches."""
    encoder, task = manifest["encoder"], manifest["task"]
    pipeline = task_class(task).pipeline
    named, data = {"type": pipeline, "name": task}, manifest["data"]["eval"]
    results = [result_entry(named, data, manifest["measured"])]
    for attack, metrics in _attacked(manifest).items():
        results.append(result_entry(named, data, metrics, attack=attack))
    front: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": pipeline,
        "tags": ["charrobust", "robustness"],
    }
    base = base_model(encoder)
    if base is not None:
        front["base_model"] = base
    return front | {"model-index": [{"name": name, "results": results}]}


def _attacked(manifest: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return what was measured under each attack."""
    scores: dict[str, dict[str, float]] = manifest.get("attacked", {})
    return {name: metrics for name, metrics in scores.items() if name != CLEAN}


def _measured(manifest: Mapping[str, Any]) -> str:
    """Return a table of what was measured: a column for the clean data, and one for each attack."""
    attacked = _attacked(manifest)
    if not attacked:
        return settings_table({key: f"{value:.4f}" for key, value in manifest["measured"].items()})
    rows = [["", CLEAN, *attacked]]
    for metric, clean in manifest["measured"].items():
        rows.append([metric, f"{clean:.4f}", *(f"{metrics[metric]:.4f}" for metrics in attacked.values())])
    return table(rows)


def _trained(manifest: Mapping[str, Any]) -> str:
    """Say what was trained, and what stayed as it was."""
    weights = manifest["weights"]
    if manifest["use"] in _USES:
        return _USES[manifest["use"]]
    if not weights["frozen"]:
        return "all weights trained"
    frozen = ", ".join(f"`{name}`" for name in weights["frozen"])
    return f"{weights['trained']:,} of {weights['all']:,} weights trained; as they were: {frozen}"


def _scored(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return how a model is scored that was trained behind defences."""
    behind = manifest["configuration"].get("behind", ())
    if not behind:
        return {}
    names = [Path(name).absolute().name for name in behind]
    return {"to be scored as": f"`{'+'.join([*names, 'MODEL'])}`"}


def _settings(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return how the model came about, as rows of a table."""
    training, examples, data = manifest["configuration"]["training"], manifest["examples"], manifest["data"]
    return {
        "encoder": f"{Path(hub_name(manifest['encoder'])).name}, {_trained(manifest)}",
        "trained on": f"{examples['train']:,} examples of {data['train']}",
        "measured on": f"{examples['eval']:,} examples of {data['eval']}",
        "defences": "; ".join(manifest["defences"]) or "none",
        **_scored(manifest),
        "epochs, batch": f"{training['epochs']}, {training['batch_size']} x {training['accumulation']}",
        "learning rate, seed": f"{manifest['learning_rate']:g}, {manifest['seed']}",
        "tokens of a window": f"{manifest['max_length']}",
        "versions": versions_line(manifest["versions"]),
    }
