"""Values nested deeper than code can follow, bytes that are no text, and halves of letters: one message each."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import DataError
from charrobust.perturb import Attack
from charrobust.tasks.nesting import MOST_LEVELS
from charrobust.tasks.records import literal
from tests.tasks.data import write

TEXTS = DataOptions(task="classification")
ROW = '{"text": "wonderful stories", "label": 1, "more": %s}'
SHAPES = {
    "in.jsonl": (ROW + "\n", "line 1"),
    "in.json": (f"[{ROW}]", "JSON that cannot be read"),
    "head.json": ('{"more": %s, "data": [{"text": "wonderful stories", "label": 1}]}', "JSON that cannot be read"),
    "tail.json": ('{"data": [{"text": "wonderful stories", "label": 1}], "more": %s}', "behind the last record"),
    "squad.json": ('{"data": [{"paragraphs": [{"context": "wonderful stories", "qas": [], "more": %s}]}]}', "cannot be read"),
}  # fmt: skip


def attack(path, output, log=None, options=TEXTS, **more):
    source = open_source(path, options)
    attack_file(source.format, source.task, Attack.load("charbert@1"), output=output, edits=log, **more)
    return source


def is_followed(depth):
    """Tell whether the parser of this Python follows as many brackets."""
    try:
        json.loads("[" * depth + "]" * depth)
    except RecursionError:
        return False
    return True


@pytest.mark.parametrize("depth", [900, 3000, 100_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
@pytest.mark.parametrize("name", SHAPES)
def test_deep_values(tmp_path, name, brackets, depth):
    shape, phrase = SHAPES[name]
    opening = brackets[0] if brackets == "[]" else '{"a":'
    path = write(tmp_path / name, shape % (opening * depth + "1" + brackets[1] * depth))
    options = DataOptions() if name == "squad.json" else TEXTS
    if name == "tail.json" and is_followed(depth):
        # What stands behind the list is kept as it is, and followed by the parser alone.
        attack(path, tmp_path / f"out.{name}", options=options)
        return
    with pytest.raises(DataError, match=f"{name}.*{phrase}"):
        attack(path, tmp_path / f"out.{name}", options=options)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_usual_depths(tmp_path):
    nested = "[" * (MOST_LEVELS - 1) + "]" * (MOST_LEVELS - 1)
    wide = json.dumps([[1]] * 200)
    path = write(tmp_path / "in.jsonl", (ROW % nested) + "\n" + (ROW % wide) + "\n")
    attack(path, tmp_path / "out.jsonl", tmp_path / "log.jsonl")
    assert nested in (tmp_path / "out.jsonl").read_text()


def test_deep_values_in_a_table(tmp_path):
    deep = "[" * 900 + "]" * 900
    assert literal(deep) == deep
    tuples = "(" * 150 + "1," + ",)" * 150
    assert literal(tuples) == tuples
    path = write(tmp_path / "in.csv", f'text,label,more\nwonderful stories,1,"{deep}"\n')
    attack(path, tmp_path / "out.csv")


def test_a_deep_log(tmp_path):
    with pytest.raises(DataError, match="is not an edit log"):
        EditLog(write(tmp_path / "log.jsonl", "[" * 3000 + "]" * 3000 + "\n"))


@pytest.mark.parametrize("column", ["text", "label", "more"])
def test_bytes_of_parquet_that_are_no_text(tmp_path, column):
    values = {name: pa.array(["a fine story", "endless scenes"]) for name in ("text", "label", "more")}
    data = pa.py_buffer(b"a fine storyendless\xffscenes")
    offsets = pa.array([0, 12, 26], pa.int32()).buffers()[1]
    values[column] = pa.StringArray.from_buffers(2, offsets, data)
    pq.write_table(pa.table(values), tmp_path / "in.parquet")
    with pytest.raises(DataError, match=rf"in.parquet, row 2: column '{column}' is not UTF-8: byte 0xff at place 8"):
        attack(tmp_path / "in.parquet", tmp_path / "out.parquet")


@pytest.mark.parametrize("log", ["log.jsonl", "log.parquet"])
def test_halves_of_letters_come_back(tmp_path, log):
    content = r'{"text": "wonder\ud83dful stories \udc00 everywhere", "label": 1, "\ud800": "x"}' + "\n"
    path, output, back = write(tmp_path / "in.jsonl", content), tmp_path / "out.jsonl", tmp_path / "back.jsonl"
    source = attack(path, output, tmp_path / log)
    assert output.read_text() != content
    attacked = open_source(output, TEXTS)
    revert_file(attacked.format, source.task, EditLog(tmp_path / log), output=back)
    assert json.loads(back.read_text()) == json.loads(content)


def test_a_half_of_a_letter_that_a_log_would_have_to_hold(tmp_path):
    path = write(tmp_path / "in.jsonl", r'{"text": "wonderful stories", "label": 1, "id": "a\ud83d"}' + "\n")
    options = DataOptions(task="classification", id_column="id")
    with pytest.raises(DataError, match="holds half of a surrogate pair, which an edit log cannot"):
        attack(path, tmp_path / "out.jsonl", tmp_path / "log.jsonl", options)
    assert [each.name for each in tmp_path.iterdir()] == ["in.jsonl"]
    attack(path, tmp_path / "out.jsonl", options=options)
