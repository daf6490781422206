"""Blocks of JSON Lines that are read and written at once are as those that are taken line by line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.datasets.formats import base, jsonl
from charrobust.datasets.formats.base import Block
from charrobust.datasets.formats.json_blocks import COMPACT, SPACED, are_objects, read_objects, write_objects
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.errors import DataError

FILE = JsonLines(Path("in.jsonl"))
ESCAPES = [r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t", r"\u0000", r"\ud83d\ude00", r"\ud800", r"\uDC00"]
# Numbers as one may write them: of any length, with any exponent, also such as no library takes (01).
NUMBERS = st.from_regex(r"-?(0|0?[1-9][0-9]{0,30})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
CONSTANTS = st.sampled_from(["true", "false", "null", "NaN", "Infinity", "-Infinity", "-0", "-0.0"])
TEXTS = st.lists(st.characters() | st.sampled_from(ESCAPES), max_size=6).map(lambda parts: f'"{"".join(parts)}"')
VALUES = st.recursive(
    NUMBERS | CONSTANTS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(TEXTS, inner, max_size=3).map(lambda items: f"{{{', '.join(map(': '.join, items.items()))}}}")
    ),
    max_leaves=4,
)
KEYS = st.sampled_from(['"text"', '"label"', '"é"', r'"\u0074ext"', r'"\ud800"', '""'])


@st.composite
def lines(draw):
    """Lines of objects, some of them with a key twice, or wrong; blanks where JSON allows some."""
    colon, comma = draw(st.sampled_from([(": ", ", "), (":", ","), (" : ", " ,")]))
    keys = draw(st.lists(KEYS, min_size=1, max_size=3))
    alike = draw(st.booleans())
    found = []
    for _ in range(draw(st.integers(1, 4))):
        own = keys if alike else draw(st.lists(KEYS, max_size=3))
        items = comma.join(f"{key}{colon}{draw(VALUES)}" for key in own)
        found.append(draw(st.sampled_from(["{{{}}}"] * 9 + [" {{{}}}", "[{}]", "", "{{{}"])).format(items))
    return draw(st.sampled_from(["\n", "\r\n"])).join(found).encode("utf-8", "replace") + b"\n"


def outcome(content):
    """What comes of a block: the records as Python writes them, which tells 1 from 1.0, and the lines; or an error."""
    block = Block(0, 1, content, 0)
    try:
        batch = FILE.parse(block)
    except DataError as error:
        return str(error)
    return repr(batch.records), list(batch.places), FILE.render(block, batch.records, ())


@given(lines())
def test_whole_blocks_are_as_single_lines(content):
    found = outcome(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "read_objects", lambda _: None)
        patch.setattr(jsonl, "write_objects", lambda *_: None)
        assert found == outcome(content)


PYTHON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


@given(st.lists(st.tuples(st.text(st.characters()), PYTHON), min_size=1, max_size=4))
@pytest.mark.parametrize("encoder", [SPACED, COMPACT], ids=["spaced", "compact"])
def test_records_are_written_as_the_module_writes_them(encoder, records):
    records = [dict(zip(("text", 'a"é'), values, strict=True)) for values in records]
    try:
        plain = "".join(encoder.encode(record) + "\n" for record in records).encode()
    except UnicodeEncodeError:
        plain = None
    assert write_objects(records, encoder) == plain


@pytest.mark.parametrize("code", range(0, 0x110000, 0x8000), ids=hex)
def test_every_character_is_written_as_the_module_writes_it(code):
    characters = [chr(point) for point in range(code, code + 0x8000) if not 0xD800 <= point < 0xE000]
    if characters:
        records = [{"text": character} for character in characters]
        encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make one for each of a million
        plain = "".join(encode(record) + "\n" for record in records)
        assert write_objects(records, SPACED) == plain.encode()


@pytest.mark.parametrize(
    "line",
    [
        '{"a": 18446744073709551616}',
        '{"a": [1e999]}',
        '{"a": NaN}',
        r'{"a": "\ud800"}',
        '{"a": ' + "[" * 101,
        "[1]",
        "3",
        '{"a": 1, "a": 2}',
        '{"b": {"a": 1, "a": 1}}',
        '{"a" : 1, "a": 2}',
        r'{"a": "\u0022:", "a": "\":"}',
        r'{"a": "\"\u003a", "b": 1, "b": 2}',
    ],
)
def test_what_is_not_surely_read_alike_is_left_to_the_module(line):
    assert read_objects(line.encode()) is None


def test_what_is_usual_is_not():
    assert read_objects(b'{"a": "x", "b": [1.5, null]}\n{"b": {"c": true}}') == [
        {"a": "x", "b": [1.5, None]},
        {"b": {"c": True}},
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b'{"a": 1}\n\n', b' {"a": 1}\n', b'{"a": 1}\n \n{}', b"{}\n[1]"])
def test_lines_that_do_not_begin_as_objects_do(content):
    assert not are_objects(content)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_records_and_lines_are_counted_over_blanks(tmp_path, monkeypatch, size):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"a": 1}\n\n{"a": 2}\n \t\n\x0c\n{"a": 3}\n{"a": 4}')
    monkeypatch.setattr(base, "BLOCK_BYTES", size)
    batches = [JsonLines(path).parse(block) for block in JsonLines(path).blocks()]
    rows = [(row, record["a"], place.line) for batch in batches for row, record, place in batch.rows()]
    assert rows == [(0, 1, "line 1"), (1, 2, "line 3"), (2, 3, "line 6"), (3, 4, "line 7")]
