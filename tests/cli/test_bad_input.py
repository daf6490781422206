"""Each mistake of a user ends in one clear message, status 2, no traceback and no output file."""

import gzip
import json

import pytest

from charrobust.tasks.registry import task_names
from tests.tasks.data import CONLL, SQUAD, json_lines, write

GOOD = json_lines([{"text": "A wonderful story", "label": 1}, {"text": "Dreadful acting", "label": 0}])


@pytest.fixture
def refused(run, tmp_path):
    """Attack a file of some content and expect a refusal with all of some phrases."""

    def attack(name, content, *phrases, options=("--task", "classification"), recipe="charbert", output=None):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            write(path, content)
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        out = output or tmp_path / f"out.{name}"
        result = run("attack", path, *options, "-r", recipe, "-o", out, "--edits", tmp_path / "log.parquet")
        assert result.status == 2
        assert result.err.startswith("error: ")
        assert result.err.count("\n") == 1
        assert "Traceback" not in result.err
        for phrase in phrases:
            assert phrase in result.err
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before

    return attack


def test_missing_file(refused):
    refused("no.jsonl", None, "is no existing file and no data set card", "Known: cola", "hub:NAME:SPLIT")


def test_missing_file_close_to_a_card(run, tmp_path):
    result = run("attack", "reveiws", "-r", "drop", "-o", tmp_path / "o.jsonl")
    assert (result.status, "did you mean 'reviews'?" in result.err) == (2, True)


def test_unknown_extension(refused):
    refused("in.xlsx", "x", "in.xlsx: unknown file extension '.xlsx'", ".csv", ".parquet")


def test_broken_json_line(refused):
    refused("in.jsonl", GOOD + '{"text": "x", label: 1}\n', "in.jsonl, line 3: not valid JSON:", "at column 15")


def test_json_line_that_is_no_object(refused):
    refused("in.jsonl", GOOD + "[1, 2]\n", "in.jsonl, line 3: expected a JSON object, got list")


def test_missing_column(refused):
    options = ("--task", "classification", "--text-column", "txet")
    refused("in.jsonl", GOOD, "in.jsonl, line 1: column 'txet' is missing; did you mean 'text'?", options=options)


def test_column_missing_in_one_record(refused):
    refused("in.jsonl", GOOD + '{"label": 1}\n', "in.jsonl, line 3: column 'text' is missing")


def test_text_that_is_no_text(refused):
    refused("in.jsonl", GOOD + '{"text": 3, "label": 1}\n', "in.jsonl, line 3: column 'text' must be text, got 3")


def test_missing_label_column(refused):
    options = ("--task", "classification", "--label-column", "lable")
    refused(
        "in.jsonl", GOOD, "in.jsonl, line 1: label column 'lable' is missing; did you mean 'label'?", options=options
    )


def test_no_usual_column(refused):
    refused("in.jsonl", '{"body": "x"}\n', "no text column found among body; name it with --text-column")


def test_ragged_conll_line(refused):
    content = CONLL.replace("German JJ B-NP I-MISC", "German JJ I-MISC")
    refused("in.conll", content, "in.conll, line 5: expected 4 columns as in the lines before, found 3", options=())


def test_conll_column_that_is_not_there(refused):
    refused("in.conll", CONLL, "there is no tag column 7", "0 to 3", options=("--tag-column", "7"))


def test_conll_without_tags(refused):
    refused("in.conll", "Great\nBritain\n", "line 1: expected a token and a tag", options=())


def test_tokens_and_tags_of_different_number(refused):
    content = json_lines([{"tokens": ["a", "b"], "tags": ["O"]}])
    refused("in.jsonl", content, "line 1: 2 tokens but 1 tags", options=("--task", "tagging"))


