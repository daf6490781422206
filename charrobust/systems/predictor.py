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

from charrobust.errors import UserError
from charrobust.systems.batching import Padding, by_length
from charrobust.systems.decoding import Decoder
from charrobust.systems.encoding import Encoder, Window
from charrobust.systems.loading import (
    has_segments,
    length_limit,
    load_config,
    load_model,
    load_tokenizer,
    place_of,
)
from charrobust.tasks.examples import Example, Prediction

SETTINGS = "finetuning.json"
LENGTHS = {"classification": 256, "regression": 256, "tagging": 256, "qa": 384}
STRIDES = {"tagging": 32, "qa": 128}
ANSWER = 30
_TOKENS = 4096  # tokens of a batch at most
_READING = ("special_tokens_map", "padding_side", "truncation_side")  # of a tokenizer, besides what it is made of
_CODE = ("charrobust", "transformers", "tokenizers")
_UNTOLD = ("_name_or_path", "transformers_version", "dtype")  # of a configuration, what changes no prediction


@dataclass(frozen=True)
class Settings:
    """How a model is asked.

    Attributes:
        task: ``classification``, ``regression``, ``tagging`` or ``qa``.
        labels: Names of the classes or tags, by number.
        max_length: Tokens of a window at most.
        stride: Tokens that neighbouring windows of a long example share.
        max_answer: Tokens of an answer at most.
        no_answer: Whether a question may have no answer.
        texts: Texts of an example, where that is known: two of a pair.
    """

    task: str
    labels: tuple[str, ...]
    max_length: int
    stride: int
    max_answer: int = ANSWER
    no_answer: bool = False
    texts: int | None = None


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
        self.name, self.model, self.tokenizer, self.settings = name, model, tokenizer, settings
        self.batch_size = batch_size
        self._encode = Encoder(tokenizer, settings.task, settings.max_length, settings.stride, has_segments(model))
        self._decode = Decoder(settings.task, settings.labels, settings.max_answer, settings.no_answer)
        self._pad = Padding.of(tokenizer)
        # the released CharBERT models let padding into their sums: they are asked without any
        config = getattr(model.config, "encoder_config", None) or model.config
        self._equal = getattr(config, "padding", None) == "released"

    @property
    def task(self) -> str:
        """Name of the task."""
        return self.settings.task

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes or tags; none for regression and question answering."""
        return self.settings.labels

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
        digest.update(json.dumps([config, asdict(self.settings), reading, code], sort_keys=True, default=str).encode())
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        vocabulary = json.dumps(self.tokenizer.get_vocab(), sort_keys=True)
        digest.update((vocabulary if backend is None else backend.to_str()).encode())
        for name, value in sorted(self.model.state_dict().items()):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.detach().cpu().reshape(-1).contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()

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
        return self.predict_windows(self._encode(examples), examples, progress)

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
        said: list[Any] = [None] * len(windows)
        done = 0
        device = self.model.device
        for numbers in by_length(windows, self.batch_size, _TOKENS, equal=self._equal):
            batch = [windows[number] for number in numbers]
            inputs = {name: value.to(device) for name, value in self._pad(batch).items()}
            for number, found in zip(numbers, self._decode.read(self.model(**inputs), batch, self._pad), strict=True):
                said[number] = found
            done += len(batch)
            progress(done * len(examples) // len(windows))
        return self._decode.predictions(windows, said, examples)


def load_predictor(
    path: str | Path,
    *,
    batch_size: int = 32,
    max_length: int | None = None,
    device: str | None = None,
    no_answer: bool = False,
) -> Predictor:
    """Load a fine-tuned model.

    Args:
        path: A directory that ``charrobust finetune`` wrote, or any model of the transformers library with a head
            for a task, by directory or hub id.
        batch_size: Windows of a batch at most.
        max_length: Tokens of a window at most; None for what it was trained with.
        device: Where it runs; None for a GPU where there is one.
        no_answer: Whether a question may have no answer (SQuAD 2.0), for a model that does not say what it was
            trained on.

    Raises:
        UserError: Nothing of that name, or a model without such a head.
    """
    place = place_of(path)
    known = _finetuned(Path(place))
    config = load_config(path)
    task = known["task"] if known else _task_of(config, path)
    tokenizer = load_tokenizer(path)
    model = load_model(path, task)
    model.train(mode=False)
    if getattr(model.config, "pad_token_id", None) is None:  # decoders look for the last token that is no padding
        model.config.pad_token_id = Padding.of(tokenizer).token
    model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    limit = length_limit(model, tokenizer)
    wanted = max_length or known.get("max_length") or LENGTHS[task]
    if max_length is not None and not 16 <= max_length <= limit:
        raise UserError(f"model {str(path)!r} reads windows of 16 to {limit} tokens; got a max_length of {max_length}")
    settings = Settings(
        task,
        _labels_of(config, task),
        min(wanted, limit),
        known.get("stride", STRIDES.get(task, 0)),
        known.get("max_answer", ANSWER),
        known.get("no_answer", no_answer),
        len(known.get("columns", {}).get("texts", ())) or None,
    )
    return Predictor(model, tokenizer, settings, name=Path(path).name, batch_size=batch_size)


def _finetuned(place: Path) -> dict[str, Any]:
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
    if isinstance(content, dict) and content.get("task") in LENGTHS:
        kinds = {"max_length": int, "stride": int, "max_answer": int, "no_answer": bool}
        if all(isinstance(content.get(name), kind) for name, kind in kinds.items()):
            return content
    raise UserError(
        f"{path} is no record of a fine-tuning run: expected task ({', '.join(LENGTHS)}), max_length, stride, "
        "max_answer and no_answer; fine-tune the model again, or remove the file to have the model read as any other"
    )


def _task_of(config: Any, name: str | Path) -> str:
    """Return the task that a model has a head for.

    Raises:
        UserError: It has none, or its classes do not exclude each other.
    """
    kind = " ".join(getattr(config, "architectures", None) or [])
    if "ForSequenceClassification" in kind:
        if config.problem_type == "multi_label_classification":
            raise UserError(
                f"model {str(name)!r} has classes that do not exclude each other; expected one class a text"
            )
        return "regression" if config.num_labels == 1 else "classification"
    for part, task in (("ForTokenClassification", "tagging"), ("ForQuestionAnswering", "qa")):
        if part in kind:
            return task
    raise UserError(
        f"model {str(name)!r} is {kind or 'an encoder'}, without a head for classification, tagging or question "
        "answering; run charrobust finetune first, and give the directory that it writes"
    )


def _labels_of(config: Any, task: str) -> tuple[str, ...]:
    """Return the names of classes or tags; those that the library made up are numbers."""
    if task not in ("classification", "tagging"):
        return ()
    names = [str(config.id2label[number]) for number in range(config.num_labels)]
    if names == [f"LABEL_{number}" for number in range(len(names))]:
        return tuple(map(str, range(len(names))))
    return tuple(names)
