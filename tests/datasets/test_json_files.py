"""Lists of records in .json files."""

import json

import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import JsonArray, Squad, format_of
from charrobust.datasets.revert_file import revert_file
from charrobust.errors import DataError
from charrobust.perturb import Attack
from tests.datasets.reading import attacked, records_of
from tests.tasks.data import SQUAD, task_of

RECORDS = [
    {"id": 1, "text": "Wonderful “music”, naïve", "label": 1, "more": {"a": [1.5, None], "b": {}}},
    {"id": 2, "text": 'Dreadful\n"stuff"', "label": 0, "more": []},
    {"id": 3, "text": "", "label": 0},
]
STYLES = {
    "one line": {},
    "compact": {"separators": (",", ":")},
    "indented by two": {"indent": 2},
    "indented by four": {"indent": 4},
    "indented by a tab": {"indent": "\t"},
    "indented and compact": {"indent": 1, "separators": (",", ":")},
    "escaped": {"ensure_ascii": True},
}
AROUND = {
    "list": lambda records: records,
    "data": lambda records: {"data": records},
    "data and more": lambda records: {"version": "1", "n": 12, "data": records, "license": ["x"]},
}
TASK = task_of("classification", {"texts": ("text",)})


def written(path, content, **options):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return format_of(path, **options)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("style", STYLES)
def test_lists_are_written_as_they_are(tmp_path, style, around, newline):
    options = {"ensure_ascii": False, **STYLES[style]}
    content = json.dumps(AROUND[around](RECORDS), **options).replace("\n", newline) + newline
    source = written(tmp_path / "in.json", content)
    assert isinstance(source, JsonArray)
    assert records_of(source) == RECORDS
    out, log, back = tmp_path / "out.json", tmp_path / "log.jsonl", tmp_path / "back.json"
    attack_file(source, TASK, Attack.load("charbert"), output=out, sink=source, edits=log)
    made = records_of(format_of(out))
    assert [{**new, "text": 0} for new in made] == [{**old, "text": 0} for old in RECORDS]
    assert made != RECORDS
    whole = AROUND[around](made)
    assert out.read_bytes().decode() == json.dumps(whole, **options).replace("\n", newline) + newline
    revert_file(format_of(out), TASK, EditLog(log), output=back)
    assert back.read_bytes() == content.encode()