def test_squad_answer_not_at_its_offset(refused):
    broken = json.loads(json.dumps(SQUAD))
    broken["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] = 18
    refused(
        "in.json", json.dumps(broken), "paragraph 1 of article 1: question q1: expected the answer 'Switzerland' at offset 18",
        "found ' Switzerlan'", "it does occur at 19", options=(),
    )  # fmt: skip


def test_squad_that_is_something_else(refused):
    refused("in.json", GOOD, "not a SQuAD file", "is it JSON Lines? Then name it .jsonl", options=())
    refused(
        "in2.json",
        '{"data": [{"title": "x"}]}',
        "article 1: expected an object with a list of 'paragraphs'",
        options=(),
    )
    refused("in3.json", json.dumps(SQUAD)[:-30], "not valid JSON", options=())


@pytest.mark.parametrize(("name", "content", "options"), [
    ("in.jsonl", GOOD, ("--task", "classification")),
    ("in.csv", "text,label\nnaive,1\n", ("--task", "classification")),
    ("in.tsv", "text\tlabel\nnaive\t1\n", ("--task", "classification")),
    ("in.conll", "naive O\n", ()),
])  # fmt: skip
def test_wrong_encoding(refused, name, content, options):
    data = content.replace("naive", "naïve").replace("story", "störy").encode("latin-1")
    refused(name, data, f"{name}, line", "not UTF-8: byte 0x", "iconv", options=options)


def test_squad_of_wrong_encoding(refused):
    data = json.dumps(SQUAD, ensure_ascii=False).replace("Rhine", "Rhïne").encode("latin-1")
    refused("in.json", data, "in.json: not UTF-8", options=())


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.tsv", "in.conll", "in.json", "in.jsonl.gz"])
def test_empty_file(refused, name):
    content = gzip.compress(b"") if name.endswith(".gz") else b""
    options = () if name in ("in.conll", "in.json") else ("--task", "classification")
    refused(name, content, "in.", "SQuAD" if name == "in.json" else "holds no records", options=options)


def test_header_without_rows(refused):
    refused("in.csv", "text,label\n", "holds no records")


def test_labels_of_mixed_types(refused, run, tmp_path):
    content = GOOD + '{"text": "x", "label": "good"}\n'
    refused(
        "in.jsonl", content, "the labels in column 'label' are of mixed types", "number (1) at line 1",
        "text ('good') at line 3",
    )  # fmt: skip
    path = write(tmp_path / "in.csv", "text,label\na,1\nb,good\n")  # CSV has no types: classes are strings
    assert run("attack", path, "--task", "classification", "-r", "drop", "-o", tmp_path / "o.csv").status == 0


def test_ragged_csv_row(refused):
    refused("in.csv", "text,label\na,1\nb,c,0\n", "in.csv, line 3: expected 2 fields (text, label), found 3")


def test_column_names_that_occur_twice(refused):
    refused("in.csv", "text,text\na,1\n", "line 1: column names occur twice: 'text'")


def test_broken_quotation(refused):
    refused("in.csv", 'text,label\n"a"b,1\n', "in.csv, line 2: not valid CSV")


def test_gzip_that_is_none(refused):
    refused("in.jsonl.gz", b"plain text", "in.jsonl.gz is not a whole gzip file")
    refused("cut.jsonl.gz", gzip.compress(GOOD.encode() * 99)[:-9], "cut.jsonl.gz is not a whole gzip file")


def test_parquet_that_is_none(refused):
    refused("in.parquet", b"plain text", "in.parquet is not a Parquet file that can be read")


def test_no_task_that_columns_tell(refused):
    known = ", ".join(task_names())
    columns = json_lines([{"review": "A wonderful story", "stars": 1}])
    refused("in.jsonl", columns, f"or say what it is with --task: {known}", options=())
    refused(
        "in.csv",
        "so it is\nand so on\n",
        "(so it is) do not tell what it is, or are no header (then set --no-header)",
        options=(),
    )
    refused("in.jsonl", columns, "(review, stars) do not tell what it is; name the column of the texts", options=())


def test_unknown_task(refused):
    refused("in.jsonl", GOOD, "unknown task 'clasification'; did you mean", options=("--task", "clasification"))


def test_option_of_another_task(refused):
    options = ("--task", "classification", "--protect", "answers")
    refused("in.jsonl", GOOD, "the task 'classification' has no --protect answers", options=options)
    options = ("--task", "classification", "--protect", "answer")
    refused("in.jsonl", GOOD, "--protect 'answer' is not known; did you mean 'answers'?", options=options)


def test_unknown_recipe(refused):
    refused("in.jsonl", GOOD, "unknown recipe 'charbret'; did you mean 'charbert'?", recipe="charbret")


@pytest.mark.parametrize(("operator", "phrase"), [
    ('name = "swop"', "unknown operator 'swop'; did you mean 'swap'?"),
    ('name = "keyboard"\nlayout = "us-quwerty"', "unknown layout 'us-quwerty'; did you mean 'us-qwerty'?"),
])  # fmt: skip
def test_unknown_operator_or_layout(refused, tmp_path, operator, phrase):
    recipe = write(tmp_path / "mine.toml", f'summary = "s"\nsource = "s"\nseed = 1\n[[operators]]\n{operator}\n')
    refused("in.jsonl", GOOD, "mine.toml: ", phrase, recipe=recipe)


def test_severity_out_of_range(refused):
    refused("in.jsonl", GOOD, "share must be between 0 and 1, got 1.2", recipe="charbert@1.2")
    options = ("--task", "classification", "--severity", "-1")
    refused("in.jsonl", GOOD, "share must be between 0 and 1, got -1.0", options=options)


def test_output_equal_to_input(refused, tmp_path):
    refused("in.jsonl", GOOD, "the output", "is the input; give another name", output=tmp_path / "in.jsonl")


def test_one_file_under_two_names(run, tmp_path):
    path = write(tmp_path / "in.jsonl", GOOD)
    log = tmp_path / "log.jsonl"
    options = ("--task", "classification", "-r", "add")
    for output, edits in ((tmp_path / "o.jsonl", path), (log, log)):
        result = run("attack", path, *options, "-o", output, "--edits", edits)
        assert (result.status, "; give another name" in result.err) == (2, True)
    assert run("attack", path, *options, "-o", tmp_path / "o.jsonl", "--edits", log).status == 0
    before = log.read_bytes()
    assert run("revert", tmp_path / "o.jsonl", "--edits", log, "-o", log).status == 2
    assert (path.read_text(), log.read_bytes()) == (GOOD, before)
    assert run("revert", tmp_path / "o.jsonl", "--edits", log, "-o", tmp_path / "back.csv").status == 2
    assert run("revert", tmp_path / "o.jsonl", "--edits", log).status == 0
    assert (tmp_path / "o.reverted.jsonl").read_text() == GOOD


@pytest.mark.parametrize("columns", [("--token-column", "3"), ("--token-column", "-1"), ("--tag-column", "0")])
def test_tags_cannot_be_attacked(refused, columns):
    refused("in.conll", CONLL, "the token column and the tag column are the same", options=columns)


def test_one_column_for_two_things(refused):
    options = ("--task", "classification", "--text-column", "label")
    refused("in.jsonl", GOOD, "column 'label' ", options=options)


@pytest.mark.parametrize(("name", "content", "options"), [
    ("in.jsonl", GOOD, ("--task", "classification")), ("in.conll", CONLL, ()), ("in.json", json.dumps(SQUAD), ()),
])  # fmt: skip
def test_byte_order_mark(refused, name, content, options):
    refused(
        name, "\ufeff" + content, "line 1: begins with a byte order mark; save it as UTF-8 without one", options=options
    )


def test_column_names_twice_in_parquet(refused, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], names=["text", "text", "label"])
    pq.write_table(table, tmp_path / "twice.parquet")
    refused("in.parquet", (tmp_path / "twice.parquet").read_bytes(), "column names occur twice: 'text'")


