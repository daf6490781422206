"""Scores under attack in the card of a fine-tuned model, and in those of an evaluation."""

import json

import pytest

from charrobust.datasets.load import load_data
from charrobust.scoring.evaluation.evaluate import evaluate
from tests.cli.running import Runner
from tests.systems.encoders import TEXTS, save_encoder


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


def entries_of(card):
    """Return the results of the only model of a card's model-index."""
    line = next(line for line in card.read_text().splitlines() if line.startswith("model-index: "))
    (model,) = json.loads(line.removeprefix("model-index: "))
    return model["results"]


def values_of(entry):
    return {metric["type"]: metric["value"] for metric in entry["metrics"]}


def test_a_card_has_an_entry_for_every_attack(run, tmp_path):
    encoder = save_encoder(tmp_path / "encoder")
    rows = [json.dumps({"text": text, "label": "ab"[number % 2]}) + "\n" for number, text in enumerate(TEXTS)]
    (tmp_path / "data.jsonl").write_text("".join(rows))
    trained = run(
        "finetune", "--task", "classification", "--model", encoder, "--train", tmp_path / "data.jsonl", "--eval", tmp_path / "data.jsonl",
        "--epochs", "3", "--learning-rate", "1e-2", "--attack", "charbert", "--attack", "drop@0.5",
        "--output", tmp_path / "trained", "--device", "cpu",
    )  # fmt: skip
    assert trained.status == 0, trained.err
    evaluated = run(
        "evaluate", "--task", "classification", "--model", tmp_path / "trained", "--data", tmp_path / "data.jsonl", "--attack", "charbert",
        "--attack", "drop@0.5", "--output", tmp_path / "scores", "--card", "Ada Lovelace", "--device", "cpu",
    )  # fmt: skip
    assert evaluated.status == 0, evaluated.err
    results = evaluate(
        [str(tmp_path / "trained")],
        load_data(tmp_path / "data.jsonl", task="classification"),
        ["charbert", "drop@0.5"],
        device="cpu",
    )
    own, others = (
        entries_of(tmp_path / "trained" / "README.md"),
        entries_of(tmp_path / "scores" / "cards" / "trained.md"),
    )
    for number, attack in enumerate(("clean", "charbert", "drop@0.5")):
        expected = {}
        for score in results.scores:
            if score.attack == attack:
                expected[score.metric] = pytest.approx(score.value.value, abs=1e-4)
        for entry in (own[number], others[number]):
            assert values_of(entry) == expected
            assert entry["dataset"].get("args", {"attack": "clean"}) == {"attack": attack}
    assert len(own) == 3
    assert [entry["dataset"]["name"] for entry in own[1:]] == ["data.jsonl under charbert", "data.jsonl under drop@0.5"]
    assert "|  | clean | charbert | drop@0.5 |" in (tmp_path / "trained" / "README.md").read_text()
    manifest = json.loads((tmp_path / "trained" / "finetuning.json").read_text())
    assert list(manifest["attacked"]) == ["clean", "charbert", "drop@0.5"]


def test_searches_are_not_for_a_card(run, tmp_path):
    encoder = save_encoder(tmp_path / "encoder")
    (tmp_path / "data.jsonl").write_text('{"text": "north", "label": "a"}\n{"text": "storms", "label": "b"}\n')
    found = run(
        "finetune", "--task", "classification", "--model", encoder, "--train", tmp_path / "data.jsonl", "--eval", tmp_path / "data.jsonl",
        "--attack", "worst:charbert:greedy:1", "--output", tmp_path / "trained",
    )  # fmt: skip
    assert (found.status, "asks a model about many texts" in found.err) == (2, True), found.err
    assert not (tmp_path / "trained").exists()
