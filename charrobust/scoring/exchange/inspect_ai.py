"""Tasks of inspect_ai: a file of samples a task, and one Python file that declares all."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.scoring.exchange.draws import Draw, prompts_of, write_lines
from charrobust.tasks.prompts import Prompt

FILE = "tasks.py"
_HEAD = '''"""Tasks of inspect_ai, which charrobust export wrote: one for each version of the data."""

from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import {scorers}
from inspect_ai.solver import {solver}


def of_samples(name):
    """Return the task of a file of samples beside this one."""
    dataset = json_dataset(str(Path(__file__).parent / f"{{name}}.jsonl"), name=name)
    return Task(dataset=dataset, solver={solver}(), scorer={scorer})
'''
_TASK = """

@task
def {name}():
    return of_samples("{name}")
"""
_CHOSEN = {"scorers": "choice", "scorer": "choice()", "solver": "multiple_choice"}
_WRITTEN = {"scorers": "exact, f1", "scorer": "[f1(), exact()]", "solver": "generate"}


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
    chosen = False
    for draw in draws:
        prompts = list(prompts_of(data, draw))
        chosen = bool(prompts[0][1].choices)
        samples = (_sample(draw.version, name, prompt) for name, prompt in prompts)
        write_lines(folder / f"{draw.name}.jsonl", samples)
    tasks = [_TASK.format(name=draw.name) for draw in draws]
    head = _HEAD.format(**(_CHOSEN if chosen else _WRITTEN))
    (folder / FILE).write_text("".join([head, *tasks]), encoding="utf-8")
    return f"inspect eval {{folder}}/{FILE} --model PROVIDER/MODEL"


def _sample(version: str, name: str, prompt: Prompt) -> dict[str, Any]:
    """Return a sample; the right one of several choices is told by its letter."""
    sample: dict[str, Any] = {"id": name, "input": prompt.text, "metadata": {"version": version}}
    if prompt.choices:
        right = _letter(prompt.choices.index(prompt.answers[0]))
        return sample | {"choices": list(prompt.choices), "target": right}
    return sample | {"target": list(prompt.answers)}


def _letter(number: int) -> str:
    """Return what the harness calls a choice: A to Z, then 1, 2, ..."""
    letters = string.ascii_uppercase
    return letters[number] if number < len(letters) else str(number - len(letters) + 1)