def test_strings_that_are_numbers_are_text_in_json(run, tmp_path):
    path = write(tmp_path / "in.jsonl", json_lines([{"text": "x", "label": "911"}, {"text": "y", "label": "fire"}]))
    options = ("--task", "classification", "-r", "drop", "-o", tmp_path / "o.jsonl")
    assert run("attack", path, *options).status == 0
    mixed = write(tmp_path / "mixed.jsonl", json_lines([{"text": "x", "label": 1}, {"text": "y", "label": True}]))
    assert "mixed types" in run("attack", mixed, *options, "--force").err


def test_tags_of_mixed_types(refused):
    content = json_lines([{"tokens": [], "tags": []}, {"tokens": ["a", "b"], "tags": ["O", 3]}])
    refused(
        "in.jsonl",
        content,
        "mixed types",
        "text ('O') at line 2",
        "number (3) at line 2",
        options=("--task", "tagging"),
    )


def test_squad_of_odd_shapes(refused, run, tmp_path):
    odd = {"meta": {"a": [1, {"data": []}]}, "tags": ["x"], **SQUAD}
    path = write(tmp_path / "odd.json", json.dumps(odd))
    assert run("attack", path, "-r", "swap", "-o", tmp_path / "o.json").status == 0
    made = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert {**made, "data": 0} == {**odd, "data": 0}
    broken = {"data": [{"paragraphs": [{"context": "x", "qas": ["y"]}]}]}
    refused("in.json", json.dumps(broken), "'qas' must be a list of objects", options=())


