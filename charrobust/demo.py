"""The main path, once through: attack -> fine-tune -> evaluate, search -> look inside -> report, on the sample sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets import DataSet, load_data
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.source import open_source
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.report import write_report
from charrobust.scoring import (
    NoisedSentences,
    evaluate_versions,
    load_system,
    measure_sensitivity,
    write_results,
)
from charrobust.scoring.evaluation.evaluate import SEARCHES
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import FILE, Sensitivity
from charrobust.systems.predictor import SETTINGS
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.settings import load_finetuning

MODELS = ("minilm", "charbert-minilm-l6")
ATTACKS = ("everyday", "charbert@0.25", "charbert@0.5")
BY_OPERATOR = ("charbert",)
WORST = "worst:charbert:greedy:1"
QUERIES = 12  # that a search asks about a review at most: enough to show what a draw hides, in about a minute
SETS = ("reviews", "entities", "questions")
_OURS = {"attacked", "models", "plots", "predictions", "searches", "results.json", "sensitivity.json", "report.html"}


@dataclass(frozen=True)
class Demo:
    """What the demo found and wrote.

    Attributes:
        results: Scores of both models.
        sensitivity: How far typos move words inside both encoders.
        page: The report.
        files: Attacked sample sets and their edit logs.
    """

    results: Results
    sensitivity: Sensitivity
    page: Path
    files: tuple[Path, ...]


def run_demo(folder: Path, progress: Progress = no_progress) -> Demo:
    """Attack the sample sets, fine-tune two models on reviews, and see what typos do to them.

    Models that are finished in the folder are not trained again.

    Args:
        folder: Folder to write.
        progress: See :data:`charrobust.progress.Progress`.

    Returns:
        What was found, and where it was written.

    Raises:
        UserError: The folder cannot be written, or holds a model of another run.
    """
    others = {path.name for path in folder.iterdir()} - _OURS if folder.is_dir() else set()
    if others:
        raise UserError(f"{folder} holds something else ({', '.join(sorted(others)[:3])}); give a folder of its own")
    _make(folder)
    _make(folder / "attacked")
    files = []
    for number, name in enumerate(SETS):
        progress("attacking the sample sets", number, len(SETS), {})
        files += _attack(name, folder / "attacked")
    progress("attacking the sample sets", len(SETS), len(SETS), {})
    models = {name: _trained(name, folder / "models" / name, progress) for name in MODELS}
    systems = [load_system(f"{name}={path}") for name, path in models.items()]
    data = load_data("reviews:test")

    def evaluating(stage: str, done: int, total: int, metrics: Mapping[str, float]) -> None:
        progress(f"evaluating {stage}" if stage in MODELS else stage, done, total, metrics)

    attackers = [
        *plan_attackers(ATTACKS),
        *plan_attackers(BY_OPERATOR, per_operator=True),
        *plan_attackers([WORST], search_budget=QUERIES, store=folder / SEARCHES, progress=evaluating),
    ]
    versions = make_versions(data, attackers, systems)
    results = evaluate_versions(systems, data, versions, output=folder, progress=evaluating)
    write_results(results, folder / "results.json")
    sensitivity = _sensitivity(data, progress)
    sensitivity.save(folder / FILE)
    progress("writing the report", 0, 1, {})
    page = write_report(results, folder, sensitivity=sensitivity)
    progress("writing the report", 1, 1, {})
    return Demo(results, sensitivity, page, tuple(files))


def _make(folder: Path) -> None:
    """Make a folder, unless it is there.

    Raises:
        UserError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}; give another folder with --output") from error


def _attack(name: str, folder: Path) -> list[Path]:
    """Attack a sample set with the recipe ``everyday``; return the files written."""
    opened = open_source(name)
    stem, _, suffix = opened.format.path.name.partition(".")
    output, edits = folder / f"{stem}.everyday.{suffix}", folder / f"{stem}.everyday.edits.jsonl"
    attack_file(opened.format, opened.task, Attack.load("everyday"), output=output, edits=edits)
    return [output, edits]


def _trained(name: str, folder: Path, progress: Progress) -> Path:
    """Fine-tune a model on the sample reviews, unless that is done."""
    train, test = load_data("reviews:train"), load_data("reviews:test")
    configuration = load_finetuning(None, {"model": name, "training.epochs": 3, "training.keep": "last"})
    finetune(
        configuration,
        train,
        test,
        output=folder,
        resume=(folder / SETTINGS).exists(),
        progress=lambda stage, *rest: progress(f"{stage} {name}", *rest),
    )
    return folder


def _sensitivity(data: DataSet, progress: Progress) -> Sensitivity:
    """Measure how far typos move the words of the data that are evaluated on inside both encoders."""
    noised = NoisedSentences.of_examples(data.examples, data.task, Attack.load("charbert"))
    return measure_sensitivity(
        {name: name for name in MODELS},
        noised,
        data=data.name,
        progress=lambda name, *rest: progress(f"looking inside {name}", *rest),
    )
