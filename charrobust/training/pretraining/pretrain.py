"""A pre-training run: from text to a model, with all that tells how it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel, TrainingArguments, set_seed

from charrobust.errors import UserError, check_lists
from charrobust.files import replacing
from charrobust.json_text import parse_json
from charrobust.models.channels import save_channel
from charrobust.models.weights import check_finite
from charrobust.packages import missing_package
from charrobust.progress import Progress, no_progress
from charrobust.training.corpora import documents
from charrobust.training.engine import Recorder, train_to_end
from charrobust.training.interruptions import Interrupted, Stop, memory_advice
from charrobust.training.pretraining.card import model_card
from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.evaluation import Evaluation, evaluate
from charrobust.training.pretraining.lexicons import words_to_know
from charrobust.training.pretraining.manifest import PRETRAINING, WARM_START, WARM_START_STATE, new_manifest
from charrobust.training.pretraining.models import build_model, build_teacher, freeze_characters, load_tokenizer
from charrobust.training.pretraining.objective import Objective
from charrobust.training.pretraining.schedule import Schedule
from charrobust.training.pretraining.steering import Checkpoint
from charrobust.training.pretraining.texts import Sources, Texts, prepare
from charrobust.training.pretraining.trainer import PretrainingTrainer, training_arguments
from charrobust.training.pretraining.warm_start import TAUGHT, Rivals, warm_start
from charrobust.training.pretraining.word_list import WordList, read_word_list
from charrobust.training.run import Run


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
    device: str | None = None,
    trust_remote_code: bool = False,
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
        language: Language of the corpus for the model card, such as ``en``; on resumption, None for that of the run.
        device: Where the model is trained: ``cpu``, ``cuda``, ``mps``; None for a GPU where there is one.
        trust_remote_code: Whether code that lies with the backbone is run.
        progress: Called with a stage, how far it is, where it ends (0 if unknown) and the newest metrics.

    Returns:
        Where the model was written, and what was measured.

    Raises:
        UserError: Something given does not serve: text, folder, backbone, options, memory; or, on resumption, the
            configuration differs from that of the run.
        Interrupted: A signal ended the run.
    """
    check_lists(corpus=corpus, evaluation=evaluation)
    if not resume:
        documents([*corpus, *evaluation], column=column)  # text that does not exist is told before a folder is made
    output = Path(output)
    _check_tensorboard(configuration)
    arguments = training_arguments(configuration, output, device)
    manifest = new_manifest(
        configuration, corpus, evaluation=evaluation, processes=arguments.world_size, language=language
    )
    tokenizer = load_tokenizer(configuration, trust_remote_code=trust_remote_code)
    with ExitStack() as held:
        # The first process claims the folder and packs the text; the others wait for it, then open what it packed.
        with arguments.main_process_first(local=False):
            run = Run(PRETRAINING, output, manifest, resumes=resume, progress=progress, writes=arguments.should_save)
            run.manifest["language"] = language or run.manifest.get("language")
            held.enter_context(run.claimed())
            sources = Sources(corpus, evaluation, column)
            texts = prepare(configuration, sources, output, tokenizer=tokenizer, progress=progress)
        return _pretrained(run, texts, arguments, trust_remote_code=trust_remote_code)


def _pretrained(run: Run, texts: Texts, arguments: TrainingArguments, *, trust_remote_code: bool) -> Pretrained:
    """Train the model of a run, measure it, and write it.

    Raises:
        Interrupted: A signal ended the run.
    """
    configuration, output = texts.configuration, run.output
    with _memory_advice(configuration):
        trainer = _train(run, texts, arguments, trust_remote_code=trust_remote_code)
        # The Trainer evaluates at the last step; a run that is resumed at its end has taken none.
        measured = trainer.newest_evaluation or trainer.measure()
    # In every process, as sharded weights are gathered from all; the library writes in the first.
    trainer.save_model(str(output))
    if run.writes:
        if configuration.training.freeze_backbone:
            save_channel(trainer.accelerator.unwrap_model(trainer.model), output / "channel", configuration.backbone)
        texts.tokenizer.save_pretrained(output)
        run.manifest["measured"] = asdict(measured)
        name = output.resolve().name
        run.finish(model_card(name, configuration, measured, manifest=run.manifest))
    return Pretrained(output, trainer.state.global_step, measured, metrics=_newest_metrics(trainer))


def _newest_metrics(trainer: PretrainingTrainer) -> Mapping[str, float]:
    """Return the last log entry of the training; nothing where none was written."""
    for entry in reversed(trainer.state.log_history):
        # Evaluations are entries too, with `eval_loss` and the like.
        if "loss" in entry:
            return dict(entry)
    return {}


def _check_tensorboard(configuration: Configuration) -> None:
    if configuration.training.tensorboard and not (find_spec("tensorboard") or find_spec("tensorboardX")):
        raise missing_package("tensorboard", "writing metrics for TensorBoard")


