"""Kept predictions that are damaged, and folders that cannot be written."""

from pathlib import Path

import pytest

from charrobust.errors import DataError, UserError
from charrobust.systems.kept_lines import KeptLines
from charrobust.systems.predictions import Predictions, key_of
from charrobust.systems.share import Share
from charrobust.systems.system import System
from tests.scoring.fakes import fake_system, names, reviews


@pytest.mark.parametrize("line", ["{", "[]", '{"key": "k"}', '{"key": "k", "prediction": {"a": 1}}', "\xff"])
def test_a_damaged_line(line, tmp_path):
    path = tmp_path / f"{fake_system().fingerprint}.jsonl"
    path.write_text('{"key": "a", "prediction": "b"}\n' + line + "\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"jsonl, line 2: no stored prediction; remove the file, to predict anew"):
        Predictions(tmp_path).of(fake_system(), reviews().examples)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*; give a folder that can be written"):
        Predictions(tmp_path / "file" / "kept").of(fake_system(), reviews().examples)


@pytest.mark.parametrize(("said", "examples"), [("1.5", reviews()), ('["O"]', names()), ('"Rhine"', names())])
def test_a_prediction_of_another_kind(tmp_path, said, examples):
    system = fake_system(task=examples.task.name)
    first = examples.examples[0]
    line = f'{{"key": "{key_of(first)}", "prediction": {said}}}\n'
    (tmp_path / f"{system.fingerprint}.jsonl").write_text(line)
    with pytest.raises(DataError, match=rf"no prediction for example {first.id}; remove the files, to predict anew"):
        Predictions(tmp_path).of(system, examples.examples)


def test_a_rank_of_which_there_is_no_sign(tmp_path):
    with pytest.raises(
        UserError, match=r"no sign of the other ranks for 0 minutes .* and of 3 ranks .*: 1, 2; look at"
    ):
        Predictions(tmp_path, Share(0, 3, patience=0)).of(fake_system(), reviews().examples)


def test_systems_that_several_ranks_cannot_tell(tmp_path):
    system = System.of(lambda texts: texts, task="classification", name="mine")
    for folder, asked in ((tmp_path, system), (None, fake_system())):
        with pytest.raises(UserError, match=r"cannot be asked by several ranks"):
            Predictions(folder, Share(0, 2)).ask(asked, reviews().examples)


def test_a_cut_line_in_the_middle_is_no_line_of_two(tmp_path, monkeypatch):
    """After a full disk, where a line was cut off, the next ones go to another file."""
    lines = KeptLines(tmp_path, "rows")
    lines.append([1])
    real = Path.open

    def full(path, mode, *arguments, **options):
        if mode != "ab":
            return real(path, mode, *arguments, **options)
        with real(path, mode) as handle:
            handle.write(b'"cut')
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(UserError, match=r"cannot write .*: No space left on device"):
            lines.append([2])
    lines.append([3])
    assert [line.content for line in KeptLines(tmp_path, "rows").news()] == [b"1", b"3"]
