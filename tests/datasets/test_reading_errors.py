"""Options of reading that say nothing of a data set, and splits that are said twice."""

import pytest

from charrobust.datasets import load_data
from charrobust.errors import UserError

RECORD = {"text": "a fine day", "label": "good"}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"split": "test"}, "split"),
        ({"comments": False}, "comments"),
        ({"delimiter": ";", "format": "jsonl"}, "delimiter"),
    ],
)
def test_options_that_a_file_does_not_take(tmp_path, options, name):
    path = tmp_path / "some.csv"
    path.write_text("text,label\na fine day,good\n", encoding="utf-8")
    with pytest.raises(UserError, match=rf"some\.csv: the format \.?\w+ has no option `{name}`"):
        load_data(path, **options)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("reviews", "'reviews' is a data set card, which says how its files are read"),
        ("hub:some/data:test", "is a data set of the hub, which is read as it is"),
        ([RECORD], "these data are read already"),
    ],
)
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("format", "csv"), ("delimiter", ";"), ("encoding", "latin-1"), ("no_header", True), ("comments", False),
        ("max_record_bytes", 1000),
    ],
)  # fmt: skip
def test_how_a_file_is_read_where_there_is_none_to_say_it_of(data, reason, option, value):
    with pytest.raises(UserError, match=rf"{reason}.*; leave out `{option}`$"):
        load_data(data, **{option: value})


def test_records_have_no_splits():
    with pytest.raises(UserError, match=r"these data are read already.*; leave out `split`"):
        load_data([RECORD], split="test")


@pytest.mark.parametrize("options", [{"format": "csv"}, {"comments": True}, {"encoding": "latin-1"}])
def test_options_that_a_folder_does_not_take(tmp_path, options):
    for name in (tmp_path, f"{tmp_path}:train"):
        with pytest.raises(UserError, match=r"cannot be read as 'csv'|has no option `(comments|encoding)`"):
            load_data(name, **options)


@pytest.mark.parametrize("name", ["reviews:train", "hub:some/data:train", "{folder}:train"])
def test_splits_that_are_said_twice(tmp_path, name):
    with pytest.raises(UserError, match=":train' names a split, and `split` says 'test'; leave out one of them"):
        load_data(name.format(folder=tmp_path), split="test")
