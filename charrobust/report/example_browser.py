"""The examples of the page, as the data that its script shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

from markupsafe import Markup

from charrobust.report.highlights import Fragment, highlighted
from charrobust.report.selection import case_of, system_names
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair, Results
from charrobust.tasks.base import Task
from charrobust.tasks.registry import task_class

_TEXT_NAMES = {0: (), 1: ("text",), 2: ("first text", "second text")}
_MOST_LABELS = 60  # a longer list is no help in finding examples
# Letters that could end a script element or start markup in it, and line ends that older JavaScript has no strings of.
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def browser_data(results: Results) -> dict[str, Any]:
    """Return the examples with what they can be filtered by."""
    cases = {attack.name: case_of(attack) for attack in results.attacks}
    task = task_class(results.task)
    examples = [_example(task, example) for example in results.shown]
    operators: set[str] = set()
    labels: set[str] = set()
    attacks: dict[str, str] = {}
    for example in examples:
        operators.update(example["operators"])
        labels.update(example["labels"])
        attacks[example["attack"]] = cases.get(example["attack"], "")
    if len(labels) > _MOST_LABELS:
        labels.clear()
    return {
        "systems": system_names(results),
        "attacks": list(map(list, attacks.items())),
        "operators": sorted(operators),
        "labels": sorted(labels),
        "judged": any(map(_is_judged, results.shown)),
        "examples": examples,
    }


def _is_judged(example: AttackedExample) -> bool:
    """Tell whether predictions of an example are right or wrong; numbers are neither."""
    return any(prediction.clean_right is not None for prediction in example.predictions)


def embedded(data: Any) -> Markup:
    """Return data as JSON that can stand inside a ``<script>`` element: no letter of it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return Markup(text)  # noqa: S704  # <, > and & are escaped


def _example(task: type[Task], example: AttackedExample) -> dict[str, Any]:
    fields = _sentence(example) if task.pretokenized else _texts(task, example)
    operators: set[str] = set()
    for field in fields:
        operators.update(operator for _, operator in chain(field["clean"], field["attacked"]))
    operators.discard("")  # of fragments that nothing touched
    return {
        "id": example.id,
        "attack": example.attack,
        "target": example.target,
        "labels": task.filters(example.target),
        "operators": sorted(operators),
        "fields": fields,
        "predictions": [_prediction(task, example, prediction) for prediction in example.predictions],
    }


def _texts(task: type[Task], example: AttackedExample) -> list[dict[str, Any]]:
    """Return a field for each text."""
    count = max(len(example.clean), len(example.attacked))
    names = task.text_names or _TEXT_NAMES[min(count, 2)]
    fields = []
    for number in range(count):
        name = names[number] if number < len(names) else f"text {number + 1}"
        fields.append(_field(name, *highlighted(example, number)))
    return fields


def _sentence(example: AttackedExample) -> list[dict[str, Any]]:
    """Return the tokens as one field."""
    clean_tokens, attacked_tokens = [], []
    for number in range(max(len(example.clean), len(example.attacked))):
        clean, attacked = highlighted(example, number)
        clean_tokens.append(clean)
        attacked_tokens.append(attacked)
    return [_field("sentence", _joined(clean_tokens), _joined(attacked_tokens))]


def _field(name: str, clean: Sequence[Fragment], attacked: Sequence[Fragment]) -> dict[str, Any]:
    return {"name": name, "clean": clean, "attacked": attacked, "changed": clean != attacked}


def _joined(tokens: Sequence[Sequence[Fragment]]) -> list[Fragment]:
    """Return the fragments of tokens with a blank between tokens."""
    joined: list[Fragment] = []
    for number, token in enumerate(tokens):
        if number:
            _add(joined, (" ", ""))
        for fragment in token:
            _add(joined, fragment)
    return joined


def _add(joined: list[Fragment], fragment: Fragment) -> None:
    """Add a fragment at the end; one that nothing touched goes into the last, if nothing touched that either."""
    text, operator = fragment
    if joined and not operator and not joined[-1][1]:
        text = joined.pop()[0] + text
    joined.append((text, operator))


def _prediction(task: type[Task], example: AttackedExample, said: PredictionPair) -> dict[str, Any]:
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
    triples = zip(tokens, tags, right, strict=True)
    return [(token, tag, wanted) for token, tag, wanted in triples if tag != wanted]
