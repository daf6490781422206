"""Data set files with a mistake in them: small files of every format, and what goes wrong with files."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

REVIEWS = [
    ("A wonderful, “heartfelt” story", "pos"),
    ("Dreadful acting; endless scenes", "neg"),
    ("Nice weather and naïve music", "pos"),
    ("Nothing to see here", "neg"),
    ("It's about 12 | 13 films", "pos"),
]
SENTENCES = [
    [("Anna", "B-PER"), ("visited", "O"), ("Oslo", "B-LOC"), ("yesterday", "O")],
    [("#throwback", "O"), ("to", "O"), ("Bergen", "B-LOC"), ("#", "O")],
    [("New", "B-LOC"), ("York", "I-LOC"), ("sleeps", "O")],
    [("Zoë", "B-PER"), ("rejects", "O"), ("wonderful", "O"), ("music", "O")],
]
COMMENTS = ("# id 7f3a\tdomain=en", "# sent_id = 12", "# text = Anna visited Oslo", "# columns: token tag")
CONTEXT = "Astrid Lindgren wrote about Pippi in Stockholm — not in “Göteborg”."


def _question(number: int, text: str, *answers: str, **more: Any) -> dict[str, Any]:
    found = [{"text": answer, "answer_start": CONTEXT.index(answer)} for answer in answers]
    return {"id": f"q{number}", "question": text, "answers": found, **more}


QUESTIONS = [
    _question(1, "Where did Lindgren write?", "Stockholm", "in Stockholm"),
    _question(2, "Which name did she choose?", "Pippi"),
    _question(3, "Who painted it?", is_impossible=True),
]


def _lines(records: list[Any], **options: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False, **options) + "\n" for record in records)


def _delimited(delimiter: str) -> str:
    rows = [("id", "text", "label")]
    for number, (text, label) in enumerate(REVIEWS):
        quoted = f'"{text}"' if delimiter in text and delimiter != "\t" else text
        rows.append((str(number), quoted, label))
    return "".join(delimiter.join(row) + "\n" for row in rows)


def _conll(line: str, comment: str = "") -> str:
    made = []
    for sentence in SENTENCES:
        tokens = "".join(
            line.format(number=number, token=token, tag=tag) for number, (token, tag) in enumerate(sentence, 1)
        )
        made.append(comment + tokens)
    return "\n".join(made)


def _labelled(number: int = 0) -> list[dict[str, Any]]:
    """Return the reviews with labels that are strings, or numbers."""
    labels = {"pos": 1, "neg": 0} if number else {"pos": "pos", "neg": "neg"}
    return [{"id": i, "text": text, "label": labels[label]} for i, (text, label) in enumerate(REVIEWS)]


@dataclass(frozen=True)
class Seed:
    """A file without mistakes.

    Attributes:
        file: Its name.
        content: Its text.
        options: How it is to be read.
    """

    file: str
    content: str
    options: dict[str, Any] = field(default_factory=dict)


_TOKENS = [{"tokens": [a for a, _ in sentence], "tags": [b for _, b in sentence]} for sentence in SENTENCES]
_TEXTS = {"task": "classification"}
_TAGS = {"task": "tagging"}
_QA = {"task": "qa", "field": ("question", "context")}
_PARAGRAPH = {"context": CONTEXT, "qas": QUESTIONS}
_UD = "{number}\t{token}\tlemma\t{tag}\tX\t_\t0\troot\t_\t_\n"

SEEDS = {
    "jsonl": Seed("in.jsonl", _lines(_labelled()), _TEXTS),
    "jsonl of numbers": Seed("in.jsonl", _lines(_labelled(1), separators=(",", ":")), _TEXTS),
    "jsonl of tokens": Seed("in.jsonl", _lines(_TOKENS), _TAGS),
    "jsonl of questions": Seed("in.jsonl", _lines([{"context": CONTEXT, **question} for question in QUESTIONS]), _QA),
    "list": Seed("in.json", json.dumps(_labelled(), ensure_ascii=False, indent=1), _TEXTS),
    "list under data": Seed("in.json", json.dumps({"version": "1", "data": _labelled(1)}, ensure_ascii=False), _TEXTS),
    "squad": Seed(
        "in.json",
        json.dumps({"version": "2", "data": [{"title": "Pippi", "paragraphs": [_PARAGRAPH]}]}, ensure_ascii=False),
        {"field": ("question", "context")},
    ),
    "csv": Seed("in.csv", _delimited(","), _TEXTS),
    "csv with semicolons": Seed("in.csv", _delimited(";"), _TEXTS),
    "tsv": Seed("in.tsv", _delimited("\t"), _TEXTS),
    "conll": Seed("in.conll", _conll("{token} _ X {tag}\n", COMMENTS[0] + "\n")),
    "conll of two columns": Seed("in.conll", _conll("{token}\t{tag}\n", COMMENTS[1] + "\n")),
    "conllu": Seed("in.conllu", _conll(_UD, COMMENTS[2] + "\n") + "\n"),
}


def mutant(seed: Seed, random: Random) -> tuple[str, bytes]:
    """Return the name and the bytes of a file in which one to three things went wrong."""
    name, data = seed.file, seed.content.encode()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        change = random.choice(_CHANGES)
        data = change(data, random)
    if random.random() < 0.05:
        name, data = name + ".gz", gzip.compress(data, mtime=0)
        if random.random() < 0.7:
            data = random.choice((_flip, _cut, _insert))(data, random)
    return name, data


def binary_mutant(data: bytes, random: Random) -> bytes:
    """Return the bytes of a binary file in which one to three things went wrong."""
    for _ in range(random.randint(1, 3)):
        data = random.choice((_flip, _flip, _flip, _delete, _insert, _cut))(data, random)
    return data


def _flip(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) or 1)
    return data[:where] + bytes([random.randrange(256)]) + data[where + 1 :]


def _ascii(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) or 1)
    return data[:where] + bytes([random.choice(b"#\"'{}[],:;|\t\n\r -_\\aZ019.")]) + data[where + 1 :]


def _delete(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) or 1)
    return data[:where] + data[where + random.randint(1, 4) :]


def _insert(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) + 1)
    piece = random.choice(
        (b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n", b"\n\n", b'"', b"#", b" ", b"\xe2\x80", b",")
    )
    return data[:where] + piece + data[where:]


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _by_lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    where, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[where]
        case 1:
            lines.insert(other, lines[where])
        case 2:
            lines[where], lines[other] = lines[other], lines[where]
        case _:
            lines.insert(where, random.choice(COMMENTS).encode() + b"\n")
    return b"".join(lines)


def _swap_columns(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    where = random.randrange(len(lines))
    delimiter = random.choice((b",", b";", b"\t", b" "))
    fields = lines[where].rstrip(b"\r\n").split(delimiter)
    random.shuffle(fields)
    if random.random() < 0.3:
        fields = fields[:-1] if random.random() < 0.5 else [*fields, fields[0]]
    lines[where] = delimiter.join(fields) + b"\n"
    return b"".join(lines)


def _other_delimiter(data: bytes, random: Random) -> bytes:
    old, new = random.sample((b",", b";", b"\t", b"|", b" "), 2)
    if random.random() < 0.5:
        return data.replace(old, new)
    return data.replace(old, new, random.randint(1, 3))


def _other_encoding(data: bytes, random: Random) -> bytes:
    encoding = random.choice(("windows-1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def _other_line_ends(data: bytes, random: Random) -> bytes:
    return data.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b" \n", b"\n\r")), random.choice((-1, 1, 3)))


def _other_key(data: bytes, random: Random) -> bytes:
    keys = (b"text", b"label", b"tokens", b"tags", b"answers", b"answer_start", b"context", b"question", b"data", b"id")
    key = random.choice([key for key in keys if key in data] or [b"text"])
    new = random.choice((b"txet", b"Label", b"", b"text", b"label", b"answer_end", key + b"s", key[:-1]))
    return data.replace(key, new, random.choice((-1, 1)))


def _other_value(data: bytes, random: Random) -> bytes:
    """Replace the value of a key, a tag or a field by something that is none, or of another type."""
    found = list(re.finditer(rb'(?<=: )"[^"]*"|(?<=:)\d+|\b(pos|neg|O|B-LOC|I-LOC|[01])\b', data))
    if not found:
        return data
    place = random.choice(found)
    values = (b"null", b"-1", b"-100", b'""', b"", b"NaN", b"-", b"3", b'"new"', b"[]", b'["a", "b"]', b"{}", b"true")
    return data[: place.start()] + random.choice(values) + data[place.end() :]


def _other_number(data: bytes, random: Random) -> bytes:
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return data
    place = random.choice(found)
    return data[: place.start()] + str(random.choice((-1, 0, 3, 17, 36, 38, 10**9))).encode() + data[place.end() :]


def _twice(data: bytes, random: Random) -> bytes:
    return data + data[random.choice((0, len(data) // 2)) :]


_CHANGES = (
    _flip,
    _ascii,
    _ascii,
    _delete,
    _insert,
    _cut,
    _by_lines,
    _by_lines,
    _swap_columns,
    _other_delimiter,
    _other_encoding,
    _other_line_ends,
    _other_key,
    _other_value,
    _other_value,
    _other_number,
    _twice,
)
