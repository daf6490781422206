"""Fine-tuned models as functions from examples to predictions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from charrobust.errors import UserError
from charrobust.models.segmentation import Segmentation
from charrobust.models.telling import told
from charrobust.progress import Progress, no_progress
from charrobust.systems.finite import not_finite
from charrobust.systems.first_order import first_order
from charrobust.systems.loading import has_segments
from charrobust.systems.seeds import RUN
from charrobust.systems.system import Judgement, System, renamed_labels
from charrobust.systems.unread import warn_of_unread
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import TaskHead
from charrobust.tasks.metrics import Array
from charrobust.tasks.windows.batching import Batches, Padding
from charrobust.tasks.windows.windower import Window, Windower

SETTINGS = RUN
_TOKENS = 4096  # tokens of a batch at most
_LENGTH = 128  # of a window that is not short
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
        self._is_asked = False  # before the first time
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
        digest.update((vocabulary if backend is None else _unlimited(backend)).encode())
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
        if not self._is_asked:
            self._is_asked = True
            warn_of_unread(self.name, self.model.config, (text for example in examples for text in example.texts))
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
        return self._predictions(windows, readings, examples)

    def _predictions(
        self, windows: Sequence[Window], readings: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        return self.settings.head.predictions_beside(windows, readings, examples, ask=self._ask, kept=self._read_beside)

    @property
    def _has_class_scores(self) -> bool:
        """Whether a window has classes of its own."""
        return type(self.settings.head).class_scores is not TaskHead.class_scores

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: of a softmax, or of a sigmoid for each label; None for tasks without classes a text."""
        if not self._has_class_scores:
            return None
        windows = self.windows(examples)
        advance = self._advance(progress, windows, examples)
        rows = self._readings(windows, examples, advance, read=self._class_scores)
        return np.array(rows, np.float64).reshape(len(rows), len(self.labels))

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: the model is asked once."""
        windows = self.windows(examples)
        advance = self._advance(progress, windows, examples)
        told = self._readings(windows, examples, advance, read=self._read_all, batches=self._roomy_batches)
        readings = [reading for reading, _ in told]
        evidence = [each for _, each in told]
        predictions = self._predictions(windows, readings, examples)
        margins = self._margins(windows, evidence, examples, predictions, renamed_labels(self.labels, names))
        return Judgement(predictions, margins, self._contents(windows, examples))

    def _read_all(self, outputs: Any, batch: Sequence[Window], padding: Padding) -> list[Any]:
        """Return what predictions and what margins are made of, for each window."""
        head = self.settings.head
        pairs = zip(head.read(outputs, batch, padding), head.evidence(outputs, batch, padding), strict=True)
        return list(pairs)

    def _margins(
        self,
        windows: Sequence[Window],
        evidence: Sequence[Any],
        examples: Sequence[Example],
        predictions: Sequence[Prediction],
        labels: tuple[str, ...],
    ) -> Array | None:
        # With the names that the data have for its labels, the head understands the targets.
        head = replace(self.settings.head, labels=labels)
        margins = head.margins(windows, evidence, examples, self._read_beside)
        if margins is not None:
            return margins
        scores = None
        if self._has_class_scores:
            scores = np.array(evidence, np.float64).reshape(len(examples), len(labels))
        return self.task.margins([example.target for example in examples], predictions, scores, labels)

    def readings(self, examples: Sequence[Example]) -> list[Hashable]:
        """See the base class: the tokens of its windows, and what else the head looks at."""
        return self._contents(self.windows(examples), examples)

    def _contents(self, windows: Sequence[Window], examples: Sequence[Example]) -> list[Hashable]:
        by_example: list[list[Window]] = [[] for _ in examples]
        for window in windows:
            by_example[window.example].append(window)
        return list(map(self.settings.head.reading, by_example, examples))

    def first_order(
        self, example: Example, changed: Sequence[Example], names: Mapping[str, str] | None = None
    ) -> Array | None:
        """See the base class: by the gradients of the loss that the head is taught by; None for bare encoders."""
        head = replace(self.settings.head, labels=renamed_labels(self.labels, names))
        return first_order(self.model, head, self.windows([example, *changed]), example, self._batches)

    @property
    def _batches(self) -> Batches:
        """What makes batches for the model."""
        return Batches(self._pad, self.model.device, self.batch_size, _TOKENS, self._equal)

    @property
    def _roomy_batches(self) -> Batches:
        """What makes batches by their tokens alone: searches ask about many short texts."""
        # As many windows as take the memory of a batch of windows that are not short.
        tokens = min(_TOKENS, self.batch_size * _LENGTH)
        return Batches(self._pad, self.model.device, tokens, tokens, self._equal)

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
        batches: Batches | None = None,
    ) -> list[Any]:
        """Return what the model says of windows.

        Args:
            windows: The windows.
            examples: Those that the windows are of.
            progress: Called with the number of windows done.
            read: Takes what it says from its outputs; None for the head's way.
            batches: Makes batches of windows; None for those of the batch size.
        """
        take = read or self.settings.head.read
        # Forms of one text often have the same tokens, and what has the same content is read once.
        places: dict[Hashable, list[int]] = {}
        for number, window in enumerate(windows):
            places.setdefault(window.content, []).append(number)
        alike = list(places.values())
        distinct = [windows[numbers[0]] for numbers in alike]
        readings: list[Any] = [None] * len(windows)
        done = 0
        for chosen, inputs in (batches or self._batches)(distinct):
            batch = [distinct[number] for number in chosen]
            outputs = self._outputs(inputs)
            self._check_finite(outputs, inputs, [examples[window.example].id for window in batch])
            for number, reading in zip(chosen, take(outputs, batch, self._pad), strict=True):
                for place in alike[number]:
                    readings[place] = reading
                done += len(alike[number])
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


def _unlimited(backend: Any) -> str:
    """Return what a fast tokenizer is made of, without where it cut and padded last: that is said with each call."""
    content = json.loads(backend.to_str())
    del content["truncation"], content["padding"]
    return json.dumps(content, sort_keys=True)