def test_lists_of_a_record_a_line(tmp_path):
    content = "[\n" + ",\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS) + "\n]\n"
    made = attacked(written(tmp_path / "in.json", content), tmp_path).decode()
    assert [line[:9] for line in made.splitlines()] == [line[:9] for line in content.splitlines()]
    assert json.loads(made)[1]["text"] != RECORDS[1]["text"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_brackets_may_close_on_the_last_line(tmp_path, newline):
    content = '[{\n    "text": "wonderful films",\n    "label": "pos"},{\n    "text": "no", "label": "neg"}]'
    made = attacked(written(tmp_path / "in.json", content.replace("\n", newline)), tmp_path).decode()
    assert made.startswith(f'[{{{newline}    "text": "')
    assert [record["label"] for record in json.loads(made)] == ["pos", "neg"]
    assert json.loads(made)[0]["text"] != "wonderful films"


@pytest.mark.parametrize("size", [1, 3, 50])
def test_small_blocks_change_nothing(tmp_path, monkeypatch, size):
    source = written(tmp_path / "in.json", json.dumps({"a": {"b": 12.25}, "n": 1234, "data": RECORDS}, indent=1))
    wanted = attacked(source, tmp_path)
    monkeypatch.setattr("charrobust.datasets.formats.json_stream.BLOCK_BYTES", size)
    monkeypatch.setattr("charrobust.datasets.formats.json_array.BLOCK_RECORDS", size)
    assert isinstance(format_of(source.path), JsonArray)
    assert attacked(source, tmp_path) == wanted


def test_other_tasks(tmp_path):
    content = json.dumps([{"tokens": ["Great", "Britain"], "tags": ["B-LOC", "I-LOC"]}])
    made = json.loads(attacked(written(tmp_path / "in.json", content), tmp_path, "tagging"))
    assert made[0]["tags"] == ["B-LOC", "I-LOC"]
    paragraphs = SQUAD["data"][0]["paragraphs"]
    source = written(tmp_path / "in.json", json.dumps({"data": paragraphs}))
    assert isinstance(source, JsonArray)
    made = json.loads(attacked(source, tmp_path, "qa"))
    assert made["data"][0]["qas"][0]["answers"] == paragraphs[0]["qas"][0]["answers"]


def test_squad_stays_squad(tmp_path):
    for content in (SQUAD, {"data": []}, {"data": [{"paragraphs": []}]}):
        assert isinstance(written(tmp_path / "in.json", json.dumps(content)), Squad)
    assert isinstance(format_of(tmp_path / "in.json", "records"), JsonArray)


def test_indented_squad_stays_indented(tmp_path):
    source = written(tmp_path / "in.json", json.dumps(SQUAD, indent=2, ensure_ascii=False))
    made = attacked(source, tmp_path, "qa").decode()
    assert made == json.dumps(json.loads(made), indent=2, ensure_ascii=False)
    assert json.loads(made) != SQUAD


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a"} {"text": "b"}]', r"record 2: not valid JSON: expected a comma or \], near"),
        ('[{"text": "a"},]', "record 2: not valid JSON"),
        ('[,{"text": "a"}]', "not valid JSON"),
        ('[{"text": "a"}', "record 2: not valid JSON"),
        ('[{"text": "a"}, {"tex', "record 2: not valid JSON"),
        ('[{"text": "a"}] x', "not valid JSON behind the last record"),
        ('[{"text": "a"}]]', "not valid JSON behind the last record"),
        ('{"data": [{"text": "a"}]', "not valid JSON behind the last record"),
        ('[{"text": "a"}, "b"]', "record 2: expected a JSON object, got str"),
        ('[[1, "a"]]', "record 1: expected a JSON object, got list"),
        ('{"text": "a", "label": 1}', "it holds one object with the keys 'text', 'label': records stand in a list"),
        ('{"train": [{"text": "a"}], "test": []}', "one object with the keys 'train', 'test'"),
        ('{"data": {"text": ["a"]}}', "one object with the keys 'data'"),
        ('{"text": {"0": "a"}, "label": {"0": 1}}', "one object with the keys 'text', 'label'"),
        ('{"text": "a"}\n{"text": "b"}\n', "is it JSON Lines"),
        ('"text"', "not a SQuAD file, nor a list of records"),
        ("12", "not a SQuAD file, nor a list of records"),
        ("{}", "not a SQuAD file, nor a list of records"),
        ("[" * 100_000, "cannot be read|not valid JSON"),
        ('[{"n": ' + "9" * 5000 + "}]", "cannot be read"),
        ('{"columns": ["text"], "data": [["a"]]}', "article 1: expected an object with a list of 'paragraphs'"),
    ],
)
def test_what_is_no_list_of_records_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        records_of(written(tmp_path / "in.json", content))


def test_halves_of_surrogate_pairs_are_kept(tmp_path):
    source = written(tmp_path / "in.json", '[{"text": "wonderful \\ud800 “story”"}]')
    made = json.loads(attacked(source, tmp_path, label=None))
    assert "\ud800" in made[0]["text"]


def test_json_lines_of_another_layout_say_so(tmp_path):
    for content in ('[{"text": "a"}]\n', '[\n{"text": "a"}\n]\n', '{\n"text": "a"}\n'):
        with pytest.raises(DataError, match=r"line 1: .*; if the file is one JSON value, end its name with \.json"):
            records_of(written(tmp_path / "in.jsonl", content))
