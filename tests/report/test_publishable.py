"""Cards name systems and data so that others know them, without the folders of the machine they lay on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from charrobust.report.cards import Card, write_cards
from charrobust.report.publishable import published_data, published_model, published_names, without_folders
from charrobust.scoring.stored import load
from tests.report import sample_results

RUN = {
    "task": "classification", "max_length": 256, "stride": 0, "encoder": "minilm", "use": "finetuned",
    "data": {"train": "reviews:train"},
    "configuration": {
        "noise": {"recipe": "charbert", "share": 0.5, "consistency": 0.0},
        "adversarial": {"search": "", "share": 0.5, "budget": 16},
    },
}  # fmt: skip


def model(folder, **changed):
    """Write what stands beside a model; return its folder."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "finetuning.json").write_text(json.dumps(RUN | changed))
    return folder


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minilm", "minilm"),
        ("hub:stanfordnlp/sst2:train", "hub:stanfordnlp/sst2:train"),
        ("https://host.example/v1/chat#model", "https://host.example/v1/chat#model"),
        ("python:moods:mood", "python:moods:mood"),
        ("runs/sst2", "runs/sst2"),
        ("/home/ada/runs/sst2", "sst2"),
        ("~/runs/sst2", "sst2"),
        (r"C:\Users\ada\sst2", "sst2"),
        ("worst:/home/ada/mine.toml:greedy:1", "worst:mine.toml:greedy:1"),
        ("/home/ada/my cards/mine.toml:test", "mine.toml:test"),
        ("charbert/drop", "charbert/drop"),
        ("read as '/home/ada/mine.jsonl'", "read as 'mine.jsonl'"),
    ],
)
def test_absolute_paths_are_names(text, told):
    assert without_folders(text) == told


def test_names_of_paths_stay_apart():
    assert published_names(["clean", "x.jsonl", "/a/x.jsonl", "/b/x.jsonl", "/b/y.jsonl"]) == {
        "/a/x.jsonl": "x.jsonl (2)", "/b/x.jsonl": "x.jsonl (3)", "/b/y.jsonl": "y.jsonl",
    }  # fmt: skip


def test_data_are_a_card_or_a_file_in_its_folder(tmp_path, monkeypatch):
    (tmp_path / "sst2").mkdir()
    (tmp_path / "sst2" / "dev.tsv").write_text("")
    monkeypatch.chdir(tmp_path / "sst2")
    assert published_data(str(tmp_path / "sst2" / "dev.tsv")) == "sst2/dev.tsv"
    assert published_data("dev.tsv") == "sst2/dev.tsv"
    assert published_data("../sst2") == f"{tmp_path.name}/sst2"
    assert published_data("reviews:test") == "reviews:test"
    assert published_data("hub:a/b:test") == "hub:a/b:test"


def test_a_model_is_what_it_was_fine_tuned_from(tmp_path):
    told = "minilm, fine-tuned on reviews:train, --noise charbert, --noise-share 0.5"
    folder = model(tmp_path / "sst2")
    assert published_model(str(folder)) == told
    assert published_model(f"{folder}, linear on reviews:train") == f"{told}, linear on reviews:train"
    assert published_model(f"{folder} on the index of minilm") == f"{told} on the index of minilm"
    plain = model(tmp_path / "plain", use="frozen", configuration={})
    assert published_model(str(plain)) == "minilm, fine-tuned on reviews:train, --use frozen"


def test_a_model_of_several_seeds(tmp_path):
    for seed in (1, 2):
        model(tmp_path / "run" / f"seed-{seed}", configuration={})
    (tmp_path / "run" / "finetuning.json").write_text(json.dumps({"seeds": [1, 2], "measured": {}}))
    assert published_model(str(tmp_path / "run")) == "minilm, fine-tuned on reviews:train, 2 seeds"


def test_an_encoder_of_this_machine_is_its_name_and_base(tmp_path):
    encoder = tmp_path / "mine"
    encoder.mkdir()
    tuned = model(tmp_path / "tuned", encoder=str(encoder), configuration={})
    assert published_model(str(tuned)) == "mine, fine-tuned on reviews:train"
    (encoder / "README.md").write_text('---\nbase_model: "org/base"\n---\n')
    assert published_model(str(tuned)) == "mine (of org/base), fine-tuned on reviews:train"
    assert published_model(str(encoder)) == "mine (of org/base)"


def test_no_absolute_path_is_in_a_card(tmp_path):
    results = sample_results.searched()
    first, second, third = results.systems
    systems = (
        replace(first, model=str(model(tmp_path / "models" / "sst2"))),
        replace(second, model=str(tmp_path / "gone" / "sst2"), defences=(str(tmp_path / "recogniser"),)),
        replace(third, model=f"minilm, linear on {tmp_path}/train.tsv"),
    )
    renamed = {"published.jsonl": str(tmp_path / "published.jsonl")}
    moved = sample_results.with_strings(
        replace(results, systems=systems, data=f"{tmp_path}/mine.toml:test"), lambda text: renamed.get(text, text)
    )
    folder = write_cards(moved, tmp_path / "out", measured_by="Ada")
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert len(texts) == 6
    assert not [text for text in texts if str(tmp_path) in text or tmp_path.name in text]
    assert all("published.jsonl" in text and "mine.toml:test" in text for text in texts)
    said = {card.system.name: card.system for card in (load(Card, path) for path in folder.glob("*.json"))}
    assert said[second.name].model == "sst2"
    assert said[second.name].defences == ("recogniser",)
    assert said[third.name].model == "minilm, linear on train.tsv"


def test_cards_that_ship_hold_no_path():
    for path in (Path(__file__).parents[2] / "docs" / "leaderboard").glob("*.json"):
        system = load(Card, path).system
        assert published_model(system.model) == system.model
