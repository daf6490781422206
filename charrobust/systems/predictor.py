"""Fine-tuned models as functions from examples to predictions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from charrobust.errors import UserError, hint
from charrobust.systems.loading import has_segments, length_limit, load_config, load_model, load_tokenizer, place_of
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import TaskHead, architecture
from charrobust.tasks.registry import task_class, task_classes, task_names
from charrobust.tasks.windows.batching import Padding, by_length
from charrobust.tasks.windows.windower import Window, Windower

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


class Predictor:
    """A model with all that is needed to ask it.

    Attributes:
        name: Its name.
        model: The model.
        tokenizer: Its tokenizer.
        settings: How it is asked.
        batch_size: Windows of a batch at most.
    """

    def __init__(self, model: Any, tokenizer: Any, settings: Settings, *, name: str = "", batch_size: int = 32) -> None:
        settings.head.check_tokenizer(settings.task.name, tokenizer)
        self.name, self.model, self.tokenizer, self.settings = name, model, tokenizer, settings
        self.batch_size = batch_size
        self._windower = Windower(tokenizer, settings.max_length, settings.stride, has_segments(model))
        self._pad = Padding.of(tokenizer)
        # the released CharBERT models let padding into their sums: they are asked without any
        config = getattr(model.config, "encoder_config", None) or model.config
        self._equal = getattr(config, "padding", None) == "released"

    @property
    def task(self) -> type[Task]:
        """The class of the task."""
        return self.settings.task

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes or tags; none for tasks without labels."""
        return self.settings.head.labels

    @property
    def texts(self) -> int | None:
        """Texts of an example that the model was trained on; None where that is not known."""
        return self.settings.texts

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on: weights, configuration, tokenizer, settings, the code."""
        digest = hashlib.sha256()
        config = {key: value for key, value in self.model.config.to_dict().items() if key not in _UNTOLD}
        reading = [getattr(self.tokenizer, name) for name in _READING]
        code = [version(package) for package in _CODE]
        digest.update(json.dumps([config, self._asked, reading, code], sort_keys=True, default=str).encode())
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        vocabulary = json.dumps(self.tokenizer.get_vocab(), sort_keys=True)
        digest.update((vocabulary if backend is None else backend.to_str()).encode())
        for name, value in sorted(self.model.state_dict().items()):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.detach().cpu().reshape(-1).contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()

    @property
    def _asked(self) -> list[Any]:
        """How the model is asked, in the form that fingerprints are made of."""
        return [self.settings.as_record(), asdict(self.settings.head), self.settings.texts]

    def predict(
        self, examples: Sequence[Example], progress: Callable[[int], object] = lambda _: None
    ) -> list[Prediction]:
        """Predict.

        Args:
            examples: The examples; their targets are not looked at.
            progress: Called with the number of examples done.

        Returns:
            A prediction for each, in order.
        """
        return self.predict_windows(self.windows(examples), examples, progress)

    def windows(self, examples: Sequence[Example]) -> list[Window]:
        """Return what the model reads of examples."""
        return self.settings.head.windows(self._windower, examples)

    @torch.inference_mode()
    def predict_windows(
        self,
        windows: Sequence[Window],
        examples: Sequence[Example],
        progress: Callable[[int], object] = lambda _: None,
    ) -> list[Prediction]:
        """Predict from windows that are made already.

        Args:
            windows: The windows of all examples.
            examples: See :meth:`predict`.
            progress: See there.
        """
        readings: list[Any] = [None] * len(windows)
        done = 0
        device = self.model.device
        for numbers in by_length(windows, self.batch_size, _TOKENS, equal=self._equal):
            batch = [windows[number] for number in numbers]
            inputs = {name: value.to(device) for name, value in self._pad(batch).items()}
            read = self.settings.head.read(self.model(**inputs), batch, self._pad)
            for number, reading in zip(numbers, read, strict=True):
                readings[number] = reading
            done += len(batch)
            progress(done * len(examples) // len(windows))
        return self.settings.head.predictions(windows, readings, examples)


def load_predictor(
    path: str | Path,
    *,
    batch_size: int = 32,
    max_length: int | None = None,
    device: str | None = None,
    options: dict[str, Any] | None = None,
) -> Predictor:
    """Load a fine-tuned model.

    Args:
        path: A directory that ``charrobust finetune`` wrote, or any model of the transformers library with a head
            for a task, by directory or hub id.
        batch_size: Windows of a batch at most.
        max_length: Tokens of a window at most; None for what it was trained with.
        device: Where it runs; None for a GPU where there is one.
        options: Options of the task's head, such as ``no_answer``, for a model that does not say what it was trained
            on; those that its head does not have are left out.

    Raises:
        UserError: Nothing of that name, or a model without such a head.
    """
    run = _finetuning_run(Path(place_of(path)))
    config = load_config(path)
    task = task_class(run["task"]) if run else _task_of(config, path)
    head = task.head_class()
    tokenizer = load_tokenizer(path)
    model = head.prepare(load_model(path, head.auto_class))
    model.train(mode=False)
    if getattr(model.config, "pad_token_id", None) is None:  # decoders look for the last token that is no padding
        model.config.pad_token_id = Padding.of(tokenizer).token
    model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    limit = length_limit(model, tokenizer)
    if max_length is not None and not 16 <= max_length <= limit:
        raise UserError(f"model {str(path)!r} reads windows of 16 to {limit} tokens; got a max_length of {max_length}")
    wanted = max_length or run.get("max_length") or head.max_length
    settings = Settings(
        task,
        head(labels=head.labels_of(config), **_head_options(head, run, options or {})),
        max_length=min(wanted, limit),
        stride=run.get("stride", head.stride),
        texts=len(run.get("columns", {}).get("texts", ())) or None,
    )
    return Predictor(model, tokenizer, settings, name=Path(path).name, batch_size=batch_size)


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
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}; fine-tune the model again") from error
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


def _task_of(config: Any, name: str | Path) -> type[Task]:
    """Return the task that a model has a head for.

    Raises:
        UserError: It has none.
    """
    for task in task_classes():
        if task.head_class().serves(config):
            return task
    raise UserError(
        f"model {str(name)!r} is {architecture(config) or 'an encoder'}, without a head for any of the tasks "
        f"{', '.join(task_names())}; run charrobust finetune first, and give the directory that it writes"
    )
