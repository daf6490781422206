"""Models of spans: fine-tuned, evaluated, reported; and models that tag words, asked for spans."""

import json
import random

import pytest
from transformers import BertConfig

from charrobust.datasets.load import load_data
from charrobust.report.page import write_report
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.models import load_predictor
from charrobust.tasks.examples import Example
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.settings import parse_finetuning
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, wordpiece

WORDS = ["the", "wonderful", "weather", "of", "north", "typing", "errors", "change", "words"]
SMALL = {"training.epochs": 8, "training.batch_size": 8, "training.learning_rate": 3e-3, "training.log_every": 1}


def write(path, count, seed):
    """Write texts in which the only entity is the word "storms", at times with a mark behind it."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        words = draw.choices(WORDS, k=5)
        entities = []
        if number % 3:
            place = draw.randrange(5)
            words[place] = "storms" + draw.choice(["", ",", "."])
            start = len(" ".join(words[:place])) + bool(place)
            entities = [{"id": 1, "label": "EVENT", "start_offset": start, "end_offset": start + 6}]
        lines.append(json.dumps({"id": number, "text": " ".join(words), "entities": entities}) + "\n")
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A fine-tuned model, and data that it was measured on."""
    folder = tmp_path_factory.mktemp("spans")
    backbone = save_backbone(folder / "backbone", wordpiece(), BertConfig(**SIZES))
    train = load_data(write(folder / "train.jsonl", 80, seed=0), task="spans")
    dev = load_data(write(folder / "dev.jsonl", 30, seed=1), task="spans")
    configuration = parse_finetuning(
        {"model": str(backbone)}, SMALL | {"noise.recipe": "charbert", "noise.consistency": 0.1}
    )
    done = finetune(configuration, train, dev, output=folder / "model")
    return folder, dev, done


def test_a_model_learns_spans(run):
    folder, _dev, done = run
    assert list(done.measured) == ["span F1", "place F1"]
    assert done.measured["span F1"] > 0.9
    record = json.loads((folder / "model" / "finetuning.json").read_text())
    assert record["task"] == "spans"
    predictor = load_predictor(folder / "model")
    assert predictor.labels == ("B-EVENT", "I-EVENT", "O")
    long = "typing errors change words of the weather, " * 60
    text = f"{long}storms. {long}"
    ((span,), *others) = predictor.predict([Example("1", (text,), None), Example("2", ("",), None)])
    assert span == (len(long), len(long) + 6, "EVENT")
    assert others == [()]


def test_evaluation_and_report(run):
    folder, dev, _ = run
    results = evaluate(
        [str(folder / "model"), f"corrected=spelling+{folder / 'model'}"], dev, ["charbert"], output=folder / "results"
    )
    again = evaluate([str(folder / "model")], dev, ["charbert"], output=folder / "results")
    assert again.scores[0] == results.scores[0]
    assert {score.metric for score in results.scores} == {"span F1", "place F1"}
    page = write_report(results, folder / "report").read_text(encoding="utf-8")
    assert "span F1" in page
    assert "EVENT" in page


def test_a_model_that_tags_words_is_asked_for_spans(run):
    folder, dev, _ = run
    (folder / "model" / "finetuning.json").rename(folder / "finetuning.json")
    try:
        assert load_predictor(folder / "model").task.name == "tagging"
        results = evaluate([str(folder / "model")], dev, ["charbert"])
    finally:
        (folder / "finetuning.json").rename(folder / "model" / "finetuning.json")
    clean = next(score for score in results.scores if score.metric == "span F1")
    assert clean.value.value > 0.9
