"""The model card that is written beside the weights of a pre-training run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.evaluation import Evaluation

_MEASURES = {
    "mlm_loss": "masked-LM loss on clean text, nats a token",
    "nlm_accuracy": "noised words recognised, of those in the word vocabulary",
    "nlm_outside": "noised words outside the word vocabulary",
    "shift": "representation shift: 1 - cosine between the vectors of a noised word and of its clean form",
}
_MINILM = "sentence-transformers/all-MiniLM-L6-v2"
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
    found: Evaluation,
    corpus: Sequence[str],
    versions: Mapping[str, str],
    *,
    language: str | None = None,
) -> str:
    """Return a model card: Markdown with YAML front matter, as the hub reads it.

    Args:
        name: Name of the model.
        configuration: The run.
        found: What was measured at its end.
        corpus: File names of the corpus.
        versions: Version of each package.
        language: Language of the corpus, such as ``en``.
    """
    local = Path(configuration.backbone).exists()
    base = _MINILM if configuration.backbone == "minilm" else configuration.backbone
    training, data = configuration.training, configuration.data
    measured = {key: value for key, value in asdict(found).items() if key in _MEASURES and value is not None}
    front = {
        "library_name": "transformers",
        "tags": ["charrobust", "robustness", "charbert" if configuration.model == "charbert" else "advbert"],
        **({} if local else {"base_model": base}),
        **({"language": language} if language else {}),
        "model-index": [{"name": name, "results": [_result(measured)]}],
    }
    losses = [f"{key} {value:g}" for key, value in asdict(configuration.objective).items() if value]
    settings = {
        "corpus": ", ".join(corpus),
        "noise": f"recipe `{data.recipe}`, share of words: {data.noise_share}",
        "masks": f"{data.masking}, share of tokens: {data.mask_share}",
        "losses": ", ".join(losses),
        "steps": f"{training.steps:,} of {training.batch_size} x {training.accumulation} blocks of "
        f"{data.block_size} tokens",
        "learning rate, seed": f"{training.learning_rate:g}, {training.seed}",
        "versions": ", ".join(f"{package} {version}" for package, version in versions.items()),
    }
    head = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    return _CARD.format(
        front="\n".join(head),
        title=f"{_TITLES[configuration.model]} {Path(base).name}",
        summary=configuration.summary or "Pre-trained with charrobust",
        measured=_table({_MEASURES[key]: f"{value:.4f}" for key, value in measured.items()}),
        settings=_table(settings),
    )


def _table(rows: Mapping[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _result(measured: Mapping[str, float]) -> dict[str, object]:
    metrics = [{"type": key, "name": _MEASURES[key], "value": round(value, 4)} for key, value in measured.items()]
    task = {"type": "fill-mask", "name": "pre-training"}
    return {"task": task, "dataset": {"type": "text", "name": "held-out blocks of the corpus"}, "metrics": metrics}
