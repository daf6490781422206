"""The parts of model cards: Markdown with YAML front matter, as the hub reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from charrobust.visible import visible, visible_in

# What the hub calls the encoders that packages bring.
_ON_HUB = {"minilm": "sentence-transformers/all-MiniLM-L6-v2", "e5-small": "intfloat/multilingual-e5-small"}


def hub_name(backbone: str) -> str:
    """Return what the hub calls an encoder."""
    return _ON_HUB.get(backbone, backbone)


def base_model(encoder: str) -> str | None:
    """Return the model of the hub that weights came from, for a card to point to.

    Args:
        encoder: What was trained: of a character channel its backbone is on the hub.

    Returns:
        What the hub calls it; None for a directory of one's own.
    """
    from charrobust.models.channels import backbone_name, channel_directory

    channel = channel_directory(encoder)
    named = hub_name(encoder if channel is None else backbone_name(channel))
    return None if Path(named).exists() else named


def front_matter(entries: Mapping[str, Any]) -> str:
    """Return front matter; JSON is YAML, and quotes whatever has to be quoted."""
    lines = [f"{key}: {json.dumps(visible_in(value), ensure_ascii=False)}" for key, value in entries.items()]
    return "\n".join(lines)


def result_entry(
    task: Mapping[str, str], data: str, metrics: Mapping[str, float], *, attack: str | None = None
) -> dict[str, Any]:
    """Return what was measured on one version of a data set, as an entry of the hub's ``model-index``.

    Args:
        task: ``type``, as the hub calls the task, and ``name``.
        data: Name of the data set.
        metrics: What was measured, by the names of metrics.
        attack: What the data were attacked with; None for clean ones.

    Returns:
        The entry.
    """
    dataset: dict[str, Any] = {"type": task["name"], "name": data}
    if attack is not None:
        # By a name of their own, so that nobody takes scores under attack for those on the data set.
        dataset |= {"name": f"{data} under {attack}", "args": {"attack": attack}}
    rows = [{"type": name, "name": name, "value": round(value, 4)} for name, value in metrics.items()]
    return {"task": dict(task), "dataset": dataset, "metrics": rows}


def as_text(text: str) -> str:
    """Return a text for Markdown that stays on its line and begins neither markup, nor links, nor another cell."""
    line = " ".join(visible(text).split())
    return line.replace("<", "&lt;").replace("[", r"\[").replace("|", r"\|")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of rows, of which the first is its head."""
    head, *body = rows
    return "\n".join(map(_row, (head, ["---"] * len(head), *body)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(as_text, cells))} |"


def settings_table(settings: Mapping[str, str]) -> str:
    """Return a table of names and values, without a head."""
    return "\n".join(["| | |", "|---|---|", *map(_row, settings.items())])


def versions_line(versions: Mapping[str, str]) -> str:
    """Return the versions of packages on a line."""
    return ", ".join(f"{package} {version}" for package, version in versions.items())
