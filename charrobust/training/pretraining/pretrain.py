"""A pre-training run: from text to a model, with all that tells how it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import PrinterCallback, TrainingArguments, set_seed

from charrobust.datasets.formats.base import replacing
from charrobust.errors import missing_extra
from charrobust.models.channels import save_channel
from charrobust.progress import Progress, no_progress
from charrobust.training.checkpoints import last_whole_checkpoint
from charrobust.training.engine import Recorder
from charrobust.training.interruptions import Interrupted, Stop, memory_advice
from charrobust.training.manifest import claim, write_manifest
from charrobust.training.pretraining.card import model_card
from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.evaluation import Evaluation, evaluate
from charrobust.training.pretraining.manifest import BEFORE_CHECKPOINTS, MANIFEST, WARM_START, check_same, new_manifest
from charrobust.training.pretraining.models import build_model, build_teacher, load_tokenizer
from charrobust.training.pretraining.objective import Objective
from charrobust.training.pretraining.schedule import Schedule
from charrobust.training.pretraining.texts import Sources, Texts, prepare
from charrobust.training.pretraining.trainer import PretrainingTrainer, training_arguments
from charrobust.training.pretraining.warm_start import TAUGHT, warm_start


@dataclass(frozen=True)
class Pretrained:
    """What a run yields.

    Attributes:
        output: Folder of the model.
        steps: Steps done, those before a resumption among them.
        evaluation: What was measured at the end.
        metrics: The last log entry of the training.
    """

    output: Path
    steps: int
    evaluation: Evaluation
    metrics: Mapping[str, float]


def pretrain(
    configuration: Configuration,
    corpus: Sequence[str | Path],
    output: str | Path,
    *,
    resume: bool = False,
    evaluation: Sequence[str | Path] = (),
    column: str = "text",
    language: str | None = None,
    progress: Progress = no_progress,
) -> Pretrained:
    """Pre-train a model on running text, and write it with all that tells how it came about.

    ``output`` then holds the model and its tokenizer, ``README.md`` (a model card), ``pretraining.json`` (settings,
    versions, measures), ``metrics.jsonl``, ``word_vocabulary.json``, the packed text and the last two checkpoints.

    Args:
        configuration: What the run is made of.
        corpus: Text to train on; see :func:`charrobust.training.corpora.documents`. May be empty on resumption.
        output: Folder to write.
        resume: Whether to go on from the last whole checkpoint there, exactly as if there had been no end.
        evaluation: Text to measure on; without any, the last hundredth of the corpus' blocks, which is then not
            trained on.
        column: The column that holds the text, where there are columns.
        language: Language of the corpus for the model card, such as ``en``.
        progress: Called with a stage, how far it is, where it ends (0 if unknown) and the newest metrics.

    Raises:
        UserError: Something given does not serve: text, folder, backbone, options, memory; or, on resumption, the
            configuration differs from that of the run.
        Interrupted: A signal ended the run.
    """
    output = Path(output)
    _check_tensorboard(configuration)
    arguments = training_arguments(configuration, output)
    manifest = new_manifest(configuration, corpus, evaluation, arguments.world_size)
    tokenizer = load_tokenizer(configuration)
    with arguments.main_process_first(local=False):
        manifest = _begin(output, manifest, arguments, resume=resume)
        texts = prepare(configuration, Sources(corpus, evaluation, column), output, tokenizer, progress)
    checkpoint = last_whole_checkpoint(output) if resume else None
    with _memory_advice(configuration):
        trainer, found = _train(configuration, texts, arguments, checkpoint, manifest, progress)
    trainer.save_model(str(output))
    if arguments.should_save:
        if configuration.training.freeze_backbone:
            save_channel(trainer.accelerator.unwrap_model(trainer.model), output / "channel", configuration.backbone)
        _finish(output, texts, manifest, found, language)
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    return Pretrained(output, trainer.state.global_step, found, logged[-1] if logged else {})


def _check_tensorboard(configuration: Configuration) -> None:
    if configuration.training.tensorboard and not (find_spec("tensorboard") or find_spec("tensorboardX")):
        raise missing_extra("tensorboard", "tensorboard", "writing metrics for TensorBoard")


def _begin(output: Path, manifest: dict[str, Any], arguments: TrainingArguments, *, resume: bool) -> dict[str, Any]:
    """Make the run's folder, or check that the run there may go on; the first process does this."""
    if resume:
        manifest = check_same(output, manifest)
    if arguments.should_save:
        write_manifest(output, manifest, MANIFEST) if resume else claim(output, manifest, MANIFEST, BEFORE_CHECKPOINTS)
    return manifest


