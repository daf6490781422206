"""Tasks of lm-evaluation-harness: a YAML file and a file of examples a task, and a group of all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.scoring.exchange.draws import Draw, identifier, plain_name, prompts_of, write_lines
from charrobust.tasks.prompts import Prompt

_READER = '''"""Reads the examples of these tasks, which charrobust export wrote."""

import json
from pathlib import Path

from datasets import Dataset


def read(file, **_):
    """Return the examples of a file beside this one, as the split test."""
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").split("\\n")
    return {"test": Dataset.from_list([json.loads(line) for line in lines if line])}
'''
_CHOSEN: dict[str, Any] = {
    "output_type": "multiple_choice",
    "doc_to_choice": "choices",
    "doc_to_target": "answer",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
_WRITTEN: dict[str, Any] = {
    "output_type": "generate_until",
    "doc_to_target": "answers",
    "generation_kwargs": {"until": ["\n"], "do_sample": False, "max_gen_toks": 32},
    "metric_list": [
        {
            "metric": "exact_match",
            "aggregation": "mean",
            "higher_is_better": True,
            "ignore_case": True,
            "ignore_punctuation": True,
        }
    ],
}


def write(data: DataSet, draws: Sequence[Draw], folder: Path) -> str:
    """Write the tasks.

    Args:
        data: The clean data set.
        draws: What becomes a task each.
        folder: An empty folder.

    Returns:
        The command that runs them, ``{folder}`` standing for where they are.

    Raises:
        UserError: Language models are not asked for what the task predicts.
    """
    for draw in draws:
        prompts = list(prompts_of(data, draw))
        write_lines(folder / f"{draw.name}.jsonl", (_row(name, prompt) for name, prompt in prompts))
        settings = _settings(draw, chosen=bool(prompts[0][1].choices))
        (folder / f"{draw.name}.yaml").write_text(settings, encoding="utf-8")
    (folder / "reading.py").write_text(_READER, encoding="utf-8")
    group = identifier(f"charrobust {plain_name(data)}")
    (folder / "group.yaml").write_text(_yaml({"group": group, "task": [draw.name for draw in draws]}), encoding="utf-8")
    return f"lm_eval --model hf --model_args pretrained=MODEL --include_path {{folder}} --tasks {group}"


def _row(name: str, prompt: Prompt) -> dict[str, Any]:
    """Return an example."""
    row: dict[str, Any] = {"id": name, "input": f"{prompt.text}\nAnswer:"}
    if prompt.choices:
        return row | {"choices": list(prompt.choices), "answer": prompt.choices.index(prompt.answers[0])}
    return row | {"answers": list(prompt.answers)}


def _settings(draw: Draw, *, chosen: bool) -> str:
    """Return the file that declares a task."""
    settings: dict[str, Any] = {"task": draw.name, "dataset_kwargs": {"file": f"{draw.name}.jsonl"}}
    settings |= {"test_split": "test", "doc_to_text": "input"} | (_CHOSEN if chosen else _WRITTEN)
    # A tag of the harness's own: the function is looked for beside the file.
    return f"custom_dataset: !function reading.read\n{_yaml(settings)}"


def _yaml(settings: Mapping[str, Any]) -> str:
    """Return settings as YAML, of which JSON is a part."""
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
