"""The model card that is written beside the weights of a pre-training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charrobust.training.cards import as_text, base_model, front_matter, hub_name, settings_table, versions_line
from charrobust.training.pretraining.configuration import Configuration, WarmStart
from charrobust.training.pretraining.evaluation import Evaluation

_MEASURES = {
    "mlm_loss": "masked-LM loss on clean text, nats a token",
    "nlm_accuracy": "noised words recognised, of those in the word vocabulary",
    "nlm_outside": "noised words outside the word vocabulary",
    "shift": "representation shift: 1 - cosine between the vectors of a noised word and of its clean form",
}
_TITLES = {"charbert": "A character channel on", "plain": "Trained on noised text:"}
_CARD = """---
{front}
---

# {title}

{summary}.

Written by `charrobust pretrain`: all settings are in `pretraining.json`, the course of the run is in `metrics.jsonl`.

## On held-out blocks

{measured}

## How it came about

{settings}
"""


def model_card(
    name: str,
    configuration: Configuration,
    evaluation: Evaluation,
    *,
    manifest: Mapping[str, Any],
) -> str:
    """Return a model card: Markdown with YAML front matter, as the hub reads it.

    Args:
        name: Name of the model.
        configuration: The run.
        evaluation: What was measured at its end.
        manifest: What the run writes about itself.

    Returns:
        The card's text.
    """
    backbone = configuration.backbone
    # None is a measure of a loss that the run does not have.
    measured = {key: value for key, value in asdict(evaluation).items() if key in _MEASURES and value is not None}
    front: dict[str, Any] = {"library_name": "transformers", "tags": _tags(configuration)}
    base = base_model(backbone)
    if base is not None:
        front["base_model"] = base
    if manifest.get("language"):
        front["language"] = manifest["language"]
    front["model-index"] = [{"name": name, "results": [_result(measured)]}]
    return _CARD.format(
        front=front_matter(front),
        title=as_text(f"{_TITLES[configuration.model]} {Path(hub_name(backbone)).name}"),
        summary=configuration.summary or "Pre-trained with charrobust",
        measured=settings_table({_MEASURES[key]: f"{value:.4f}" for key, value in measured.items()}),
        settings=settings_table(_settings(configuration, manifest)),
    )


def _tags(configuration: Configuration) -> list[str]:
    method = "charbert" if configuration.model == "charbert" else "advbert"
    return ["charrobust", "robustness", method]


def _settings(configuration: Configuration, manifest: Mapping[str, Any]) -> dict[str, str]:
    training, data = configuration.training, configuration.data
    losses = [f"{key} {value:g}" for key, value in asdict(configuration.objective).items() if value]
    blocks = f"{training.batch_size} x {training.accumulation} blocks of {data.block_size} tokens"
    return {
        "corpus": ", ".join(manifest["corpus"]),
        "noise": f"recipe `{data.recipe}`, share of words: {data.noise_share}",
        "masks": f"{data.masking}, share of tokens: {data.mask_share}",
        "losses": ", ".join(losses),
        **_warm_start(configuration.warm_start),
        "steps": f"{training.steps:,} of {blocks}",
        "learning rate, seed": f"{training.learning_rate:g}, {training.seed}",
        "versions": versions_line(manifest["versions"]),
    }


def _warm_start(settings: WarmStart) -> dict[str, str]:
    """Return what is told of a warm start; nothing where there is none."""
    if not settings.steps:
        return {}
    told = f"{settings.steps:,} steps of {settings.batch_size} words"
    if settings.adversarial:
        told = f"{told}, {settings.adversarial_share:g} of them in the worst of {settings.adversarial} noised forms"
    return {"warm start": told}


def _result(measured: Mapping[str, float]) -> dict[str, object]:
    """Return what was measured, as the hub's model index has it."""
    metrics = []
    for key, value in measured.items():
        metrics.append({"type": key, "name": _MEASURES[key], "value": round(value, 4)})
    task = {"type": "fill-mask", "name": "pre-training"}
    return {"task": task, "dataset": {"type": "text", "name": "held-out blocks of the corpus"}, "metrics": metrics}
