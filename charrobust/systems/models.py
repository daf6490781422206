"""Models of the transformers library by directory or hub id, loaded as systems."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError
from charrobust.models.segmentation import Segmentation
from charrobust.models.telling import telling
from charrobust.models.weights import a_pooler, nothing
from charrobust.systems.beside import Beside, finetuning_run, read_beside, served_task
from charrobust.systems.devices import device_of
from charrobust.systems.loading import (
    check_vocabulary,
    length_limit,
    load_config,
    load_model,
    load_tokenizer,
    place_of,
)
from charrobust.systems.precision import in_bfloat16
from charrobust.systems.predictor import Predictor
from charrobust.systems.screened import Screened
from charrobust.systems.seeds import Seeds, seed_folders
from charrobust.systems.system import System
from charrobust.tasks.base import Task
from charrobust.tasks.head import TaskHead

if TYPE_CHECKING:
    from charrobust.systems.naming import SystemOptions


def load_predictor(
    path: str | Path,
    *,
    batch_size: int = 32,
    max_length: int | None = None,
    device: str | None = None,
    options: dict[str, Any] | None = None,
    asked: type[Task] | None = None,
    trust_remote_code: bool = False,
    segmentation: Segmentation | None = None,
    screen: bool = False,
) -> Predictor:
    """Load a fine-tuned model.

    Args:
        path: A directory that ``charrobust finetune`` wrote, or any model of the transformers library with a head
            for a task, by directory or hub id.
        batch_size: Windows of a batch at most.
        max_length: Tokens of a window at most; None for what it was trained with.
        device: Where it runs, see :func:`.device_of`; None for a GPU where there is one.
        options: Options of the task's head, such as ``no_answer``, for a model that does not say what it was trained
            on; those that its head does not have are left out.
        asked: The class of the task of the data, where that is known: a model without a head is asked for it, where
            that needs none (:attr:`~charrobust.tasks.head.TaskHead.needs_head`), and so is a model of another task that
            it can ask, as spans can ask models that tag words.
        trust_remote_code: Whether code that lies with the model is run.
        segmentation: How it reads words in other pieces than its tokenizer's; None for the tokenizer's own.
        screen: Whether searches ask it in half precision first (:class:`.Screened`), where that is the faster one.

    Returns:
        The model, ready to be asked.

    Raises:
        UserError: Nothing of that name, a model without such a head or with code of its own, or weights are missing.
    """
    given = options or {}
    # Damaged files make the library fail late, too, as when a configuration is asked for its labels.
    with telling(path):
        files = read_beside(path, asked, trust_remote_code=trust_remote_code)
        return _predictor(
            path,
            files,
            options=given,
            max_length=max_length,
            batch_size=batch_size,
            device=device,
            segmentation=segmentation,
            screen=screen,
        )


def load_encoder(
    path: str | Path,
    task: type[Task],
    head: type[TaskHead],
    *,
    batch_size: int = 32,
    device: str | None = None,
    trust_remote_code: bool = False,
) -> Predictor:
    """Load a model of which only the encoder is asked.

    Args:
        path: An encoder of the transformers library or of sentence-transformers, by directory or hub id.
        task: The class of the task that its answers are for.
        head: How it is asked; one that needs nothing on the encoder.
        batch_size: Windows of a batch at most.
        device: Where it runs, see :func:`.device_of`; None for a GPU where there is one.
        trust_remote_code: Whether code that lies with the encoder is run.

    Returns:
        The encoder, ready to be asked.

    Raises:
        UserError: Nothing of that name, or a model of sentence-transformers with parts that are not known.
    """
    config = load_config(path, trust_remote_code=trust_remote_code)
    tokenizer = load_tokenizer(path, trust_remote_code=trust_remote_code)
    files = Beside(str(path), task, head, config, tokenizer, run={}, trust_remote_code=trust_remote_code)
    with telling(path):
        return _predictor(path, files, options={}, batch_size=batch_size, device=device)


def _predictor(
    path: str | Path,
    files: Beside,
    *,
    options: dict[str, Any],
    max_length: int | None = None,
    batch_size: int,
    device: str | None,
    segmentation: Segmentation | None = None,
    screen: bool = False,
) -> Predictor:
    """Load the weights of a model, and ask it as the files beside them say."""
    chosen = device_of(device)  # refused before anything large is loaded
    head = files.head
    # Of an encoder the states of tokens are read, which do not pass through its pooler.
    may_lack = nothing if head.needs_head else a_pooler
    loaded, _ = load_model(path, head.auto_class, may_lack=may_lack, trust_remote_code=files.trust_remote_code)
    check_vocabulary(path, loaded, files.tokenizer)
    model = head.prepare(loaded)
    model.train(mode=False)
    files.set_padding(model.config)
    model.to(chosen)
    settings = files.settings(length_limit(model, files.tokenizer), options=options, max_length=max_length)
    name = Path(path).absolute().name
    if segmentation is not None:
        name = f"{name} (segmentation dropout {segmentation.rate:g})"
    if screen and not head.has_log_odds:
        raise UserError(
            f"model {path}: `screen` goes by margins in log odds, and those of its task are none; leave it out"
        )
    kind = Predictor
    if screen and in_bfloat16("bfloat16", chosen):
        kind, name = Screened, f"{name} (screened in bfloat16)"
    return kind(
        model,
        files.tokenizer,
        settings,
        name=name,
        batch_size=batch_size,
        source=str(path),
        segmentation=segmentation,
    )


def load_models(path: str, options: SystemOptions) -> System:
    """Load a fine-tuned model, the models of all seeds of a run, or an encoder that a classifier is fitted on.

    Args:
        path: See :func:`load_predictor`; also a folder in which ``charrobust finetune`` wrote several seeds.
        options: How it is loaded; with a training set, a model without a head is one, too.

    Returns:
        The model, or the models.

    Raises:
        UserError: As of :func:`load_predictor`, a run of several seeds is not finished, a classifier of vectors is to
            read words in other pieces, or search an index, or vectors are to be screened.
    """
    dropout = options.segmentation_dropout
    load = partial(
        load_predictor,
        batch_size=options.batch_size,
        device=options.device,
        options=options.head_options,
        asked=options.task,
        trust_remote_code=options.trust_remote_code,
        segmentation=Segmentation(dropout) if dropout else None,
        screen=options.screen,
    )
    folders = seed_folders(Path(place_of(path)))
    if options.screen and (options.index is not None or options.fit_on is not None):
        raise UserError(
            "`screen` lets fine-tuned models run in half precision, without `fit_on` or `index`; leave it out"
        )
    if options.index is not None and options.fit_on is not None:
        raise UserError(
            "an `index` is for encoders of queries, `fit_on` for encoders of texts with a target; leave one of them out"
        )
    if options.index is not None:
        from charrobust.systems.index import OnIndex

        return OnIndex(load(path), load(options.index, segmentation=None))
    if not folders:
        if options.fit_on is None or not _lacks_head(path, options):
            return load(path)
        if dropout:
            raise UserError(f"a classifier of the vectors of {path} takes no `segmentation_dropout`; leave it out")
        from charrobust.systems.vector_classifier import load_vector_classifier

        return load_vector_classifier(path, options)
    return Seeds(Path(path).absolute().name, [load(folder) for folder in folders], source=path)


def _lacks_head(path: str | Path, options: SystemOptions) -> bool:
    """Tell whether a model is an encoder without a head, and the wanted task asks none such."""
    if options.task is not None and not options.task.head_class().needs_head:
        return False
    config = load_config(path, trust_remote_code=options.trust_remote_code)
    return not finetuning_run(Path(place_of(path))) and served_task(config) is None