def _train(run: Run, texts: Texts, arguments: TrainingArguments, *, trust_remote_code: bool) -> PretrainingTrainer:
    """Build the model and train it to the end of the run.

    Raises:
        Interrupted: A signal ended the run.
    """
    configuration = texts.configuration
    # Before the model, whose new weights are random, and whatever the packing has drawn before.
    set_seed(configuration.training.seed)
    known = words_to_know(configuration, texts.corpus.words.text_counts(), texts.tokenizer)
    model = build_model(configuration, texts.words, known=known, trust_remote_code=trust_remote_code)
    if configuration.objective.nlm and configuration.recognises:
        texts = texts.of_lexicon(model)
    # A checkpoint holds the taught weights already.
    if run.checkpoint is None and configuration.warm_start.steps:
        model.to(arguments.device)  # type: ignore[arg-type]  # as the library wraps it
        run.note("warm_start", _warm_start(run, model, texts))
    if configuration.model == "charbert":
        freeze_characters(model, configuration)
    teacher = build_teacher(configuration, trust_remote_code=trust_remote_code)
    trainer = train_to_end(run, partial(_trainer, model, teacher, texts, arguments))
    run.check_ended(trainer.state.global_step, trainer.state.max_steps)
    return trainer


def _warm_start(run: Run, model: PreTrainedModel, texts: Texts) -> dict[str, Any]:
    """Do the warm start, or take what it yielded before the run was interrupted; return what was measured."""
    path = run.output / WARM_START
    if path.exists():
        return _taken_up(path, model)
    configuration, settings = texts.configuration, texts.configuration.warm_start
    rivals = Rivals(settings.adversarial, settings.adversarial_share) if settings.adversarial else None
    state = run.output / WARM_START_STATE
    with Stop() as stop:
        done = warm_start(
            model,
            texts.tokenizer,
            _words(texts),
            recipe=configuration.data.recipe,
            steps=settings.steps,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            seed=configuration.training.seed,
            rivals=rivals,
            opens=not configuration.init,
            workers=configuration.training.workers,
            # Several processes teach the same weights on the same words; one of them writes.
            checkpoint=Checkpoint(state, configuration.training.save_every, writes=run.writes),
            progress=run.progress,
            stop=stop,
        )
    if done is None:
        raise Interrupted(0, configuration.training.steps, run.output, kept="the warm start is kept as far as it came")
    taught = _taught(model)
    # Weights and measures in one file, which is renamed into place when whole: if it is there, the warm start is done.
    with replacing(path) as temporary:
        save_file(taught, temporary, {"warm_start": json.dumps(asdict(done))})
    state.unlink(missing_ok=True)
    return asdict(done)


def _words(texts: Texts) -> WordList:
    """Return the words that a warm start is taught: those of a list, or those of the corpus."""
    path = texts.configuration.data.words
    return read_word_list(path) if path else WordList.of_counts(texts.corpus.words.text_counts())


def _taught(model: PreTrainedModel) -> dict[str, Tensor]:
    """Return the weights that a warm start changes."""
    return {name: value for name, value in model.state_dict().items() if name.startswith(TAUGHT)}


def _taken_up(path: Path, model: PreTrainedModel) -> dict[str, Any]:
    """Take up what a warm start yielded before a run was interrupted; return what was measured.

    Raises:
        UserError: The file is damaged, or of another model.
    """
    try:
        with safe_open(path, "pt") as file:
            measured = dict(parse_json(file.metadata()["warm_start"]))
        weights = load_file(path)
        check_finite(weights)
        missing = _taught(model).keys() - weights.keys()
        # Not strict: the file holds the taught weights alone.
        model.load_state_dict(weights, strict=False)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"{path} is damaged ({error}); remove it, and the warm start begins anew") from error
    if missing:
        raise UserError(f"{path} lacks {', '.join(sorted(missing))}; remove it, and the warm start begins anew")
    return measured


def _trainer(
    model: PreTrainedModel,
    teacher: Any,
    texts: Texts,
    arguments: TrainingArguments,
    recorder: Recorder,
) -> PretrainingTrainer:
    configuration, held_out = texts.configuration, texts.held_out()
    training = configuration.training
    # The schedule ends with the run: the Trainer would begin it anew, and repeat its first epochs.
    blocks_seen = training.steps * training.batch_size * training.accumulation * arguments.world_size
    if teacher is not None:
        teacher = teacher.to(arguments.device)
    return PretrainingTrainer(
        model,
        arguments,
        data_collator=texts.collator(),
        train_dataset=Schedule(texts.blocks, blocks_seen, training.seed),
        eval_dataset=held_out.blocks,
        callbacks=[recorder],
        objective=Objective(configuration.objective, teacher, only_words=configuration.recognises_alone),
        measure=partial(evaluate, held_out=held_out, device=arguments.device),
    )


def _memory_advice(configuration: Configuration) -> AbstractContextManager[None]:
    """Say what to do where memory runs out."""
    training, size = configuration.training, configuration.data.block_size
    return memory_advice(
        training.batch_size,
        training.accumulation,
        what=f"blocks of {size} tokens",
        smaller=f"`data.block_size` than {size}",
    )
