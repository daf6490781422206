"""``charrobust convert``."""

from pathlib import Path

import pytest
from transformers import AutoModelForQuestionAnswering

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"


@pytest.fixture
def source():
    if not GOLDEN.is_dir():
        pytest.skip("needs the tensors of the original implementation in ../shared/golden")
    return GOLDEN / "RobertaForQuestionAnswering"


@pytest.fixture
def characters(tmp_path):
    path = tmp_path / "characters.txt"
    path.write_text("\na\nb\n", encoding="utf-8")
    return path


def test_convert(run, source, characters, tmp_path):
    import charrobust.models

    result = run("convert", source, "--char-vocab", characters, "--output", tmp_path / "out", "--json")
    assert result.status == 0, result.err
    assert "CharBertForQuestionAnswering" in result.err
    assert result.told["outputs"] == {"model": str(tmp_path / "out")}
    assert result.told["figures"]["class"] == "CharBertForQuestionAnswering"
    loaded = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "out")
    assert isinstance(loaded, charrobust.models.CharBertForQuestionAnswering)


def test_mistakes(run, source, characters, tmp_path):
    for arguments, message in (
        ((tmp_path / "no", "--char-vocab", characters), "directory not found"),
        ((source, "--char-vocab", tmp_path / "no.txt"), "character vocabulary not found"),
        ((source, "--char-vocab", characters, "--head", "CharBertForMaskedLM"), "not that of CharBertForMaskedLM"),
    ):
        result = run("convert", *arguments, "--output", tmp_path / "out")
        assert (result.status, message in result.err) == (2, True), result.err
        assert not (tmp_path / "out").exists()
        assert "Traceback" not in result.err
