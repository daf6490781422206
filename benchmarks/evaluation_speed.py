"""Examples/s of ``charrobust evaluate`` beside those of ``transformers.pipeline``, on the same model and data.

MiniLM with a head for two classes (its weights do not matter for speed) reads the dev set of SST-2 or, where that is
not there, the sample reviews; rounds alternate in one process. ``pipeline`` reads texts one by one by default, and in
batches as they come when told to; ours come sorted by length. The model is read as ONNX, too.

    python benchmarks/evaluation_speed.py [--examples 872 --rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from real_data import SHARED, records
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
from transformers.utils import logging

from charrobust.datasets import load_data
from charrobust.models.channels import backbone_directory, tokenizer_directory
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions
from charrobust.systems.onnx import load_onnx
from charrobust.systems.system import System
from charrobust.tasks.examples import Example

NAMES = {0: "negative", 1: "positive"}


def make_model(folder: Path) -> Path:
    """Write MiniLM with a head for two classes."""
    torch.manual_seed(0)
    place = backbone_directory("minilm")
    model = AutoModelForSequenceClassification.from_pretrained(
        place, id2label=NAMES, label2id={name: number for number, name in NAMES.items()}
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tokenizer_directory(place)).save_pretrained(folder)
    return folder


def export(model: Path, folder: Path) -> Path:
    """Export a model; return the folder of its ONNX file, with its configuration and tokenizer beside it."""
    network, tokenizer = AutoModelForSequenceClassification.from_pretrained(model), AutoTokenizer.from_pretrained(model)
    tokenizer.save_pretrained(folder)
    network.config.save_pretrained(folder)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    inputs = tokenizer("a text", return_tensors="pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of much
        torch.onnx.export(
            network.eval(),
            tuple(inputs[name] for name in names),
            str(folder / "model.onnx"),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in names},
            dynamo=False,
        )
    return folder


def texts(count: int) -> tuple[str, list[str]]:
    """Return the name of a data set and its texts."""
    if (SHARED / "glue_sst2" / "dev.jsonl.gz").is_file():
        return "SST-2 dev", [record["text"] for record in records("glue_sst2/dev")][:count]
    return "reviews:test", [example.texts[0] for example in load_data("reviews:test", limit=count).examples]


def ours(predictor: System, given: list[str]) -> list[str]:
    """Return the predictions of our way."""
    return list(map(str, predictor.predict([Example(str(n), (text,), None) for n, text in enumerate(given)])))


def theirs(model: Path, batch_size: int) -> Callable[[list[str]], list[str]]:
    """Return the pipeline of the library with a batch size."""
    classify = pipeline("text-classification", model=str(model), device="cpu")
    return lambda given: [found["label"] for found in classify(given, batch_size=batch_size, truncation=True)]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=872)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    name, given = texts(options.examples)
    with tempfile.TemporaryDirectory() as folder:
        model = make_model(Path(folder))
        predictor = load_predictor(model, device="cpu")
        exported = load_onnx(str(export(model, Path(folder) / "onnx")), SystemOptions())
        ways: dict[str, Callable[[list[str]], list[str]]] = {
            "charrobust": lambda given: ours(predictor, given),
            "charrobust, as ONNX": lambda given: ours(exported, given),
            "pipeline": theirs(model, 1),
            "pipeline, batch_size=32": theirs(model, 32),
        }
        said = {way: call(given) for way, call in ways.items()}  # also warms up
        same = {way: sum(map(str.__eq__, found, said["charrobust"])) for way, found in said.items()}
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, call in ways.items():
                begin = time.perf_counter()
                call(given)
                rates[way].append(len(given) / (time.perf_counter() - begin))
    print(f"{len(given):,} texts of {name}, {torch.get_num_threads()} threads, medians of {options.rounds} rounds")
    for way, found in rates.items():
        ratio = statistics.median(a / b for a, b in zip(rates["charrobust"], found, strict=True))
        print(f"{way:<24} {statistics.median(found):8,.0f} examples/s  ours: {ratio:.2f} x  {same[way]:,} equal")


if __name__ == "__main__":
    main()
