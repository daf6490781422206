"""Records as annotation tools and data sets export spans."""

from __future__ import annotations

from typing import Any

TEXT = "Annika visited Stockholm yesterday"
PER, LOC = (0, 6, "PER"), (15, 24, "LOC")

SHAPES: dict[str, Any] = {
    "doccano": {"id": 1, "text": TEXT, "label": [[0, 6, "PER"], [15, 24, "LOC"]], "Comments": []},
    "doccano labels": {"id": 1, "text": TEXT, "labels": [[0, 6, "PER"], [15, 24, "LOC"]]},
    "doccano relations": {
        "id": 1,
        "text": TEXT,
        "relations": [{"id": 9, "from_id": 4, "to_id": 5, "type": "in"}],
        "entities": [
            {"id": 4, "label": "PER", "start_offset": 0, "end_offset": 6},
            {"id": 5, "label": "LOC", "start_offset": 15, "end_offset": 24},
        ],
    },
    "label studio": {
        "id": 7,
        "data": {"text": TEXT, "source": "x"},
        "annotations": [
            {"id": 1, "was_cancelled": True, "result": []},
            {
                "id": 2,
                "was_cancelled": False,
                "lead_time": 5.3,
                "result": [
                    {
                        "value": {"start": 0, "end": 6, "text": "Annika", "labels": ["PER"]},
                        "id": "a",
                        "from_name": "label",
                        "to_name": "text",
                        "type": "labels",
                    },
                    {
                        "value": {"start": 15, "end": 24, "text": "Stockholm", "labels": ["LOC"]},
                        "id": "b",
                        "from_name": "label",
                        "to_name": "text",
                        "type": "labels",
                    },
                    {"value": {"choices": ["travel"]}, "id": "c", "from_name": "topic", "type": "choices"},
                    {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right"},
                ],
            },
        ],
        "predictions": [
            {
                "model_version": "1",
                "result": [{"value": {"start": 15, "end": 24, "text": "Stockholm", "labels": ["X"]}}],
            }
        ],
    },
    "label studio min": {
        "text": TEXT,
        "id": 3,
        "label": [
            {"start": 0, "end": 6, "text": "Annika", "labels": ["PER"]},
            {"start": 15, "end": 24, "text": "Stockholm", "labels": ["LOC"]},
        ],
    },
    "spacy training": [TEXT, {"entities": [[0, 6, "PER"], [15, 24, "LOC"]], "cats": {"x": 1.0}}],
    "spacy ents": {
        "text": TEXT,
        "ents": [{"start": 0, "end": 6, "label": "PER"}, {"start": 15, "end": 24, "label": "LOC"}],
        "sents": [{"start": 0, "end": 34}],
        "tokens": [
            {"id": 0, "start": 0, "end": 6, "head": 1},
            {"id": 1, "start": 7, "end": 14, "head": 1},
            {"id": 2, "start": 15, "end": 24, "head": 1},
            {"id": 3, "start": 25, "end": 34, "head": 1},
        ],
    },
    "spacy spans": {
        "text": TEXT,
        "spans": {
            "sc": [
                {"start": 0, "end": 6, "label": "PER", "kb_id": ""},
                {"start": 15, "end": 24, "label": "LOC", "kb_id": ""},
            ]
        },
    },
    "prodigy": {
        "text": TEXT,
        "tokens": [
            {"text": "Annika", "start": 0, "end": 6, "id": 0},
            {"text": "visited", "start": 7, "end": 14, "id": 1},
        ],
        "spans": [
            {"start": 0, "end": 6, "token_start": 0, "token_end": 0, "label": "PER"},
            {"start": 15, "end": 24, "label": "LOC"},
        ],
        "answer": "accept",
    },
    "mappings, inclusive": {
        "sentence": TEXT,
        "entities": [
            {"from": 0, "to": 5, "surface": "Annika", "type": "PER"},
            {"from": 15, "to": 23, "surface": "Stockholm", "type": "LOC"},
        ],
    },
    "aspect terms": {
        "text": TEXT,
        "aspectTerms": [
            {"term": "Annika", "polarity": "PER", "from": "0", "to": "6"},
            {"term": "Stockholm", "polarity": "LOC", "from": "15", "to": "24"},
            {"term": "NULL", "polarity": "LOC", "from": "0", "to": "0"},
        ],
    },
    "mapping of lists": {
        "text": TEXT,
        "entities": {"start": [0, 15], "end": [6, 24], "text": ["Annika", "Stockholm"], "label": ["PER", "LOC"]},
    },
    "pipeline": {
        "text": TEXT,
        "entities": [
            {"entity_group": "PER", "score": 0.9, "word": "Annika", "start": 0, "end": 6},
            {"entity_group": "LOC", "score": 0.8, "word": "Stockholm", "start": 15, "end": 24},
        ],
    },
    "tuples": {"text": TEXT, "entities": ((0, 6, "PER"), (15, 24, "LOC"))},
}

ROWS: dict[str, dict[str, Any]] = {
    "start and end": {"text": TEXT, "start": 15, "end": 24, "label": "LOC"},
    "from and to, with the term": {"text": TEXT, "term": "Stockholm", "from": 15, "to": 24, "polarity": "LOC"},
    "aspect": {"sentence": TEXT, "aspect": "Stockholm", "from": 15, "to": 24, "polarity": "LOC"},
    "of a CSV file": {"text": TEXT, "start": "15", "end": "24", "label": "LOC"},
    "with gaps": {"text": TEXT, "start": 15.0, "end": 24.0, "label": "LOC"},
}
