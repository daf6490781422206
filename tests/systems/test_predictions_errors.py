"""Kept predictions that are damaged, and folders that cannot be written."""

import pytest

from charrobust.errors import DataError, UserError
from charrobust.systems.predictions import Predictions, key_of
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
    with pytest.raises(DataError, match=rf"no prediction for example {first.id}; remove the file, to predict anew"):
        Predictions(tmp_path).of(system, examples.examples)
