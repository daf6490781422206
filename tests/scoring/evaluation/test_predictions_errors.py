"""Kept predictions that are damaged, and folders that cannot be written."""

import pytest

from charrobust.errors import DataError, UserError
from charrobust.scoring.evaluation.predictions import Predictions
from tests.scoring.fakes import fake_system, reviews


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
