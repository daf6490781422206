"""The examples of the page, as the data that its script shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from markupsafe import Markup

from charrobust.report.highlights import Fragment, highlighted
from charrobust.report.selection import case_of, system_names
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair, Results
from charrobust.tasks.base import Task
from charrobust.tasks.registry import task_class
from charrobust.visible import visible_in

_TEXT_NAMES = {0: (), 1: ("text",), 2: ("first text", "second text")}
_MOST_LABELS = 60  # a longer list is no help in finding examples
# Letters that could end a script element or start markup in it, and line ends that older JavaScript has no strings of.
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def browser_data(results: Results) -> dict[str, Any]:
    """Return the examples with what they can be filtered by."""
    cases = {attack.name: case_of(attack) for attack in results.attacks}
    task = task_class(results.task)
    examples = [_example(task, example) for example in results.shown]
    # Only what some example has can be filtered by: any other choice would show nothing.
    operators: set[str] = set()
    labels: set[str] = set()
    attacks: dict[str, str] = {}
    for example in examples:
        operators.update(example["operators"])
        labels.update(example["labels"])
        attacks[example["attack"]] = cases.get(example["attack"], "")
    if len(labels) > _MOST_LABELS:
        labels.clear()
    shown = {
        "systems": system_names(results),
        "attacks": list(map(list, attacks.items())),
        "operators": sorted(operators),
        "labels": sorted(labels),
        "judged": any(map(_is_judged, results.shown)),
        "examples": examples,
    }
    # At last: edits are told by their places in texts as they are.
    return cast("dict[str, Any]", visible_in(shown))


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
        for _, operator in chain(field["clean"], field["attacked"]):
            operators.add(operator)
    operators.discard("")  # of fragments that nothing touched
    predictions = [_prediction(task, example, prediction) for prediction in example.predictions]
    return {
        "id": example.id,
        "attack": example.attack,
        "target": example.target,
        "labels": task.filters(example.target),
        "operators": sorted(operators),
        "fields": fields,
        "predictions": predictions,
    }


def _texts(task: type[Task], example: AttackedExample) -> list[dict[str, Any]]:
    """Return a field for each text."""
    count = max(len(example.clean), len(example.attacked))
    names = task.text_names or _TEXT_NAMES[min(count, 2)]
    fields = []
    for number in range(count):
        name = f"text {number + 1}"
        if number < len(names):
            name = names[number]
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


def _prediction(task: type[Task], example: AttackedExample, prediction: PredictionPair) -> dict[str, Any]:
    # The keys are names of JavaScript, which page.js reads.
    data: dict[str, Any] = {
        "system": prediction.system,
        "clean": prediction.clean,
        "attacked": prediction.attacked,
        "cleanRight": prediction.clean_right,
        "attackedRight": prediction.attacked_right,
    }
    if task.pretokenized:
        # A long row of tags is hard to compare: the page shows the wrong ones alone.
        data["cleanWrong"] = _wrong_tags(example.clean, prediction.clean, example.target)
        data["attackedWrong"] = _wrong_tags(example.attacked, prediction.attacked, example.target)
    return data


def _wrong_tags(tokens: Sequence[str], predicted: str, target: str) -> list[tuple[str, str, str]] | None:
    """Return (token, tag that was said, tag that is right) where they differ; None if they do not line up."""
    predicted_tags, right_tags = predicted.split(), target.split()
    # They stand as text in the results, where a tag with a blank in it reads as two.
    if not len(tokens) == len(predicted_tags) == len(right_tags):
        return None
    wrong = []
    for token, predicted_tag, right_tag in zip(tokens, predicted_tags, right_tags, strict=True):
        if predicted_tag != right_tag:
            wrong.append((token, predicted_tag, right_tag))
    return wrong
