"""A fine-tuning run: from examples to a model for a task, with all that tells how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from transformers import set_seed

from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import load_data
from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.models.sentence_files import read_sentence_files, write_sentence_files
from charrobust.progress import Progress, no_progress
from charrobust.settings import read_values
from charrobust.systems.loading import check_vocabulary, has_segments, load_tokenizer, place_of
from charrobust.systems.predictor import SETTINGS, Predictor, Settings
from charrobust.tasks.windows.windower import Windower
from charrobust.training.attacked import AttackedData
from charrobust.training.engine import Recorder, train_to_end
from charrobust.training.finetuning.behind import Behind
from charrobust.training.finetuning.card import finetuning_card
from charrobust.training.finetuning.checks import checked_labels
from charrobust.training.finetuning.due_batches import DueBatches
from charrobust.training.finetuning.losses import TaskLoss
from charrobust.training.finetuning.models import build_model, freeze
from charrobust.training.finetuning.plan import Plan
from charrobust.training.finetuning.settings import FinetuningConfiguration
from charrobust.training.finetuning.trainer import (
    BEST,
    FinetuningTrainer,
    Measure,
    best_of,
    evaluations,
    finetuning_arguments,
    is_over,
)
from charrobust.training.finetuning.training_batches import TrainingBatches
from charrobust.training.interruptions import Stop, memory_advice
from charrobust.training.manifest import read_manifest
from charrobust.training.run import Run, RunKind
from charrobust.training.trackers import check_trackers

FINETUNING = RunKind(
    SETTINGS,
    FinetuningConfiguration,
    fixed=("task", "columns", "data", "examples", "digests", "seed"),
    early=(BEST,),
)
_SMALLEST_BATCH = 32  # windows that are measured at once, at least


@dataclass(frozen=True)
class Finetuned:
    """What a run with one seed yields.

    Attributes:
        output: Folder of the model.
        seed: The seed.
        steps: Steps done, those before a resumption among them.
        measured: Metrics on the evaluation data, the main one first.
        new_weights: Names of the weights that the encoder did not bring, those of the head.
    """

    output: Path
    seed: int
    steps: int
    measured: Mapping[str, float]
    new_weights: tuple[str, ...] = ()


def finetune(
    configuration: FinetuningConfiguration,
    train: DataSet | Any,
    evaluation: DataSet | Any,
    *,
    output: str | Path,
    seed: int = 1,
    attacks: Sequence[str] = (),
    resume: bool = False,
    keep_checkpoints: bool = False,
    device: str | None = None,
    trust_remote_code: bool = False,
    progress: Progress = no_progress,
) -> Finetuned:
    """Fine-tune a model, and write it with all that tells how it came about.

    ``output`` then holds the model and its tokenizer, ``README.md`` (a model card), ``finetuning.json`` (settings,
    versions, measures) and ``metrics.jsonl``.

    Args:
        configuration: What the run is made of.
        train: What is trained on, or what :func:`load_data` makes one of; tells the task.
        evaluation: What is measured on, likewise.
        output: Folder to write.
        seed: Seed of new weights, order and noise.
        attacks: Recipes under which the kept model is scored on the evaluation data, too, for its card.
        resume: Whether to go on from the last whole checkpoint there, exactly as if there had been no end; a run that
            is finished stays.
        keep_checkpoints: Whether the last checkpoint is kept once the run is finished.
        device: Where the model is trained: ``cpu``, ``cuda``, ``mps``; None for a GPU where there is one.
        trust_remote_code: Whether code that lies with the encoder is run.
        progress: See :data:`charrobust.progress.Progress`.

    Returns:
        Where the model was written, and what was measured.

    Raises:
        UserError: Something given does not serve: data, folder, model, options, memory; or, on resumption, the
            configuration or the data differ from those of the run, or it is finished and was not scored under the
            attacks.
        Interrupted: A signal ended the run.
    """
    check_trackers(configuration.training.report_to)
    output, train, evaluation = Path(output), load_data(train), load_data(evaluation)
    labels, behind = checked_labels(train, evaluation), Behind.of(configuration.behind, type(train.task))
    plan = Plan(configuration, train, evaluation, labels=labels, behind=behind, seed=seed)
    if configuration.noise.consistency:
        train.task.check_comparable()
    attacked = AttackedData(evaluation, attacks) if attacks else None
    if resume:
        _refuse_several_seeds(output)
    run = Run(FINETUNING, output, plan.manifest(), resumes=resume, progress=progress)
    # Measures are written last of all: a run that has them is finished, and resuming it changes nothing.
    if "measured" not in run.manifest:
        _finetune(plan, run, attacked, device=device, trust_remote_code=trust_remote_code)
        if not keep_checkpoints:
            run.remove_checkpoints()
    elif attacked is not None:
        _refuse_other_attacks(run, attacked)
    manifest = run.manifest
    # Of a run that was finished before, a file tells; one of an earlier version does not tell which weights were new.
    kept = {name: manifest.get(name) for name in ("steps", "measured")}
    kept["new_weights"] = manifest.get("new_weights", [])
    return Finetuned(output, seed, **read_values(Finetuned, kept, str(output / SETTINGS)))


def _refuse_several_seeds(output: Path) -> None:
    """Refuse to go on with one of several seeds by the folder of all.

    Raises:
        UserError: The folder holds a run with several seeds.
    """
    seeds = read_manifest(output, SETTINGS).get("seeds")
    if seeds is not None:
        listed = ", ".join(map(str, seeds))
        raise UserError(f"{output} holds a run with the seeds {listed}; go on with all of them, or name one's folder")


def _refuse_other_attacks(run: Run, attacked: AttackedData) -> None:
    """Refuse attacks under which a run that is finished was not scored.

    Raises:
        UserError: There are some.
    """
    scored = run.manifest.get("attacked") or ()
    others = [name for name in attacked.names[1:] if name not in scored]
    if others:
        raise UserError(
            f"the run in {run.output} is finished, and its model was not scored under {', '.join(others)}; leave "
            "these attacks out, and score it with `charrobust evaluate`"
        )


def _finetune(
    plan: Plan, run: Run, attacked: AttackedData | None, *, device: str | None, trust_remote_code: bool
) -> None:
    """Do a run, and write what it yields."""
    configuration = plan.configuration
    # Before the model, whose new head is random.
    set_seed(plan.seed)
    tokenizer = load_tokenizer(configuration.model, trust_remote_code=trust_remote_code)
    model, new = build_model(
        configuration.model, configuration.use, type(plan.task), plan.labels, trust_remote_code=trust_remote_code
    )
    check_vocabulary(configuration.model, model, tokenizer)
    frozen = freeze(model, configuration.training.freeze)
    settings = plan.settings(model, tokenizer)
    windower = Windower(tokenizer, settings.max_length, settings.stride, has_segments(model))
    batches = plan.batches(windower, settings)
    due = _due(plan, batches, model, settings)
    run.manifest |= {**settings.as_record(), "new_weights": list(new), "weights": _weights(model, frozen)}
    # The folder is touched only now, when model, tokenizer and data are known to serve.
    training, length = configuration.training, settings.max_length
    advice = memory_advice(
        training.batch_size,
        training.accumulation,
        what=f"windows of {length} tokens",
        smaller=f"`reading.max_length` than {length}",
    )
    with run.claimed():
        with advice:
            build = partial(_trainer, plan, run, model, batches=batches, due=due, settings=settings, device=device)
            trainer = _train(run, build, configuration)
            run.manifest |= _kept(trainer, run.output, configuration)
        tokenizer.save_pretrained(run.output)
        if attacked is not None:
            # The weights that are kept, which need not be the last.
            kept: Any = type(model).from_pretrained(run.output)
            kept.train(mode=False).to(trainer.args.device)
            run.manifest["attacked"] = attacked.scores(plan.behind.before(Predictor(kept, tokenizer, settings)))
        if not settings.head.needs_head:  # vectors are what it is for, and stay made as they were
            write_sentence_files(read_sentence_files(place_of(configuration.model)), run.output)
        run.finish(finetuning_card(run.output.resolve().name, run.manifest))


def _weights(model: Any, frozen: list[str]) -> dict[str, Any]:
    """Return how many weights there are, how many of them are trained, and how the names of the others begin."""
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    return {"all": model.num_parameters(), "trained": trained, "frozen": frozen}


def _due(plan: Plan, batches: TrainingBatches, model: Any, settings: Settings) -> DueBatches | None:
    """Return the batches as they are made late, for adversarial training; None without it."""
    adversary = batches.material.adversary
    if adversary is None:
        return None
    asked = plan.behind.before(Predictor(model, batches.material.windower.tokenizer, settings))
    due = DueBatches(batches, adversary, model, asked)
    due.check()
    return due


def _trainer(
    plan: Plan,
    run: Run,
    model: Any,
    recorder: Recorder,
    *,
    batches: TrainingBatches,
    due: DueBatches | None,
    settings: Settings,
    device: str | None,
) -> FinetuningTrainer:
    """Return what trains the model."""
    configuration, windower = plan.configuration, batches.material.windower
    measured = replace(plan.evaluation, examples=tuple(plan.behind.read(plan.evaluation.examples)))
    measure = Measure(
        measured,
        settings.head.windows(windower, measured.examples),
        tokenizer=windower.tokenizer,
        settings=settings,
        batch_size=max(_SMALLEST_BATCH, configuration.training.batch_size),
    )
    # Where there is an adversary, batches are due: it searches them when their turn comes.
    dataset, make = (batches, None) if due is None else (due, due.made)
    return FinetuningTrainer(
        model,
        finetuning_arguments(configuration, run.output, seed=plan.seed, per_epoch=batches.per_epoch, device=device),
        data_collator=_only,
        train_dataset=dataset,
        # For the Trainer's checks alone, which wants data where it is to evaluate; `measure` has its own.
        eval_dataset=plan.evaluation.examples,
        callbacks=[recorder],
        loss=TaskLoss(settings.head, configuration.noise.consistency),
        measure=measure,
        patience=configuration.training.patience,
        keep_best=configuration.training.keep == "best",
        make=make,
    )


def _train(run: Run, build: Any, configuration: FinetuningConfiguration) -> FinetuningTrainer:
    """Train a model to the end of the run, or take up weights and state of one that had ended.

    Raises:
        Interrupted: A signal ended the run.
    """
    trainer: FinetuningTrainer
    patience = configuration.training.patience
    # The Trainer would go on behind an early end: it sees the number of steps, and not that patience had run out.
    if run.checkpoint is None or not _had_ended(run.checkpoint, patience):
        trainer = train_to_end(run, build)
    else:
        trainer = build(Recorder(run.output, run.progress, Stop()))
        trainer._load_from_checkpoint(str(run.checkpoint))
        trainer.state = trainer.state.load_from_json(str(run.checkpoint / "trainer_state.json"))
    # An early end by patience is no interruption, though steps are left.
    if not is_over(evaluations(trainer.state.log_history), patience):
        run.check_ended(trainer.state.global_step, trainer.state.max_steps)
    return trainer


def _had_ended(checkpoint: Path, patience: int) -> bool:
    """Tell whether a run had ended early when a checkpoint was written."""
    state = parse_json((checkpoint / "trainer_state.json").read_bytes())
    return is_over(evaluations(state["log_history"]), patience)


def _kept(trainer: FinetuningTrainer, output: Path, configuration: FinetuningConfiguration) -> dict[str, Any]:
    """Put the model that is kept in its place; return the steps done and what was measured of it."""
    measured = evaluations(trainer.state.log_history)
    # The last steps may come behind the last evaluation, and may have made the best model.
    if not measured or measured[-1]["step"] != trainer.state.global_step:
        trainer.evaluate()
        measured = evaluations(trainer.state.log_history)
    if configuration.training.keep == "best":
        chosen = measured[best_of(measured)]
        _move_up(output / BEST)
    else:
        chosen = measured[-1]
        trainer.save_model(str(output))
    metrics = {name: value for name, value in chosen.items() if name != "step"}
    return {"steps": trainer.state.global_step, "kept_step": chosen["step"], "measured": metrics}


def _move_up(folder: Path) -> None:
    """Move what a folder holds to the one above it; done already where there is none."""
    if folder.is_dir():
        for path in folder.iterdir():
            # File by file: after an interruption, the next call moves those that are left.
            path.replace(folder.parent / path.name)
        folder.rmdir()


def _only(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one item of a list: the data are batches already."""
    return items[0]
