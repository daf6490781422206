"""``charrobust finetune``."""

import json
import re

import pytest

from tests.cli.running import ctrl_c_once_written
from tests.training.runs import make_backbone
from tests.training.tasks import examples

SMALL = ("--epochs", "1", "--batch-size", "8", "--set", "training.log_every=1", "--learning-rate", "1e-3")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return make_backbone(tmp_path_factory.mktemp("model") / "backbone")


def write(path, task, count=40, **extra):
    """Write examples in the format of their task."""
    rows = []
    for example in examples(task, count):
        if task == "qa":
            answers = [
                {"text": text, "start": span[0]} for text, span in zip(example.target, example.spans, strict=True)
            ]
            rows.append(
                {"id": example.id, "question": example.texts[0], "context": example.texts[1], "answers": answers}
            )
        elif task == "tagging":
            rows.append({"tokens": example.texts, "tags": example.target})
        else:
            rows.append({"text": example.texts[0], "label": example.target, **extra})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("task", ["classification", "regression", "tagging", "qa"])
def test_each_task(run, backbone, tmp_path, task):
    train = write(tmp_path / "train.jsonl", task)
    result = run(
        "finetune", "--model", backbone, "--task", task, "--train", train, "--eval", train, "--limit", "20",
        "--eval-limit", "10", "--output", tmp_path / "out", "--noise", "charbert", "--consistency", "0.5", *SMALL,
    )  # fmt: skip
    assert result.status == 0, result.err
    assert re.fullmatch(r"note: new weights, which the encoder did not bring: [\w., ]+\n", result.err)
    assert "on 10 examples of train.jsonl" in result.out
    assert "defence: consistency loss (weight 0.5)" in result.out
    record = json.loads((tmp_path / "out" / "finetuning.json").read_text())
    assert (record["task"], record["examples"]) == (task, {"train": 20, "eval": 10})
    assert str(tmp_path) not in json.dumps(record["data"])


def test_without_evaluation_data(run, backbone, tmp_path):
    train = write(tmp_path / "train.jsonl", "classification")
    given = (
        "finetune",
        "--model",
        backbone,
        "--task",
        "classification",
        "--train",
        train,
        "--output",
        tmp_path / "out",
    )
    result = run(*given, "--seeds", "2", "--use", "mix", *SMALL)
    assert result.status == 0, result.err
    assert "no --eval: holding out 4 of 40 training examples to measure on" in result.err
    assert "±" in result.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"finetuning.json", "seed-1", "seed-2"}
    result = run(*given, "--seeds", "2", "--use", "mix", *SMALL)
    assert (result.status, "go on with --resume" in result.err) == (2, True), result.err
    result = run(*given, "--seeds", "2", "--use", "mix", "--resume", *SMALL, "--json")
    assert result.status == 0, result.err
    assert "±" in result.err
    told = result.told
    assert told["outputs"]["models"] == [str(tmp_path / "out" / f"seed-{seed}") for seed in (1, 2)]
    seeds = [each["measured"]["accuracy"] for each in told["figures"]["seeds"]]
    assert told["figures"]["measured"]["accuracy"]["mean"] == pytest.approx(sum(seeds) / 2)
    assert told["notes"][0] == "no --eval: holding out 4 of 40 training examples to measure on"
    assert told["notes"][1].startswith("new weights, which the encoder did not bring: ")


def test_the_sample_sets(run, backbone, tmp_path):
    result = run(
        "finetune", "--model", backbone, "--train", "entities:test", "--output", tmp_path / "out", "--seed", "7", *SMALL
    )
    assert result.status == 0, result.err
    assert "span F1" in result.out
    assert json.loads((tmp_path / "out" / "finetuning.json").read_text())["seed"] == 7


def test_mistakes(run, backbone, tmp_path):
    train, tags = (write(tmp_path / f"{task}.jsonl", task) for task in ("classification", "tagging"))
    columns = tmp_path / "columns.jsonl"
    columns.write_text('{"review": "fine", "stars": 5}\n', encoding="utf-8")
    texts = ("--task", "classification", "--train", train)
    for arguments, message in (
        ((*texts, "--use", "frosen"), "did you mean 'frozen'?"),
        ((*texts, "--set", "training.epoch=1"), "did you mean 'epochs'?"),
        ((*texts, "--noise", "charbart"), "did you mean 'charbert'?"),
        ((*texts, "--consistency", "1"), "nothing is noised"),
        ((*texts, "--seeds", "2", "--seed", "3"), "exclude each other"),
        ((*texts, "--seed", "3", "--seed", "3"), "a seed is given twice"),
        ((*texts, "--noise-share", "0.3"), "name a recipe with --noise"),
        ((*texts, "--adversarial", "greedy"), "expected SEARCH:EDITS or RECIPE:SEARCH:EDITS"),
        ((*texts, "--adversarial-share", "0.3"), "name one with --adversarial, as greedy:1"),
        ((*texts, "--adversarial-budget", "8"), "name one with --adversarial, as greedy:1"),
        ((*texts, "--seed", str(2**32)), "Invalid value for '--seed'"),
        ((*texts, "--resume"), "holds no run to resume"),
        ((*texts, "--label-column", "lable"), "label column 'lable' is missing; did you mean 'label'?"),
        ((*texts, "--eval", tags), "no text column found among tokens, tags"),
        ((*texts, "--eval", tmp_path / "none.jsonl"), "is no existing file"),
        (("--train", columns), "say what it is with --task"),
        (("--task", "tagging", "--train", train), "no column with lists of tokens"),
        (("--task", "regression", "--train", train), "must hold a number, got 'bad'"),
        ((*texts, "--model", tmp_path / "none"), "no such directory"),
        ((*texts, "--config", tmp_path / "none.toml"), "configuration file not found"),
    ):
        model = () if "--model" in arguments else ("--model", backbone)
        result = run("finetune", *model, *arguments, "--output", tmp_path / "out", "--epochs", "1")
        assert (result.status, message in result.err) == (2, True), result.err
        assert "Traceback" not in result.err
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint(run, backbone, tmp_path):
    train = write(tmp_path / "train.jsonl", "classification", 160)
    output = tmp_path / "out"
    given = ["finetune", "--model", backbone, "--task", "classification", "--train", train, "--output", output]
    given += ["--epochs", "10", "--batch-size", "8", "--set", "training.log_every=1"]
    with ctrl_c_once_written(output / "metrics.jsonl"):
        result = run(*given)
    assert result.status == 130
    assert "a checkpoint is written. Go on with: the same command and --resume" in result.err
    assert "Traceback" not in result.err
    assert list(output.glob("checkpoint-*/trainer_state.json"))
    result = run(*given, "--resume")
    assert result.status == 0, result.err
