"""Data sets through the ``datasets`` library, from local directories."""

import json
import re
from datetime import date

import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.cards import card_names, load_card
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import Hub, format_of
from charrobust.datasets.revert_file import revert_file
from charrobust.errors import UserError
from charrobust.perturb import Attack
from tests.datasets.reading import records_of
from tests.tasks.data import json_lines, task_of, write

datasets = pytest.importorskip("datasets")
TASK = task_of("classification", {"texts": ["sentence"]})


@pytest.fixture
def saved(tmp_path):
    features = datasets.Features(
        {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    rows = {"sentence": ["A wonderful story", "Dreadful acting"], "label": [1, 0]}
    test = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict({"test": test, "train": test}).save_to_disk(tmp_path / "saved")
    return tmp_path / "saved"


def test_a_saved_data_set_is_read_and_written(saved, tmp_path):
    source = Hub(saved, "test")
    out = tmp_path / "attacked"
    summary = attack_file(source, TASK, Attack.load("drop"), output=out, sink=source, edits=tmp_path / "log.parquet")
    assert summary.records == 2
    made = datasets.load_from_disk(str(out))
    assert made.features == datasets.load_from_disk(str(saved))["test"].features
    assert made["label"][:] == [1, 0]
    assert made["sentence"][0] != "A wonderful story"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attacked", "log.parquet", "saved"]


def test_a_data_set_can_be_written_as_rows(saved, tmp_path):
    attack_file(
        Hub(saved, "test"), TASK, Attack.load("drop"), output=tmp_path / "o.jsonl", sink=format_of(tmp_path / "o.jsonl")
    )
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [row["label"] for row in rows] == [1, 0]


def test_rows_written_from_a_data_set_can_be_reverted(saved, tmp_path):
    for suffix in ("jsonl", "csv", "parquet"):
        out, log, back = tmp_path / f"o.{suffix}", tmp_path / "log.jsonl", tmp_path / f"b.{suffix}"
        attack_file(Hub(saved, "test"), TASK, Attack.load("drop"), output=out, sink=format_of(out), edits=log)
        opened = EditLog(log)
        revert_file(format_of(out, **opened.about["format"]), TASK, opened, output=back)
        source = format_of(back)
        records = [record for block in source.blocks() for record in source.parse(block).records]
        assert [record["sentence"] for record in records] == ["A wonderful story", "Dreadful acting"]


def test_rows_that_a_format_cannot_hold_are_refused(tmp_path):
    rows = {"sentence": ["A wonderful\tstory"], "label": [1], "more": [["x"]]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    for suffix, message in (("tsv", "holds a"), ("csv", "holds a list; write .jsonl or .parquet instead")):
        out = tmp_path / f"o.{suffix}"
        with pytest.raises(UserError, match=message):
            attack_file(Hub(tmp_path / "saved"), TASK, Attack.load("drop"), output=out, sink=format_of(out))


@pytest.mark.parametrize(("suffix", "value", "message"), [
    ("jsonl", date(2024, 5, 1), "row 2: column 'more' holds what JSON does not have (date: "),
    ("jsonl", b"x", "row 2: column 'more' holds what JSON does not have (bytes: b'x'); write .parquet instead"),
    ("csv", b"x", "row 2: column 'more' holds bytes; write .parquet instead"),
])  # fmt: skip
def test_values_that_text_does_not_have_are_refused(suffix, value, message, tmp_path):
    rows = {"sentence": ["A wonderful story", "Dreadful acting"], "label": [1, 0], "more": [None, value]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    out = tmp_path / f"o.{suffix}"
    with pytest.raises(UserError, match=re.escape(message)):
        attack_file(Hub(tmp_path / "saved"), TASK, Attack.load("drop"), output=out, sink=format_of(out))
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_what_is_not_there_is_an_empty_field(suffix, tmp_path):
    rows = {"sentence": ["A wonderful story", "Dreadful acting"], "more": [None, "x"], "label": [1, None]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    out = tmp_path / f"o.{suffix}"
    attack_file(Hub(tmp_path / "saved"), TASK, Attack.load("drop"), output=out, sink=format_of(out))
    records = records_of(format_of(out))
    assert [(record["more"], record["label"]) for record in records] == [("", "1"), ("x", "")]


def test_a_directory_of_data_files_is_read(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder / "test.jsonl", json_lines([{"sentence": "A wonderful story", "label": 1}]))
    out = tmp_path / "o.jsonl"
    attack_file(Hub(folder, "test"), TASK, Attack.load("drop"), output=out, sink=format_of(out))
    assert json.loads(out.read_text())["sentence"] != "A wonderful story"


def named_features():
    label = datasets.ClassLabel(names=["O", "B-PER", "B-LOC"])
    lists = [datasets.Sequence(label), *([datasets.List(label)] if hasattr(datasets, "List") else [])]
    return {
        "label": label,
        "plain": datasets.Value("int64"),
        "count": datasets.ClassLabel(num_classes=3),
        "nested": datasets.Sequence(datasets.Sequence(label)),
        **{f"list{number}": feature for number, feature in enumerate(lists)},
    }


def test_class_names_are_known_in_every_way_of_saving(tmp_path):
    features = named_features()
    rows = {name: [1] if name in ("label", "plain", "count") else [[1, 2]] for name in features} | {"nested": [[[1]]]}
    made = datasets.Dataset.from_dict(rows, features=datasets.Features(features))
    made.save_to_disk(tmp_path / "saved")
    datasets.DatasetDict({"test": made}).save_to_disk(tmp_path / "splits")
    made.to_parquet(tmp_path / "in.parquet")
    (tmp_path / "files").mkdir()
    made.to_parquet(tmp_path / "files" / "test.parquet")
    names = ("O", "B-PER", "B-LOC")
    for source in (
        format_of(tmp_path / "saved"),
        Hub(tmp_path / "splits", "test"),
        format_of(tmp_path / "in.parquet"),
        Hub(tmp_path / "files", "test"),
    ):
        assert source.class_names("label") == source.class_names("list0") == source.class_names("nested") == names
        assert source.class_names("list1") == (names if "list1" in features else ())
        assert source.class_names("plain") == source.class_names("not there") == ()
        assert source.class_names("count") in ((), ("0", "1", "2"))


def test_class_names_are_kept_by_an_attack(tmp_path):
    label = datasets.Sequence(datasets.ClassLabel(names=["B-PER", "O"]))
    features = datasets.Features({"tokens": datasets.Sequence(datasets.Value("string")), "ner_tags": label})
    made = datasets.Dataset.from_dict({"tokens": [["wonderful", "Anna"]], "ner_tags": [[1, 0]]}, features=features)
    made.to_parquet(tmp_path / "in.parquet")
    source, out = format_of(tmp_path / "in.parquet"), tmp_path / "out.parquet"
    attack_file(source, task_of("tagging", {"tags": "ner_tags"}), Attack.load("drop"), output=out, sink=source)
    assert format_of(out).class_names("ner_tags") == ("B-PER", "O")


def test_formats_without_names_say_none(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    for number, metadata in enumerate(({}, {"huggingface": "no json"}, {"huggingface": "[1]"}, {"huggingface": "{}"})):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"label": [1]}).replace_schema_metadata(metadata), path)
        assert format_of(path).class_names("label") == ()
    assert format_of(write(tmp_path / "in.jsonl", '{"label": 1}')).class_names("label") == ()


def test_an_unknown_split_is_refused(saved):
    with pytest.raises(UserError, match=r"unknown split 'tset'; did you mean 'test'\? Known: test, train"):
        Hub(saved, "tset").total()


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    (tmp_path / "data.json").write_text('{"a": 1}\n{"b": "x"}\n{', encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot load data set .*: .*: "):
        Hub(tmp_path, None).total()


def test_a_data_set_that_cannot_be_loaded_says_so(tmp_path):
    with pytest.raises(UserError, match="cannot load data set"):
        Hub(tmp_path / "nothing", "test").total()


@pytest.mark.parametrize("name", card_names())
def test_every_card_is_whole(name):
    card = load_card(name)
    assert card.summary
    assert card.source
    assert card.licence
    assert card.format(None)
    assert bool(card.hub) != bool(card.files)
    assert all(path.is_file() for path in card.files.values())


def test_the_cards_of_the_project_are_there():
    hub = {"sst2", "cola", "mrpc", "qqp", "qnli", "conll2003", "ewt", "squad", "squad2"}
    assert hub | {"reviews", "entities", "questions"} <= set(card_names())
