"""Fine-tuned models as functions from examples to predictions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from charrobust.errors import UserError, hint
from charrobust.json_text import read_json
from charrobust.models.segmentation import Segmentation
from charrobust.models.telling import telling, told
from charrobust.models.weights import a_pooler, nothing
from charrobust.progress import Progress, no_progress
from charrobust.systems.devices import device_of
from charrobust.systems.finite import not_finite
from charrobust.systems.loading import (
    check_vocabulary,
    has_segments,
    length_limit,
    load_config,
    load_model,
    load_tokenizer,
    place_of,
)
from charrobust.systems.seeds import Seeds, seed_folders
from charrobust.systems.system import System
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import TaskHead, architecture
from charrobust.tasks.metrics import Array
from charrobust.tasks.registry import task_class, task_classes, task_names
from charrobust.tasks.windows.batching import Padding, by_length
from charrobust.tasks.windows.windower import Window, Windower

if TYPE_CHECKING:
    from charrobust.systems.naming import SystemOptions

SETTINGS = "finetuning.json"
_TOKENS = 4096  # tokens of a batch at most
_READING = ("special_tokens_map", "padding_side", "truncation_side")  # of a tokenizer, besides what it is made of
_CODE = ("charrobust", "transformers", "tokenizers")
_UNTOLD = ("_name_or_path", "transformers_version", "dtype")  # of a configuration, what changes no prediction


@dataclass(frozen=True)
class Settings:
    """How a model is asked.

    Attributes:
        task: The class of the task.
        head: How the model is asked for the task, and the names of its classes or tags.
        max_length: Tokens of a window at most.
        stride: Tokens that neighbouring windows of a long example share.
        texts: Texts of an example, where that is known: two of a pair.
    """

    task: type[Task]
    head: TaskHead
    max_length: int
    stride: int
    texts: int | None = None

    def as_record(self) -> dict[str, Any]:
        """Return what is written about the settings beside a model."""
        options = {name: getattr(self.head, name) for name in self.head.options()}
        return {"task": self.task.name, "max_length": self.max_length, "stride": self.stride, **options}


class Predictor(System):
    """A model of the transformers library with all that is needed to ask it.

    Attributes:
        name: Its name.
        model: The model.
        tokenizer: Its tokenizer.
        settings: How it is asked.
        batch_size: Windows of a batch at most.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        settings: Settings,
        *,
        name: str = "",
        batch_size: int = 32,
        source: str = "",
        segmentation: Segmentation | None = None,
    ) -> None:
        """Take a model into use.

        Args:
            model: A model of the transformers library with a head.
            tokenizer: Its tokenizer.
            settings: How it is asked.
            name: What it is called in messages.
            batch_size: Windows of a batch at most.
            source: Where it came from.
            segmentation: How it reads words in other pieces than the tokenizer's; None for the tokenizer's own.
        """
        settings.head.check_tokenizer(settings.task.name, tokenizer)
        self.name, self.model, self.tokenizer, self.settings = name, model, tokenizer, settings
        self.task, self.labels, self.texts = settings.task, settings.head.labels, settings.texts
        self.batch_size, self.source = batch_size, source
        self._segmentation = segmentation
        reading = tokenizer if segmentation is None else segmentation.of(tokenizer)
        self._windower = Windower(reading, settings.max_length, settings.stride, self._reads_segments())
        self._pad = Padding.of(tokenizer)
        self._read_beside: dict[str, Any] = {}  # what the model has read besides examples, such as a corpus
        # the released CharBERT models let padding into their sums: they are asked without any
        config = getattr(model.config, "encoder_config", None) or model.config
        self._equal = getattr(config, "padding", None) == "released"

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on: weights, configuration, tokenizer, settings, the code."""
        digest = self._digest()
        for name, value in sorted(self.model.state_dict().items()):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.detach().cpu().reshape(-1).contiguous().view(torch.uint8).numpy().data)
        return str(digest.hexdigest())

    def _digest(self, *code: str) -> Any:
        """Return a digest of configuration, tokenizer, settings and code, to which weights are to be added.

        Args:
            code: Versions of further packages.
        """
        digest = hashlib.sha256()
        config = {key: value for key, value in self.model.config.to_dict().items() if key not in _UNTOLD}
        reading = [getattr(self.tokenizer, name) for name in _READING]
        versions = [*map(version, _CODE), *code]
        digest.update(json.dumps([config, self._asked, reading, versions], sort_keys=True, default=str).encode())
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        vocabulary = json.dumps(self.tokenizer.get_vocab(), sort_keys=True)
        digest.update((vocabulary if backend is None else backend.to_str()).encode())
        return digest

    def _reads_segments(self) -> bool:
        """Tell whether the model tells the texts of a pair by segments."""
        return has_segments(self.model)

    @property
    def _asked(self) -> list[Any]:
        """How the model is asked, in the form that fingerprints are made of."""
        asked = [self.settings.as_record(), asdict(self.settings.head), self.settings.texts]
        # Beside the others where there is one, so that all other models keep their fingerprints.
        return asked if self._segmentation is None else [*asked, asdict(self._segmentation)]

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Predict.

        Args:
            examples: The examples; their targets are not looked at.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            A prediction for each, in order.
        """
        return self.predict_windows(self.windows(examples), examples, progress)

    def windows(self, examples: Sequence[Example]) -> list[Window]:
        """Return what the model reads of examples."""
        return self.settings.head.windows(self._windower, examples)

    def predict_windows(
        self,
        windows: Sequence[Window],
        examples: Sequence[Example],
        progress: Progress = no_progress,
    ) -> list[Prediction]:
        """Predict from windows that are made already.

        Args:
            windows: The windows of all examples.
            examples: See :meth:`predict`.
            progress: See there.

        Returns:
            A prediction for each example.
        """
        readings = self._readings(windows, examples, self._advance(progress, windows, examples))
        return self.settings.head.predictions_beside(windows, readings, examples, ask=self._ask, kept=self._read_beside)

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: of a softmax, or of a sigmoid for each label; None for tasks without classes a text."""
        if type(self.settings.head).class_scores is TaskHead.class_scores:
            return None
        windows = self.windows(examples)
        advance = self._advance(progress, windows, examples)
        rows = self._readings(windows, examples, advance, read=self._class_scores)
        return np.array(rows, np.float64).reshape(len(rows), len(self.labels))

    def _class_scores(self, outputs: Any, _batch: Sequence[Window], _padding: Padding) -> list[Any]:
        scores = self.settings.head.class_scores(outputs)
        return [] if scores is None else scores.tolist()

    def _advance(
        self, progress: Progress, windows: Sequence[Window], examples: Sequence[Example]
    ) -> Callable[[int], object]:
        """Return what is told the number of windows done, and tells that of examples."""
        return lambda done: progress(self.name, done * len(examples) // len(windows), len(examples), {})

    def _ask(self, examples: Sequence[Example]) -> list[Any]:
        """Return what the model says of the windows of examples."""
        return self._readings(self.windows(examples), examples)

    @torch.inference_mode()
    def _readings(
        self,
        windows: Sequence[Window],
        examples: Sequence[Example],
        progress: Callable[[int], object] = lambda _: None,
        *,
        read: Callable[[Any, Sequence[Window], Padding], list[Any]] | None = None,
    ) -> list[Any]:
        """Return what the model says of windows.

        Args:
            windows: The windows.
            examples: Those that the windows are of.
            progress: Called with the number of windows done.
            read: Takes what it says from its outputs; None for the head's way.
        """
        take = read or self.settings.head.read
        readings: list[Any] = [None] * len(windows)
        done = 0
        device = self.model.device
        for numbers in by_length(windows, self.batch_size, _TOKENS, equal=self._equal):
            batch = [windows[number] for number in numbers]
            inputs = {name: value.to(device) for name, value in self._pad(batch).items()}
            outputs = self._outputs(inputs)
            self._check_finite(outputs, inputs, [examples[window.example].id for window in batch])
            for number, reading in zip(numbers, take(outputs, batch, self._pad), strict=True):
                readings[number] = reading
            done += len(batch)
            progress(done)
        return readings

    def _outputs(self, inputs: dict[str, torch.Tensor]) -> Any:
        """Return what the model says of a batch.

        Raises:
            UserError: It fails, as one whose configuration was damaged does.
            OutOfMemoryError: Memory ran out, which whoever chose the size of batches tells.
        """
        try:
            return self.model(**inputs)
        except (UserError, torch.OutOfMemoryError):
            raise
        except Exception as error:
            shape = tuple(inputs["input_ids"].shape)
            raise UserError(f"model {self.name!r} fails on a batch of shape {shape}: {told(error, '')}") from error

    def _check_finite(self, outputs: Any, inputs: dict[str, torch.Tensor], ids: Sequence[str]) -> None:
        """Refuse scores that are no numbers.

        Raises:
            UserError: With the example's id.
        """  # noqa: DOC501 - not_finite makes a UserError
        for name in self.settings.head.outputs:
            values = getattr(outputs, name)
            finite = torch.isfinite(values)
            # Scores of a whole text have two axes and this name; all others have a value for each token, and those of
            # padding are not read.
            of_tokens = values.ndim > 2 or name != "logits"
            if values.ndim > 2:
                finite = finite.flatten(2).all(-1)
            if of_tokens:
                finite = finite | (inputs["attention_mask"] == 0)
            rows = finite.all(1)
            if not bool(rows.all()):
                raise not_finite(self.name, ids[int(rows.int().argmin())])


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
    return Predictor(
        model,
        files.tokenizer,
        settings,
        name=name,
        batch_size=batch_size,
        source=str(path),
        segmentation=segmentation,
    )


@dataclass(frozen=True)
class Beside:
    """What the files beside the weights of a model say of it.

    Attributes:
        name: The model, as the user called it.
        task: The class of its task.
        head: The class of what asks it.
        config: Its configuration.
        tokenizer: Its tokenizer.
        run: What fine-tuning wrote about it; nothing where that is not where it comes from.
        trust_remote_code: Whether code that lies with the model is run.
    """

    name: str
    task: type[Task]
    head: type[TaskHead]
    config: Any
    tokenizer: Any
    run: dict[str, Any]
    trust_remote_code: bool = False

    def set_padding(self, config: Any) -> None:
        """Name the padding token in a configuration that names none."""
        # decoders look for the last token that is no padding
        if getattr(config, "pad_token_id", None) is None:
            config.pad_token_id = Padding.of(self.tokenizer).token

    def settings(self, limit: int, *, options: dict[str, Any], max_length: int | None = None) -> Settings:
        """Return how the model is asked.

        Args:
            limit: Tokens that it reads at most.
            options: Options of the task's head, where the model does not say what it was trained on.
            max_length: Tokens of a window at most; None for what it was trained with.

        Returns:
            The settings.

        Raises:
            UserError: Windows of that length cannot be read.
        """
        if max_length is not None and not 16 <= max_length <= limit:
            raise UserError(
                f"model {self.name!r} reads windows of 16 to {limit} tokens; got a max_length of {max_length}"
            )
        head, run = self.head, self.run
        beside = {} if run else head.options_beside(Path(place_of(self.name)))
        wanted = max_length or run.get("max_length") or beside.get("max_length") or head.max_length
        return Settings(
            self.task,
            head(labels=head.labels_of(self.config), **_head_options(head, run, options | beside)),
            max_length=min(wanted, limit),
            stride=run.get("stride", head.stride),
            texts=len(run.get("columns", {}).get("texts", ())) or None,
        )


def read_beside(path: str | Path, asked: type[Task] | None, *, trust_remote_code: bool = False) -> Beside:
    """Read the files beside the weights of a model.

    Args:
        path: As for :func:`load_predictor`.
        asked: See there.
        trust_remote_code: See there.

    Returns:
        What they say.

    Raises:
        UserError: Nothing of that name, or a model without a head for a task.
    """
    run = _finetuning_run(Path(place_of(path)))
    config = load_config(path, trust_remote_code=trust_remote_code)
    task = task_class(run["task"]) if run else _task_of(config, path, asked)
    if asked is not None and task.name in asked.asks:
        task = asked
    tokenizer = load_tokenizer(path, trust_remote_code=trust_remote_code)
    return Beside(str(path), task, task.head_class(), config, tokenizer, run, trust_remote_code)


def load_models(path: str, options: SystemOptions) -> System:
    """Load a fine-tuned model, the models of all seeds of a run, or an encoder that a classifier is fitted on.

    Args:
        path: See :func:`load_predictor`; also a folder in which ``charrobust finetune`` wrote several seeds.
        options: How it is loaded; with a training set, a model without a head is one, too.

    Returns:
        The model, or the models.

    Raises:
        UserError: As of :func:`load_predictor`, a run of several seeds is not finished, or a classifier of vectors is
            to read words in other pieces.
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
    )
    folders = seed_folders(Path(place_of(path)))
    if not folders:
        if options.fit_on is None or not _lacks_head(path, options):
            return load(path)
        if dropout:
            raise UserError(f"a classifier of the vectors of {path} takes no `segmentation_dropout`; leave it out")
        from charrobust.systems.vector_classifier import load_vector_classifier

        return load_vector_classifier(path, options)
    return Seeds(Path(path).absolute().name, [load(folder) for folder in folders], source=path)


