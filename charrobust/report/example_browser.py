"""The examples of the page, as the data that its script shows."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from markupsafe import Markup

from charrobust.report.highlights import Fragment, highlighted
from charrobust.report.names import system_title
from charrobust.report.selection import VersionLabel, labels_by_attack, system_names
from charrobust.report.wording import counted
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair, Results
from charrobust.tasks.base import Task
from charrobust.tasks.registry import task_class
from charrobust.visible import visible_in

_TEXT_NAMES = {0: (), 1: ("text",), 2: ("first text", "second text")}
_MOST_LABELS = 60  # a longer list is no help in finding examples


def browser_data(results: Results) -> dict[str, Any]:
    """Return the examples with what they can be filtered by."""
    labels_of_attacks = labels_by_attack(results)
    task = task_class(results.task)
    examples = [_example(task, example) for example in results.shown]
    # Only what some example has can be filtered by: any other choice would show nothing.
    operators: set[str] = set()
    labels: set[str] = set()
    attacks: dict[str, dict[str, str]] = {}
    for example in examples:
        operators.update(example["operators"])
        labels.update(example["labels"])
        label = labels_of_attacks.get(example["attack"], VersionLabel(example["attack"], example["attack"]))
        attacks[example["attack"]] = {"name": label.name, "title": label.title, "mark": label.mark}
    if len(labels) > _MOST_LABELS:
        labels.clear()
    shown = {
        "systems": [{"name": name, "title": system_title(name)} for name in system_names(results)],
        "attacks": list(attacks.values()),
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
    """Return data as compressed JSON in letters that can stand inside a ``<script>`` element: none can end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # Halves of letters become the escapes that JSON has for them.
    compressed = gzip.compress(
        text.encode(errors="backslashreplace"), mtime=0
    )  # without a time: equal data are equal pages
    return Markup(base64.b64encode(compressed).decode())  # noqa: S704  # letters, digits, +, / and =


def how_many(results: Results) -> str:
    """Say how many of the examples that attacks flipped are shown."""
    shown = len(results.shown)
    if results.flipped is None:
        return f"A selection: {counted(shown, 'example')}, those that an attack flipped first."
    judged = any(map(_is_judged, results.shown))
    kept = sum(map(is_flipped, results.shown)) if judged else min(results.flipped, shown)
    what = "an attack made wrong for some model" if judged else "an attack made worse"
    others = f"{counted(shown - kept, 'other')} that one changed"
    if kept < results.flipped:
        return (
            f"{kept:,} of the {counted(results.flipped, 'example')} that {what}, of all attacks in turns, as more are "
            f"too many for a page; and {others}."
        )
    return f"Every example that {what}, {kept:,} over all attacks together; and {others}."


def is_flipped(example: AttackedExample) -> bool:
    """Tell whether some system is right of the clean text and wrong of the attacked one."""
    return any(said.clean_right and said.attacked_right is False for said in example.predictions)


def example_data(results: Results, example: AttackedExample) -> dict[str, Any]:
    """Return one example as the page shows it: its texts in fragments, and what systems say."""
    return cast("dict[str, Any]", visible_in(_example(task_class(results.task), example)))


def _example(task: type[Task], example: AttackedExample) -> dict[str, Any]:
    fields = fields_of(task, example)
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
        "targetRemark": example.target_remark,
        "labels": task.filters(example.target),
        "operators": sorted(operators),
        "fields": fields,
        "predictions": predictions,
    }


def fields_of(task: type[Task], example: AttackedExample) -> list[dict[str, Any]]:
    """Return what an example is shown as: a field for each text, or one for all tokens.

    Args:
        task: The class of the task.
        example: The example.

    Returns:
        For each field its ``name``, the fragments of the ``clean`` and of the ``attacked`` text, and whether it is
        ``changed``.
    """
    return _sentence(example) if task.pretokenized else _texts(task, example)


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
        "cleanRemarks": prediction.clean_remarks,
        "attackedRemarks": prediction.attacked_remarks,
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