def _train(
    configuration: Configuration,
    texts: Texts,
    arguments: TrainingArguments,
    checkpoint: Path | None,
    manifest: dict[str, Any],
    progress: Progress,
) -> tuple[PretrainingTrainer, Evaluation]:
    """Build the model, train it, and measure it."""
    output = Path(str(arguments.output_dir))
    set_seed(configuration.training.seed)
    student = build_model(configuration, texts.words)
    if checkpoint is None and configuration.warm_start.steps:
        manifest["warm_start"] = _warm_start(configuration, student, texts, output, progress)
    with Stop() as stop:
        trainer = _trainer(configuration, student, texts, arguments, Recorder(output, progress, stop))
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    state = trainer.state
    if state.global_step < state.max_steps:
        raise Interrupted(state.global_step, state.max_steps, output)
    return trainer, trainer.found or trainer.measure()


def _warm_start(
    configuration: Configuration, student: Any, texts: Texts, output: Path, progress: Progress
) -> dict[str, Any]:
    """Do the warm start, or take what it yielded before the run was interrupted."""
    options, path = configuration.warm_start, output / WARM_START
    if path.exists():
        with safe_open(path, "pt") as file:
            done = json.loads(file.metadata()["warm_start"])
        student.load_state_dict(load_file(path), strict=False)
        return dict(done)
    done = warm_start(
        student,
        texts.tokenizer,
        texts.word_counts(),
        configuration.data.recipe,
        steps=options.steps,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=configuration.training.seed,
        progress=progress,
    )
    kept = {name: value for name, value in student.state_dict().items() if name.startswith(TAUGHT)}
    with replacing(path) as temporary:
        save_file(kept, temporary, {"warm_start": json.dumps(asdict(done))})
    return asdict(done)


def _trainer(
    configuration: Configuration, student: Any, texts: Texts, arguments: TrainingArguments, recorder: Recorder
) -> PretrainingTrainer:
    training = configuration.training
    length = training.steps * training.batch_size * training.accumulation * arguments.world_size
    held_out = texts.held_out()
    teacher: Any = build_teacher(configuration)
    trainer = PretrainingTrainer(
        student,
        arguments,
        data_collator=texts.collator(),
        train_dataset=Schedule(texts.blocks, length, training.seed),
        eval_dataset=held_out.blocks,
        callbacks=[recorder],
        objective=Objective(configuration.objective, None if teacher is None else teacher.to(arguments.device)),
        measure=partial(evaluate, held_out=held_out, device=arguments.device),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _finish(output: Path, texts: Texts, manifest: dict[str, Any], found: Evaluation, language: str | None) -> None:
    """Write what stands beside the weights."""
    (output / "training_args.bin").unlink(missing_ok=True)  # a pickle, and all that is in it is in the manifest
    texts.tokenizer.save_pretrained(output)
    write_manifest(output, manifest | {"measured": asdict(found)}, MANIFEST)
    card = model_card(
        output.resolve().name, texts.configuration, found, manifest["corpus"], manifest["versions"], language=language
    )
    (output / "README.md").write_text(card, encoding="utf-8")


def _memory_advice(configuration: Configuration) -> AbstractContextManager[None]:
    """Say what to do where memory runs out."""
    training, size = configuration.training, configuration.data.block_size
    return memory_advice(
        training.batch_size, training.accumulation, f"blocks of {size} tokens", f"data.block_size than {size}"
    )