def _head_options(head: type[TaskHead], run: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a head: those that the model was trained with, or else those that are given."""
    options = {}
    for name, default in head.options().items():
        options[name] = run.get(name, given.get(name, default))
    return options


def _finetuning_run(place: Path) -> dict[str, Any]:
    """Return what fine-tuning wrote about a model; nothing where that is not where it comes from.

    Raises:
        UserError: The run is not finished, or has several seeds.
    """
    path = place / SETTINGS
    if not path.is_file():
        return {}
    content = read_json(path, "fine-tune the model again")
    if (place / "config.json").is_file():
        return _checked(content, path)
    seeds = sorted(part.parent.name for part in place.glob("seed-*/config.json"))
    if seeds:
        raise UserError(
            f"{place} holds models of several seeds: {', '.join(seeds)}; name one, such as {place / seeds[0]}"
        )
    raise UserError(
        f"the run in {place} is not finished; go on with: charrobust finetune --output {place} --resume ..."
    )


def _checked(content: Any, path: Path) -> dict[str, Any]:
    """Return the record of a fine-tuning run, if it holds what is needed of it.

    Raises:
        UserError: It does not.
    """
    expected: dict[str, Any] = {"max_length": int, "stride": int}
    if isinstance(content, dict) and content.get("task") in task_names():
        options = task_class(content["task"]).head_class().options()
        expected |= {name: type(default) for name, default in options.items()}
        if all(type(content.get(name)) is kind for name, kind in expected.items()):
            return content
    problem = ""
    if isinstance(content, dict) and content.get("task") not in task_names():
        problem = f", got the task {content.get('task')!r}, {hint(str(content.get('task')), task_names())}"
    raise UserError(
        f"{path} is no record of a fine-tuning run: expected task ({', '.join(task_names())}), "
        f"{', '.join(expected)}{problem}; fine-tune the model again, or remove the file to have the model read as any "
        "other"
    )


def _task_of(config: Any, name: str | Path, wanted: type[Task] | None) -> type[Task]:
    """Return the task that a model has a head for, or else the wanted one, if that needs no head.

    Raises:
        UserError: It has none.
    """
    served = _served(config)
    if served is not None:
        return served
    if wanted is not None and not wanted.head_class().needs_head:
        return wanted
    more = ""
    if wanted is not None and wanted.learns_vectors():
        more = "; or give a training set with `fit_on`, for a classifier of its vectors"
    raise UserError(
        f"model {str(name)!r} is {architecture(config) or 'an encoder'}, without a head for any of the tasks "
        f"{', '.join(task_names())}; run charrobust finetune first, and give the directory that it writes{more}"
    )


def _served(config: Any) -> type[Task] | None:
    """Return the task that a model has a head for, from its configuration; None for an encoder."""
    for task in task_classes():
        # Plain text has no head, as nobody says what is right.
        if task.head and task.head_class().serves(config):
            return task
    return None


def _lacks_head(path: str | Path, options: SystemOptions) -> bool:
    """Tell whether a model is an encoder without a head, and the wanted task asks none such."""
    if options.task is not None and not options.task.head_class().needs_head:
        return False
    config = load_config(path, trust_remote_code=options.trust_remote_code)
    return not _finetuning_run(Path(place_of(path))) and _served(config) is None
