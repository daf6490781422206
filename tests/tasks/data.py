"""The same few records in every format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from charrobust.tasks.base import Task
from charrobust.tasks.registry import task_class

REVIEWS: list[dict[str, Any]] = [
    {"id": "r1", "sentence": "A wonderful, “heartfelt” story — naïve at times.", "label": 1, "extra": {"b": 1, "a": [1.5]}},
    {"id": "r2", "sentence": 'Dreadful "acting", and\nendless scenes', "label": 0, "extra": None},
    {"id": "r3", "sentence": "", "label": 0, "extra": None},
    {"id": "r4", "sentence": "Замечательная история, שלום עולם, cafe\u0301", "label": 1, "extra": None},
]  # fmt: skip

CONLL = """-DOCSTART- -X- -X- O

EU NNP B-NP I-ORG
rejects VBZ B-VP O
German JJ B-NP I-MISC
call NN I-NP O
. . O O

Peter  NNP B-NP   I-PER
Blackburn NNP I-NP I-PER


-DOCSTART- -X- O O

BRUSSELS NNP B-NP I-LOC
1996-08-22 CD I-NP O
"""

CONLLU = """# newdoc id = one
# sent_id = one-1
# text = They're going
1-2\tThey're\t_\t_\t_\t_\t_\t_\t_\t_
1\tThey\tthey\tPRON\tPRP\t_\t3\tnsubj\t_\t_
2\t're\tbe\tAUX\tVBP\t_\t3\taux\t_\t_
3\tgoing\tgo\tVERB\tVBG\t_\t0\troot\t_\t_
3.1\telided\t_\t_\t_\t_\t_\t_\t_\t_

"""

SQUAD: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Rivers",
            "paragraphs": [
                {
                    "context": "The Rhine rises in Switzerland and flows into the North Sea near Rotterdam in the 1990s.",
                    "qas": [
                        {
                            "question": "Where does the Rhine rise?",
                            "id": "q1",
                            "answers": [
                                {"text": "Switzerland", "answer_start": 19},
                                {"text": "in Switzerland", "answer_start": 16},
                            ],
                            "is_impossible": False,
                        },
                        {
                            "plausible_answers": [{"text": "North Sea", "answer_start": 50}],
                            "question": "Where does the Danube end?",
                            "id": "q2",
                            "answers": [],
                            "is_impossible": True,
                        },
                        {
                            "question": "Since which year?",
                            "id": "q3",
                            "answers": [{"text": "1990", "answer_start": 82}],
                            "is_impossible": False,
                        },
                    ],
                }
            ],
        },
        {"title": "Empty", "paragraphs": []},
        {"title": "Seas", "paragraphs": [{"context": "The North Sea is shallow.", "qas": [], "note": "kept"}]},
    ],
    "trailer": [1, 2],
}


def flat_questions(shape: str) -> list[dict[str, Any]]:
    """Return the questions one a record; answers as ``hub`` or ``list``."""
    records = []
    for article in SQUAD["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                texts = [answer["text"] for answer in qa["answers"]]
                starts = [answer["answer_start"] for answer in qa["answers"]]
                answers: Any = {"text": texts, "answer_start": starts}
                if shape == "list":
                    answers = [{"text": text, "start": start} for text, start in zip(texts, starts, strict=True)]
                records.append(
                    {"id": qa["id"], "context": paragraph["context"], "question": qa["question"], "answers": answers}
                )
    return records


def write(path: Path, content: str) -> Path:
    """Write text, compressed if the name says so."""
    data = content.encode("utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path: Path) -> str:
    """Read text, compressed if the name says so."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def json_lines(records: list[dict[str, Any]], **options: Any) -> str:
    """Return records as JSON Lines."""
    return "".join(json.dumps(record, ensure_ascii=False, **options) + "\n" for record in records)


def task_of(name: str, columns: dict[str, Any] | None = None) -> Task:
    """Return a task by its name, with some columns; of texts, by default one column."""
    task = task_class(name)
    if columns is None and task.paired_texts:
        columns = {"texts": ["text"]}
    return task.of_columns(columns or {})
