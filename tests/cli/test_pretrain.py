"""``charrobust pretrain``."""

import json

import pytest

from tests.cli.running import ctrl_c_once_written
from tests.training.runs import make_backbone, make_corpus

SMALL = (
    "--block-size", "24", "--set", "training.workers=0", "--set", "training.batch_size=4", "--set",
    "training.log_every=1", "--set", "training.save_every=2",
)  # fmt: skip


@pytest.fixture
def given(tmp_path):
    backbone, corpus = make_backbone(tmp_path / "backbone"), make_corpus(tmp_path / "text.txt")
    return "--backbone", backbone, "--corpus", corpus, *SMALL


def test_pretrain_and_go_on(run, given, tmp_path, capsys):
    output = tmp_path / "out"
    capsys.readouterr()
    result = run("pretrain", *given, "--config", "charbert-base", "--steps", "3", "--output", output)
    assert result.status == 0, result.err
    assert "noised words recognised" in result.out
    assert f"wrote {output} after 3 steps" in result.out.replace("\n", "")
    assert result.err == ""
    result = run("pretrain", "--output", output, "--resume", "--steps", "4", "--json", "--quiet")
    assert (result.status, result.err, result.out.count("\n")) == (0, "", 1)
    assert result.told["outputs"] == {"model": str(output)}
    figures = result.told["figures"]
    assert (figures["steps"], figures["measured"]["noised_words"] > 0) == (4, True)
    steps = [
        json.loads(line)["step"] for line in (output / "metrics.jsonl").read_text().splitlines() if 'loss"' in line
    ]
    assert max(steps) == 4
    result = run("pretrain", "--output", output, "--resume", "--seed", "4")
    assert (result.status, "training.seed: 2020, now 4" in result.err) == (2, True), result.err


def test_adv_bert(run, given, tmp_path):
    result = run("pretrain", *given, "--config", "advbert", "--steps", "1", "--output", tmp_path / "out")
    assert result.status == 0, result.err
    assert "masked LM, loss on clean text" in result.out


def test_mistakes(run, given, tmp_path):
    for arguments, message in (
        ((*given, "--config", "minlm"), "did you mean 'minilm'?"),
        ((*given, "--set", "training.step=1"), "did you mean 'steps'?"),
        ((*given, "--set", "training.steps"), "expected KEY=VALUE"),
        ((*given, "--steps", "0"), "steps must be at least 1"),
        ((), "give some with --corpus"),
        (("--resume",), "holds no run to resume"),
    ):
        result = run("pretrain", *arguments, "--output", tmp_path / "out")
        assert (result.status, message in result.err) == (2, True), result.err
        assert "Traceback" not in result.err
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint(run, given, tmp_path):
    output = tmp_path / "out"
    arguments = ["pretrain", *given, "--config", "charbert-base", "--steps", "10000", "--output", output]
    with ctrl_c_once_written(output / "metrics.jsonl"):
        result = run(*arguments)
    assert result.status == 130
    assert "a checkpoint is written. Go on with: charrobust pretrain --output" in result.err
    assert "Traceback" not in result.err
    assert list(output.glob("checkpoint-*/trainer_state.json"))
