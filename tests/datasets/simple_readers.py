"""What a data set file says, read in the simplest way, apart from the package; for files that the package took."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CHANGED = ("text", "question", "context", "tokens")
_TAG = re.compile(r"O|[BI]-.+")
_MISSING = ("", "-", "-1", "-100", "nan", "none", "null")


def text_of(name: str, data: bytes) -> str:
    """Return the text of a file."""
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")


def records_of(name: str, data: bytes, delimiter: str | None) -> list[dict[str, Any]]:
    """Return the records of a file."""
    if name.endswith(".parquet"):
        return pq.read_table(pa.BufferReader(data)).to_pylist()
    text, name = text_of(name, data), name.removesuffix(".gz")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    if name.endswith(".json"):
        return _of_json(json.loads(text))
    if name.endswith((".conll", ".conllu")):
        return _of_conll(text, token=int(name.endswith("u")), tag=3 if name.endswith("u") else -1)
    return _of_table(text.removeprefix("\ufeff"), delimiter or "\t", quoted=name.endswith(".csv"))


def _of_json(value: Any) -> list[dict[str, Any]]:
    values = value["data"] if isinstance(value, dict) else value
    if values and "paragraphs" in values[0]:
        return [paragraph for article in values for paragraph in article["paragraphs"]]
    return values


def _of_table(text: str, delimiter: str, *, quoted: bool) -> list[dict[str, Any]]:
    if quoted:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    else:
        rows = [line.rstrip("\r").split(delimiter) for line in text.split("\n") if line.rstrip("\r")]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def delimiters_of(text: str) -> set[str]:
    """Return the delimiters by which all rows of a CSV file have equally many fields, two or more."""
    possible = set()
    for delimiter in ",;\t|":
        try:
            rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
            widths = {len(row) for row in rows if row}
        except csv.Error:
            continue
        if len(widths) == 1 and min(widths) > 1:
            possible.add(delimiter)
    return possible


def fields_of(line: str, *, tabs: bool) -> list[str]:
    """Return the columns of a CoNLL line."""
    content = line.rstrip("\r \t")
    return content.split("\t") if tabs else re.split(r"[ \t]+", content)


def _of_conll(text: str, token: int, tag: int) -> list[dict[str, Any]]:
    lines = text.split("\n")
    plain = [line for line in lines if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    tabs = token == 1 or "\t" in plain[0].rstrip("\r \t")
    width = len(fields_of(plain[0], tabs=tabs))
    tags = {fields_of(line, tabs=tabs)[tag] for line in plain if len(fields_of(line, tabs=tabs)) == width}
    rows: list[list[list[str]]] = [[]]
    for line in lines:
        fields = fields_of(line, tabs=tabs)
        if not line.strip():
            rows.append([])
        elif not _is_other(line, fields, token, width, tag, tags):
            rows[-1].append(fields)
    sentences = filter(None, rows)
    return [{"tokens": [row[token] for row in rows], "tags": [row[tag] for row in rows]} for rows in sentences]


def _is_other(line: str, fields: list[str], token: int, width: int, tag: int, tags: set[str]) -> bool:
    """Tell a line that holds no token."""
    if fields[0].split()[:1] == ["-DOCSTART-"]:
        return True
    if token == 1:
        return line.startswith("#") or re.match(r"\d+[-.]\d+\t", line) is not None
    if not line.startswith("#"):
        return False
    return len(fields) != width or not (fields[tag] in tags or _TAG.fullmatch(fields[tag]))


def label_of(value: Any) -> str | None:
    """Return a label as it is to be understood."""
    if isinstance(value, float) and value == value and value == int(value):
        value = int(value)
    written = str(value).strip()
    return None if value is None or written.lower() in _MISSING else str(value)


def tags_of(record: dict[str, Any], column: str | None) -> tuple[str | None, ...] | None:
    """Return the tags of a record as they are to be understood; None where there are none."""
    if column and record.get(column) is None:
        return None
    tags = tuple(map(label_of, record[column])) if column else ()
    return tags if any(tag is not None for tag in tags) else None


def without_texts(value: Any) -> Any:
    """Return a record without what an attack may change."""
    if isinstance(value, dict):
        kept = {}
        for key, inner in value.items():
            if key in ("answers", "plausible_answers"):
                kept[key] = count_of(inner)
            elif key == "tokens":
                kept[key] = len(inner)
            elif key in CHANGED and isinstance(inner, str):
                kept[key] = "text"
            else:
                kept[key] = without_texts(inner)
        return kept
    if isinstance(value, list):
        return [without_texts(inner) for inner in value]
    return value if value == value else "nan"


def count_of(answers: Any) -> Any:
    """Return how many answers there are."""
    return len(answers["text"]) if isinstance(answers, dict) else len(answers or [])


def misplaced_answers(record: dict[str, Any]) -> list[Any]:
    """Return the answers of a record that do not stand at their offsets."""
    wrong = []
    for holder in record.get("qas", [record]):
        for key in ("answers", "plausible_answers"):
            answers = holder.get(key) or []
            for answer in answers if isinstance(answers, list) else []:
                text = answer["text"]
                start = answer.get("answer_start", answer.get("start"))
                if text and record["context"][start : start + len(text)] != text:
                    wrong.append(answer)
    return wrong
