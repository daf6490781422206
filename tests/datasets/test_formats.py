"""Every format: read, attacked, written in the same shape, and brought back exactly."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.datasets.attack_file import attack_file, describe
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import FORMATS, Hub, format_of
from charrobust.datasets.formats import base as formats_base
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import UserError
from charrobust.perturb import Attack
from tests.tasks.data import CONLL, CONLLU, REVIEWS, SQUAD, flat_questions, json_lines, read, task_of, write

FLAT = [{key: value for key, value in record.items() if key != "extra"} for record in REVIEWS]


def as_csv(newline="\n", bom="") -> str:
    out = io.StringIO()
    out.write(bom)
    writer = csv.DictWriter(out, FLAT[0], lineterminator=newline)
    writer.writeheader()
    writer.writerows(FLAT)
    return out.getvalue()


TSV = 'idx\tsentence\tlabel\n0\tA "wonderful story\t1\n1\tdreadful  acting "\t0\n'
CLASSIFICATION = ("classification", {"texts": ["sentence"]})
TAGGING = ("tagging", {})
QA = ("qa", {"attacked": ["question", "context"]})

CASES = {
    "jsonl": ("in.jsonl", json_lines(REVIEWS), CLASSIFICATION),
    "compact jsonl": ("in.jsonl", json_lines(REVIEWS, separators=(",", ":")), CLASSIFICATION),
    "jsonl.gz": ("in.jsonl.gz", json_lines(REVIEWS), CLASSIFICATION),
    "csv": ("in.csv", as_csv(), CLASSIFICATION),
    "csv of Windows": ("in.csv", as_csv("\r\n", "\ufeff"), CLASSIFICATION),
    "csv.gz": ("in.csv.gz", as_csv(), CLASSIFICATION),
    "tsv": ("in.tsv", TSV, CLASSIFICATION),
    "jsonl of Windows": ("in.jsonl", json_lines(REVIEWS).replace("\n", "\r\n"), CLASSIFICATION),
    "tsv of Windows": ("in.tsv", TSV.replace("\n", "\r\n"), CLASSIFICATION),
    "conll": ("in.conll", CONLL, TAGGING),
    "conll of Windows": ("in.conll", CONLL.replace("\n", "\r\n"), TAGGING),
    "conll without a last line feed": ("in.conll", CONLL.rstrip("\n"), TAGGING),
    "conll.gz": ("in.conll.gz", CONLL, TAGGING),
    "conllu": ("in.conllu", CONLLU, TAGGING),
    "tokens in jsonl": (
        "in.jsonl",
        json_lines([{"tokens": ["Great", "Britain"], "tags": ["B-LOC", "I-LOC"]}]),
        TAGGING,
    ),
    "squad": ("in.json", json.dumps(SQUAD, ensure_ascii=False), QA),
    "squad.gz": ("in.json.gz", json.dumps(SQUAD, ensure_ascii=False), QA),
    "squad with data first": ("in.json", json.dumps({"data": SQUAD["data"], "version": "1.1"}), QA),
    "questions of the hub": ("in.jsonl", json_lines(flat_questions("hub")), QA),
    "questions with lists": ("in.jsonl", json_lines(flat_questions("list")), QA),
}


@pytest.mark.parametrize("log_name", ["log.parquet", "log.jsonl", "log.jsonl.gz"])
@pytest.mark.parametrize("case", CASES)
def test_there_and_back(tmp_path, case, log_name):
    name, content, (task_name, columns) = CASES[case]
    source = format_of(write(tmp_path / name, content))
    task = task_of(task_name, columns)
    attacked, log, back = tmp_path / f"attacked.{name}", tmp_path / log_name, tmp_path / f"back.{name}"
    summary = attack_file(source, task, Attack.load("charbert"), output=attacked, sink=source, edits=log)
    assert summary.records
    assert read(attacked) != content
    assert len(read(attacked).splitlines()) == len(content.splitlines())
    opened = EditLog(log)
    described = json.loads(json.dumps(describe(source, source, task, Attack.load("charbert"))))
    assert opened.about == {key: value for key, value in described.items() if key != "source"}
    count = revert_file(
        format_of(attacked), task_of(opened.about["task"], opened.about["columns"]), opened, output=back
    )
    assert read(back) == content
    assert count == sum(len(edits) for _, edits in opened.by_row()) > 0


@pytest.mark.parametrize("case", CASES)
def test_small_blocks_change_nothing(tmp_path, case, monkeypatch):
    name, content, (task_name, columns) = CASES[case]
    source = format_of(write(tmp_path / name, content))
    task = task_of(task_name, columns)
    outputs = []
    for size in (1 << 20, 3):
        monkeypatch.setattr(formats_base, "BLOCK_BYTES", size)
        monkeypatch.setattr("charrobust.datasets.formats.json_stream.BLOCK_BYTES", size)
        monkeypatch.setattr("charrobust.datasets.formats.delimited.BLOCK_RECORDS", size)
        out, log = tmp_path / f"{size}.{name}", tmp_path / f"{size}.jsonl"
        attack_file(source, task, Attack.load("charbert"), output=out, sink=source, edits=log)
        outputs.append((read(out), read(log)))
    assert outputs[0] == outputs[1]


def test_json_lines_keep_other_keys_and_their_order(tmp_path):
    source = format_of(write(tmp_path / "in.jsonl", json_lines(REVIEWS)))
    attack_file(source, task_of(*CLASSIFICATION), Attack.load("charbert"), output=tmp_path / "out.jsonl", sink=source)
    made = [json.loads(line) for line in read(tmp_path / "out.jsonl").split("\n")[:-1]]
    for old, new in zip(REVIEWS, made, strict=True):
        assert list(new) == list(old)
        assert {**new, "sentence": 0} == {**old, "sentence": 0}


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
@pytest.mark.parametrize("blank", ["\n", " \n\n"])
def test_json_lines_behind_a_blank_one_keep_their_blanks(tmp_path, blank, separators):
    lines = [json.dumps({"text": "wonderful weather", "label": 1}, separators=separators) + "\n"] * 2
    path = tmp_path / "in.jsonl"
    path.write_text(blank + "".join(lines))
    task = task_of("classification", {"texts": ("text",)})
    attack_file(format_of(path), task, Attack.load("charbert@0"), output=tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "".join(lines)


def test_conll_lines_differ_in_the_token_alone(tmp_path):
    source = format_of(write(tmp_path / "in.conll", CONLL))
    attack_file(source, task_of(*TAGGING), Attack.load("charbert"), output=tmp_path / "out.conll", sink=source)
    made = read(tmp_path / "out.conll")
    changed = 0
    for old, new in zip(CONLL.splitlines(), made.splitlines(), strict=True):
        if old.strip():
            token, new_token = old.split()[0], new.split()[0]
            assert new.removeprefix(new_token) == old.removeprefix(token)
            changed += token != new_token
    assert changed >= 3
    assert made.count("-DOCSTART-") == 2


def test_conll_token_and_tag_columns_can_be_named(tmp_path):
    path = write(tmp_path / "in.conll", "1 rejects VBZ\n2 wonderful JJ\n")
    batch = format_of(path, token_column=1, tag_column=2)
    block = next(iter(batch.blocks()))
    assert batch.parse(block).records == [{"tokens": ["rejects", "wonderful"], "tags": ["VBZ", "JJ"]}]


def test_parquet_keeps_schema_and_metadata(tmp_path):
    tags = pa.list_(pa.int8())
    table = pa.table(
        {
            "tokens": pa.array([["Great", "Britain"], ["wonderful"]] * 3, pa.list_(pa.large_string())),
            "tags": pa.array([[1, 2], [0]] * 3, tags),
            "score": pa.array([0.5, None] * 3, pa.float32()),
        }
    ).replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, tmp_path / "in.parquet")
    table = pq.read_table(tmp_path / "in.parquet")
    source = format_of(tmp_path / "in.parquet")
    out, log, back = (tmp_path / f"{name}.parquet" for name in ("out", "log", "back"))
    attack_file(source, task_of(*TAGGING), Attack.load("charbert"), output=out, sink=source, edits=log)
    made = pq.read_table(out)
    assert made.schema.equals(table.schema, check_metadata=True)
    assert made.column("score").equals(table.column("score"))
    assert made.column("tags").equals(table.column("tags"))
    assert not made.column("tokens").equals(table.column("tokens"))
    revert_file(format_of(out), task_of(*TAGGING), EditLog(log), output=back)
    assert pq.read_table(back).equals(table)


def test_halves_of_surrogate_pairs_are_kept(tmp_path):
    content = '{"text": "a wonderful \\ud800 story", "label": 1}\n'
    source = format_of(write(tmp_path / "in.jsonl", content))
    attack_file(
        source,
        task_of("classification", {"texts": ["text"]}),
        Attack.load("drop"),
        output=tmp_path / "o.jsonl",
        sink=source,
    )
    made = json.loads((tmp_path / "o.jsonl").read_text())
    assert "\ud800" in made["text"]
    assert made["text"] != "a wonderful \ud800 story"


def test_workers_change_nothing(tmp_path, monkeypatch):
    records = [{"text": f"wonderful weather number {number}", "label": number % 2} for number in range(30)]
    source = format_of(write(tmp_path / "in.jsonl", json_lines(records)))
    monkeypatch.setattr(formats_base, "BLOCK_BYTES", 300)
    task = task_of("classification", {"texts": ["text"]})
    for workers in (1, 3):
        out, log = tmp_path / f"{workers}.jsonl", tmp_path / f"{workers}.edits.jsonl"
        attack_file(source, task, Attack.load("charbert"), output=out, sink=source, edits=log, workers=workers)
    assert read(tmp_path / "1.jsonl") == read(tmp_path / "3.jsonl")
    assert read(tmp_path / "1.edits.jsonl") == read(tmp_path / "3.edits.jsonl")


def test_gzip_files_do_not_hold_the_time(tmp_path):
    source = format_of(write(tmp_path / "in.jsonl.gz", json_lines(REVIEWS)))
    for name in ("a", "b"):
        attack_file(
            source, task_of(*CLASSIFICATION), Attack.load("drop"), output=tmp_path / f"{name}.jsonl.gz", sink=source
        )
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_an_interrupted_run_leaves_nothing(tmp_path):
    source = format_of(write(tmp_path / "in.jsonl", json_lines(REVIEWS)))

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attack_file(
            source,
            task_of(*CLASSIFICATION),
            Attack.load("drop"),
            output=tmp_path / "out.jsonl",
            sink=source,
            edits=tmp_path / "log.jsonl",
            progress=interrupt,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_failed_run_leaves_an_older_output_alone(tmp_path):
    (tmp_path / "out.jsonl").write_text("older")
    source = format_of(write(tmp_path / "in.jsonl", json_lines(REVIEWS) + "broken\n"))
    with pytest.raises(Exception, match="line 5"):
        attack_file(source, task_of(*CLASSIFICATION), Attack.load("drop"), output=tmp_path / "out.jsonl", sink=source)
    assert (tmp_path / "out.jsonl").read_text() == "older"


def test_a_format_can_be_named(tmp_path):
    path = write(tmp_path / "data.txt", "text;label\nwonderful;1\n")
    source = format_of(path, "csv", delimiter=";")
    assert source.parse(next(iter(source.blocks()))).records == [{"text": "wonderful", "label": "1"}]
    for name in FORMATS.names():
        assert name == "hub" or format_of(path, name).path == path
    assert isinstance(format_of(tmp_path, "hub"), Hub)


def test_names_and_options_that_no_format_has(tmp_path):
    path = write(tmp_path / "in.jsonl", "{}")
    with pytest.raises(UserError, match="unknown format 'jsonlines'; did you mean 'jsonl'"):
        format_of(path, "jsonlines")
    with pytest.raises(UserError, match=r"in\.jsonl: the format \.jsonl has no option `delimiter`; Known: encoding"):
        format_of(path, delimiter=";")
    with pytest.raises(UserError, match="has no option `delimeter`; did you mean 'delimiter'"):
        format_of(path, "csv", delimeter=";")
    with pytest.raises(UserError, match=r"a folder, which cannot be read as 'csv'; name a file in it"):
        format_of(tmp_path, "csv")
    with pytest.raises(UserError, match=r"unknown file extension '\.xlsx'; .* or name its `format`: jsonl, json, "):
        format_of(tmp_path / "in.xlsx")


@pytest.mark.parametrize(
    ("name", "format_name", "content"),
    [
        ("in.json", "jsonl", '{"text": "wonderful films"}\n'),
        ("in.json", "records", '{"data": [{"paragraphs": 1, "text": "wonderful films"}]}'),
        ("in.tsv", "csv", 'text\n"wonderful, films"\n'),
        ("in.csv", "tsv", 'text\n"wonderful, films"\n'),
        ("in.tsv", "conll", "wonderful O\nfilms O\n\n"),
    ],
)
def test_logs_name_a_format_that_the_file_does_not_tell(tmp_path, name, format_name, content):
    path, log, back = tmp_path / name, tmp_path / "log.jsonl", tmp_path / f"back.{name}"
    path.write_text(content, encoding="utf-8")
    source = open_source(path, DataOptions(format=format_name))
    attack_file(source.format, source.task, Attack.load("drop@1"), output=tmp_path / f"out.{name}", edits=log)
    opened = EditLog(log)
    attacked = format_of(tmp_path / f"out.{name}", **opened.about["format"])
    assert type(attacked) is type(source.format)
    revert_file(attacked, source.task, opened, output=back)
    assert back.read_text("utf-8") == content
