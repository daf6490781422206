"""Data sets of several tasks, a function that answers each, and files of its answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.datasets.load import load_data
from tests.tasks.data import CONLL, SQUAD, json_lines

REVIEWS = [
    {"id": f"r{number}", "text": f"{word} weather, story {number}", "label": label}
    for number, (word, label) in enumerate([("wonderful", "good"), ("dreadful", "bad"), ("wonderful", "bad")] * 4)
]
SPANS = [
    {"id": 10 + number, "text": f"Annika visited Stockholm, {number}", "label": [[0, 6, "PER"], [15, 24, "LOC"]]}
    for number in range(6)
]


@dataclass(frozen=True)
class Case:
    """A data set and what answers it."""

    file: str
    content: str
    task: str
    answer: Callable[[Any], Any]


def spans_of(text: str) -> list[list[Any]]:
    return [[0, 6, "PER"], [15, 24, "LOC"]] if "Annika" in text else [[0, 3, "PER"]]


CASES = {
    "classes": Case("in.jsonl", json_lines(REVIEWS), "classification", lambda text: "good" if "wonderful" in text else "bad"),
    "tags": Case("in.conll", CONLL, "tagging", lambda tokens: ["I-ORG" if token.isupper() else "O" for token in tokens]),
    "answers": Case("in.json", json.dumps(SQUAD), "qa", lambda pair: pair[1].split()[-1] if "Since" not in pair[0] else ""),
    "spans": Case("in.jsonl", json_lines(SPANS), "spans", spans_of),
    "numbers": Case(
        "in.csv", "text,label\nwarm storm,1\ncold wind,2.5\ngrey weather,0.5\n", "regression", lambda text: len(set(text)) / 3
    ),
}  # fmt: skip


def predict_file(case: Case, attacked: Path, target: Path) -> Path:
    """Predict for a file as a user would, and write the predictions in the format of the target."""
    data = load_data(attacked, task=case.task)
    # A file may hold more than is scored; here all examples are labelled.
    ids = [example.id for example in data.examples]
    if case.task in ("classification", "spans"):
        ids = [json.loads(line)["id"] for line in attacked.read_text().splitlines()]
    answers = [case.answer(data.task.plain_input(example)) for example in data.examples]
    rows = [{"id": name, "prediction": answer} for name, answer in zip(ids, answers, strict=True)]
    if target.suffix == ".jsonl":
        target.write_text(json_lines(rows))
    elif target.suffix == ".json":
        target.write_text(json.dumps(rows))
    elif target.suffix == ".txt":
        lines = [answer if isinstance(answer, str) else json.dumps(answer) for answer in answers]
        target.write_text("".join(f"{line}\n" for line in lines))
    else:
        with target.open("w", newline="") as handle:
            writer = csv.writer(handle, delimiter="\t" if target.suffix == ".tsv" else ",")
            writer.writerow(["id", "prediction"])
            for row in reversed(rows):  # ids tell which is which
                answer = row["prediction"]
                writer.writerow([row["id"], json.dumps(answer) if isinstance(answer, list) else answer])
    return target