@pytest.mark.parametrize(("recipe", "phrase"), [
    ('words = 3\n[[operators]]\nname = "drop"', "words must be written as a [words] table"),
    ('[words]\nshare = 1\nedited_words = 1\n[[operators]]\nname = "drop"', "exclude each other"),
    ('[[operators]]\nname = ["drop"]', "unknown operator ['drop']"),
    ('[[operators]]\nname = "add"\nletters = "a b"', "holds a blank, which would break tokens"),
    ('[[operators]]\nname = "drop"\nweight = inf', "weight must be a finite number"),
    pytest.param(
        '[[operators]]\nname = "nlpaug"\naugmenter = "OcrAug"\noptions = { min_char = "x" }', "OcrAug failed on",
        marks=pytest.mark.needs("nlpaug"),
    ),
])  # fmt: skip
def test_broken_recipe_files(refused, tmp_path, recipe, phrase):
    path = write(tmp_path / "mine.toml", f'summary = "s"\nsource = "s"\nseed = 1\n{recipe}\n')
    refused("in.jsonl", GOOD, phrase, recipe=path)


def test_several_recipes_leave_no_empty_folder(run, tmp_path):
    path = write(tmp_path / "in.jsonl", GOOD + "broken\n")
    options = (
        "--task",
        "classification",
        "-r",
        "drop",
        "-r",
        "swap",
        "-o",
        tmp_path / "out",
        "--edits",
        tmp_path / "log",
    )
    assert run("attack", path, *options).status == 2
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]


def test_broken_logs(run, tmp_path):
    path = write(tmp_path / "in.jsonl", GOOD)
    for content in ('{"charrobust": {}}\n', "[1]\n", '{"charrobust": 3}\n', "x\n"):
        log = write(tmp_path / "log.jsonl", content)
        result = run("revert", path, "--edits", log, "-o", tmp_path / "back.jsonl")
        assert (result.status, "is not an edit log" in result.err) == (2, True)


def test_output_of_another_format(refused, tmp_path):
    refused("in.jsonl", GOOD, "must be of the input's format: end its name with .jsonl", output=tmp_path / "out.csv")


def test_output_in_a_folder_that_is_not_there(refused, tmp_path):
    refused("in.jsonl", GOOD, "cannot write", "give a path in an existing folder", output=tmp_path / "no" / "out.jsonl")


def test_log_of_unknown_format(run, tmp_path):
    write(tmp_path / "in.jsonl", GOOD)
    options = ("--task", "classification", "-r", "drop", "-o", tmp_path / "o.jsonl", "--edits", tmp_path / "log.txt")
    result = run("attack", tmp_path / "in.jsonl", *options)
    assert result.status == 2
    assert "expected a name that ends in .parquet, .jsonl or .jsonl.gz" in result.err
    assert not (tmp_path / "o.jsonl").exists()


def test_the_same_recipe_twice(run, tmp_path):
    write(tmp_path / "in.jsonl", GOOD)
    options = ("--task", "classification", "-r", "drop", "-r", "drop@1", "-o", tmp_path / "o")
    result = run("attack", tmp_path / "in.jsonl", *options)
    assert (result.status, "the same at the same severity" in result.err) == (2, True)


def test_revert_with_a_log_of_another_file(run, tmp_path):
    write(tmp_path / "in.jsonl", GOOD)
    write(tmp_path / "other.jsonl", GOOD.replace("wonderful", "marvellous"))
    log = tmp_path / "log.parquet"
    options = ("--task", "classification", "-r", "add", "-o", tmp_path / "a.jsonl", "--edits", log)
    assert run("attack", tmp_path / "in.jsonl", *options).status == 0
    result = run("revert", tmp_path / "other.jsonl", "--edits", log, "-o", tmp_path / "back.jsonl")
    assert result.status == 2
    assert "other.jsonl, line 1: the edit log does not fit the text" in result.err
    assert not (tmp_path / "back.jsonl").exists()
    short = write(tmp_path / "short.jsonl", (tmp_path / "a.jsonl").read_text().splitlines(keepends=True)[0])
    result = run("revert", short, "--edits", log, "-o", tmp_path / "back.jsonl")
    assert "the edit log goes on at record 1, where the data set has ended" in result.err


def test_revert_with_something_that_is_no_log(run, tmp_path):
    path = write(tmp_path / "in.jsonl", GOOD)
    for log in (path, tmp_path / "no.parquet"):
        result = run("revert", path, "--edits", log, "-o", tmp_path / "back.jsonl")
        assert result.status == 2
        assert "edit log" in result.err
