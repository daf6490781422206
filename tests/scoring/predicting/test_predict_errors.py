"""Predictions that cannot be written."""

import pytest

from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.errors import DataError, UserError
from charrobust.scoring import predict
from charrobust.scoring.predicting import kept, parts
from charrobust.systems.seeds import Seeds
from charrobust.systems.share import Share
from charrobust.systems.system import System
from tests.scoring.fakes import fake_system
from tests.tasks.data import json_lines, write

ROWS = [{"text": f"weather {number}", "label": "good"} for number in range(9)]


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "PART", 4)
    return open_source(write(tmp_path / "in.jsonl", json_lines(ROWS)), DataOptions(task="classification"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.xml", r"cannot write predictions as '\.xml'; .*\.jsonl"),
        ("out.json", r"cannot write predictions as '\.json'; did you mean '\.jsonl'"),
        ("no/out.csv", r"there is no folder .*no; give a path in an existing one"),
    ],
)
def test_outputs(source, tmp_path, name, said):
    with pytest.raises(UserError, match=said):
        predict(fake_system(), source, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def function(texts):
    return ["good"] * len(texts)


@pytest.mark.parametrize(
    ("system", "options", "said"),
    [
        (fake_system(task="regression"), {}, "is for the task 'regression'"),
        (Seeds("run", [fake_system("a"), fake_system("b")]), {}, "models of several seeds, .*: a, b; give one of them"),
        (fake_system(), {"scores": True}, "gives no `scores` of classes; leave them out"),
        (System.of(function, task="classification"), {"share": Share(0, 2)}, "cannot be asked by several ranks"),
        (System.of(lambda texts: [1.5] * len(texts), task="classification"), {}, "expected a label"),
        (fake_system(), {"budget": 1.0}, "no model costs anything by which a `budget` could be kept"),
        (fake_system(), {"share": Share(0, 2, patience=0)}, "of 2 ranks these have not done their share: 1; look at"),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_systems(source, tmp_path, system, options, said):
    with pytest.raises(UserError, match=said):
        predict(system, source, tmp_path / "out.csv", **options)
    assert not (tmp_path / "out.csv").exists()
    if not system.reusable:
        assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_bad_record_at_the_end_is_told_before_anything_is_asked(tmp_path):
    path = write(tmp_path / "in.jsonl", json_lines([*ROWS, {"text": 3, "label": "good"}]))
    system = fake_system()
    with pytest.raises(DataError, match=r"in.jsonl, line 10: column 'text' must be text"):
        predict(system, open_source(path, DataOptions(task="classification")), tmp_path / "out.csv")
    assert system.system.asked == []
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("line", ["{", "[]", '{"key": "k"}', '{"rows": []}', "\xff"])
def test_damaged_parts(source, tmp_path, line):
    with pytest.raises(KeyboardInterrupt):
        predict(fake_system(breaks_after=5), source, tmp_path / "out.csv")
    (path,) = (tmp_path / "out.csv.charrobust-parts").iterdir()
    with path.open("a", encoding="latin-1") as handle:
        handle.write(line + "\n")
    with pytest.raises(DataError, match=r"jsonl, line 2: no stored predictions; remove the file, to predict anew"):
        predict(fake_system(), source, tmp_path / "out.csv")


def test_parts_that_another_run_removed(tmp_path):
    parts_kept = kept.KeptParts(tmp_path, fake_system())
    parts_kept.add("key", [{"id": "1", "prediction": "good"}])
    assert parts_kept.rows("key") == [{"id": "1", "prediction": "good"}]
    (path,) = tmp_path.iterdir()
    path.write_text('{"key": "other", "rows": []}\n')
    with pytest.raises(DataError, match="was changed while it was read; run the command again"):
        parts_kept.rows("key")
    path.unlink()
    with pytest.raises(DataError, match=r"cannot read .*: No such file or directory; run the command again"):
        parts_kept.rows("key")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_texts_that_only_escapes_can_hold(tmp_path, name, monkeypatch):
    half = "\ud800"
    system = System.of(lambda texts: [half] * len(texts), task="classification")
    source = open_source(write(tmp_path / "in.jsonl", json_lines(ROWS)), DataOptions(task="classification"))
    with pytest.raises(UserError, match=r"holds half of a surrogate pair; give a name that ends in .jsonl"):
        predict(system, source, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
    predict(system, source, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text().splitlines()[0] == '{"id": "0", "prediction": "\\ud800"}'
