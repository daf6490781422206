"""The examples of the page, as the data that its script shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from charrobust.report.highlights import Fragment, highlighted
from charrobust.report.selection import case_of, system_names
from charrobust.scoring.evaluation.results import Results, ShownExample, ShownPrediction
from charrobust.tasks.base import Task
from charrobust.tasks.registry import task_class

_TEXT_NAMES = {0: (), 1: ("text",), 2: ("first text", "second text")}
_MOST_LABELS = 60
_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def browser_data(results: Results) -> dict[str, Any]:
    """Return the examples with what they can be filtered by."""
    cases = {attack.name: case_of(attack) for attack in results.attacks}
    task = task_class(results.task)
    examples = [_example(task, example) for example in results.shown]
    labels = sorted({label for example in examples for label in example["labels"]})
    attacks = dict.fromkeys(example.attack for example in results.shown)
    return {
        "systems": system_names(results),
        "attacks": [[name, cases.get(name, "")] for name in attacks],
        "operators": sorted({operator for example in examples for operator in example["operators"]}),
        "labels": labels if len(labels) <= _MOST_LABELS else [],
        "judged": any(each.clean_right is not None for example in results.shown for each in example.predictions),
        "examples": examples,
    }


def embedded(data: Any) -> Markup:
    """Return data as JSON that can stand inside a ``<script>`` element: no letter of it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return Markup(text)  # noqa: S704  # <, > and & are escaped


def _example(task: type[Task], example: ShownExample) -> dict[str, Any]:
    fields = _sentence(example) if task.pretokenized else _texts(task, example)
    touched = [
        operator for field in fields for piece in (*field["clean"], *field["attacked"]) for operator in piece[1:]
    ]
    return {
        "id": example.id,
        "attack": example.attack,
        "target": example.target,
        "labels": task.filters(example.target),
        "operators": sorted({operator for operator in touched if operator}),
        "fields": fields,
        "predictions": [_prediction(task, example, prediction) for prediction in example.predictions],
    }


def _texts(task: type[Task], example: ShownExample) -> list[dict[str, Any]]:
    """Return a field for each text."""
    count = max(len(example.clean), len(example.attacked))
    names = task.text_names or _TEXT_NAMES[min(count, 2)]
    return [
        _field(names[number] if number < len(names) else f"text {number + 1}", *highlighted(example, number))
        for number in range(count)
    ]


def _sentence(example: ShownExample) -> list[dict[str, Any]]:
    """Return the tokens as one field."""
    marks = [highlighted(example, number) for number in range(max(len(example.clean), len(example.attacked)))]
    return [_field("sentence", _joined(clean for clean, _ in marks), _joined(attacked for _, attacked in marks))]


def _field(name: str, clean: Sequence[Fragment], attacked: Sequence[Fragment]) -> dict[str, Any]:
    return {"name": name, "clean": clean, "attacked": attacked, "changed": clean != attacked}


def _joined(tokens: Iterable[Sequence[Fragment]]) -> list[Fragment]:
    """Return the fragments of tokens with a blank between tokens."""
    found: list[Fragment] = []
    for text, operator in [piece for token in tokens for piece in ((" ", ""), *token)][1:]:
        if found and not operator and not found[-1][1]:
            text = found.pop()[0] + text
        found.append((text, operator))
    return found


def _prediction(task: type[Task], example: ShownExample, said: ShownPrediction) -> dict[str, Any]:
    shown = {
        "system": said.system,
        "clean": said.clean,
        "attacked": said.attacked,
        "cleanRight": said.clean_right,
        "attackedRight": said.attacked_right,
    }
    if not task.pretokenized:
        return shown
    return shown | {
        "cleanWrong": _wrong_tags(example.clean, said.clean, example.target),
        "attackedWrong": _wrong_tags(example.attacked, said.attacked, example.target),
    }


def _wrong_tags(tokens: Sequence[str], said: str, target: str) -> list[tuple[str, str, str]] | None:
    """Return (token, tag that was said, tag that is right) where they differ; None if they do not line up."""
    tags, right = said.split(), target.split()
    if not len(tokens) == len(tags) == len(right):
        return None
    return [found for found in zip(tokens, tags, right, strict=True) if found[1] != found[2]]
