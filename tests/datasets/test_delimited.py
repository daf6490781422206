"""Delimiters of CSV files, and headers."""

import csv
import io

import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.revert_file import revert_file
from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack
from tests.datasets.reading import attacked, records_of
from tests.tasks.data import task_of

ROWS = [["text", "label"], ["Wonderful, truly", "pos"], ['A "dreadful" thing; really', "neg"], ["Nice\nmusic", "pos"]]


def written(path, content, **options):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return format_of(path, **options)


def table(delimiter, rows=ROWS, **options):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", **options).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_and_kept(tmp_path, delimiter, quoting):
    source = written(tmp_path / "in.csv", table(delimiter, quoting=quoting))
    assert [list(record.values()) for record in records_of(source)] == ROWS[1:]
    made = attacked(source, tmp_path).decode()
    rows = list(csv.reader(io.StringIO(made), delimiter=delimiter))
    assert [row[1] for row in rows] == [row[1] for row in ROWS]
    assert rows[0] == ROWS[0]
    assert rows != ROWS
    assert records_of(format_of(tmp_path / "out.in.csv"))[0]["label"] == "pos"


def test_rows_decide_where_the_header_does_not(tmp_path):
    content = "text (German, English);label\nGut, good;1\nSchlecht;0\n"
    assert records_of(written(tmp_path / "in.csv", content))[1] == {"text (German, English)": "Schlecht", "label": "0"}
    content = "Good; really,1\nBad,0\n"
    assert records_of(written(tmp_path / "in.csv", content, has_header=False))[1] == {"1": "Bad", "2": "0"}


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("text (German, English);label\nGut, good;1\nSo, la;0\n", {}),
        ("Gut, good;1\n", {"has_header": False}),
        ("a|b;c\n1|2|3;4\n5;6;7\n", {}),
    ],
)
def test_what_may_be_two_delimiters_is_refused(tmp_path, content, options):
    with pytest.raises(DataError, match=r"in\.csv, line 1: .*may set fields apart in .*; set `delimiter`"):
        records_of(written(tmp_path / "in.csv", content, **options))
    assert records_of(written(tmp_path / "in.csv", content.replace("5;6;7", "5;6"), delimiter=";", **options))


def test_a_line_that_names_the_delimiter_is_kept(tmp_path):
    source = written(tmp_path / "in.csv", "\ufeffsep=;\r\ntext;label\r\nWonderful, truly;1\r\n")
    assert records_of(source) == [{"text": "Wonderful, truly", "label": "1"}]
    assert attacked(source, tmp_path).decode().startswith("\ufeffsep=;\r\ntext;label\r\n")


def test_a_delimiter_can_be_named(tmp_path):
    for name, character in (("tab", "\t"), ("\\t", "\t"), ("^", "^"), ("§", "§")):
        source = written(tmp_path / "in.csv", table(character), delimiter=name)
        assert [list(record.values()) for record in records_of(source)] == ROWS[1:]
        assert table(character).split("\n")[0] in attacked(source, tmp_path).decode()
    for name in ("", ";;", "a", '"', "\n"):
        with pytest.raises(UserError, match=r"expected one character such as ; or \|, or tab"):
            format_of(tmp_path / "in.csv", delimiter=name)


def test_rows_of_other_widths_name_the_delimiter(tmp_path):
    with pytest.raises(DataError, match=r"line 2: expected 1 fields \(text\), found 2; .* ',': .* set `delimiter`"):
        records_of(written(tmp_path / "in.csv", "text\na,b\n"))
    with pytest.raises(DataError, match=r"line 3: expected 2 fields \(a, b\), found 1"):
        records_of(written(tmp_path / "in.csv", "a;b\n1;2\n3\n"))


def test_the_log_holds_the_delimiter(tmp_path):
    content = "a, b;text;label\nx;wonderful weather;1\ny;dreadful story;0\n"
    source = written(tmp_path / "in.csv", content)
    task = task_of("classification", {"texts": ("text",)})
    out, log, back = tmp_path / "out.csv", tmp_path / "log.jsonl", tmp_path / "back.csv"
    attack_file(source, task, Attack.load("charbert"), output=out, sink=source, edits=log)
    about = EditLog(log).about["format"]
    assert about.pop("max_record_bytes") > 0
    assert about == {"encoding": "utf-8", "delimiter": ";", "has_header": True, "quoted": True}
    revert_file(format_of(out, **about), task, EditLog(log), output=back)
    assert back.read_text() == content


def test_carriage_returns_in_tsv_are_refused(tmp_path):
    with pytest.raises(DataError, match="line 2: a carriage return inside a field"):
        records_of(written(tmp_path / "in.tsv", "text\tlabel\na\rb\t1\n"))


def test_long_quoted_fields_do_not_hide_the_delimiter(tmp_path):
    rows = [["text", "label"], ["line, and\n" * 300, "pos"], ["b", "neg"]]
    assert records_of(written(tmp_path / "in.csv", table(";", rows)))[0]["text"] == rows[1][0]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_carriage_returns_in_quoted_fields_come_back(tmp_path, newline):
    content = newline.join(["text,more", '"wonderful\rmusic","a\rb"', 'dreadful,"c\nd"', ""])
    source = written(tmp_path / "in.csv", content)
    out, log, back = tmp_path / "out.csv", tmp_path / "log.jsonl", tmp_path / "back.csv"
    task = task_of("classification", {"texts": ("text",), "label": None})
    attack_file(source, task, Attack.load("charbert"), output=out, edits=log)
    assert [record["more"] for record in records_of(format_of(out))] == ["a\rb", "c\nd"]
    revert_file(format_of(out), task, EditLog(log), output=back)
    assert back.read_bytes() == content.encode()
