"""Encoders without a head: a vector for each text. Models of sentence-transformers are asked as their files say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModel

from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.tasks.examples import Example
from charrobust.tasks.head import TaskHead
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower

# The switches of older configurations, by the names that the head below has for the same poolings.
_POOLINGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}
_PROMPTS = ("prompt", "query_prompt", "document_prompt")
_KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class EncoderHead(TaskHead):
    """Asks an encoder, plain or of sentence-transformers, for a vector of each window.

    Attributes:
        pooling: What stands for a text: ``mean`` or ``max`` over its tokens, its first (``cls``) or its ``last``.
    """

    pooling: str = "mean"

    auto_class: ClassVar[Any] = AutoModel
    needs_head: ClassVar[bool] = False
    outputs: ClassVar[tuple[str, ...]] = ("last_hidden_state",)

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class: any encoder can be asked, but none is known by its configuration."""
        return False

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class: none, as nothing is put on the encoder."""
        return {}

    @classmethod
    def options_beside(cls, folder: Path) -> dict[str, Any]:
        """See the base class: those of a model of sentence-transformers.

        Args:
            folder: The directory of the model.

        Returns:
            The options; none where the folder holds no such model.

        Raises:
            UserError: It has a module or a pooling that is not known here.
        """
        return sentence_transformers_options(folder)

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the vector of each window."""
        states = outputs.last_hidden_state.float()
        # The mask of the model's inputs, once more: outputs do not hold it.
        mask = torch.zeros(states.shape[:2], dtype=torch.long)
        for row, window in enumerate(windows):
            start = padding.displacement(window, states.size(1))
            mask[row, start : start + len(window)] = 1
        return list(self.vectors(states, mask.to(states.device)).cpu().numpy())

    def vectors(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return a vector for each text.

        Args:
            states: Shape (texts, length, size).
            mask: 1 for tokens and 0 for padding, shape (texts, length).

        Returns:
            Shape (texts, size).
        """
        weights = mask.unsqueeze(-1).to(states.dtype)
        if self.pooling == "mean":
            # Padding has weight 0; a row of padding alone would divide by 0.
            return (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        if self.pooling == "max":
            # States may be negative all along: padding must lose against any of them.
            return states.masked_fill(weights == 0, -torch.inf).amax(1)
        rows = torch.arange(len(states), device=states.device)
        # padding may stand before a text: its first token is the first of the mask
        place = mask.argmax(1)
        if self.pooling == "last":
            # Tokens stand in one stretch: the last is as far behind the first as there are others.
            place = place + mask.sum(1) - 1
        return states[rows, place]


@dataclass(frozen=True)
class TextVectors(EncoderHead):
    """Asks an encoder for the vectors of texts of which no one is a query: features of whatever reads them.

    Attributes:
        normalised: Whether vectors have length 1.
        prompt: What is put before a text.
    """

    normalised: bool = True
    prompt: str = ""

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """See the base class: texts with the prompt."""
        prompted = [replace(example, texts=(self.prompt + example.texts[0],)) for example in examples]
        return windower.texts(first, prompted)

    def vectors(self, states: Tensor, mask: Tensor) -> Tensor:
        """See the base class."""
        vectors = super().vectors(states, mask)
        return functional.normalize(vectors, dim=-1) if self.normalised else vectors

    def lesson(self, window: Window, example: Example) -> Any:
        """See the base class; the encoder stays as it is.

        Args:
            window: Not read.
            example: Not read.

        Returns:
            Nothing.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("encoders whose vectors are features are not trained")

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class; see :meth:`lesson`.

        Args:
            outputs: Not read.
            batch: Not read.

        Returns:
            Nothing.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("encoders whose vectors are features are not trained")

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class; see :meth:`lesson`.

        Args:
            outputs: Not read.
            pairs: Not read.
            places: Not read.

        Returns:
            Nothing.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("encoders whose vectors are features are not trained")


def sentence_transformers_options(folder: Path) -> dict[str, Any]:
    """Return how a model of sentence-transformers is asked, from its files; nothing for another model.

    Args:
        folder: Its directory.

    Returns:
        Options of heads of encoders by name, and ``max_length`` where the files give one.

    Raises:
        UserError: It has a module or a pooling that is not known here, or prompts that its pooling leaves out.
    """
    if not (folder / "modules.json").is_file():
        return {}
    options: dict[str, Any] = {}
    modules = _read_json(folder / "modules.json")
    # Types are Python classes by their whole name, "sentence_transformers.models.Pooling"; modules have moved since.
    names = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    unknown = [name for name in names if name not in _KNOWN_MODULES]
    if unknown:
        raise UserError(
            f"{folder / 'modules.json'}: modules of the types {', '.join(unknown)} are not known; expected "
            f"{', '.join(_KNOWN_MODULES)}"
        )
    leaving_out: Path | None = None  # the file of a pooling that leaves out the tokens of a prompt
    for module, name in zip(modules, names, strict=True):
        if name == "Pooling":
            path = folder / str(module.get("path", "")) / "config.json"
            config = _read_json(path)
            options["pooling"] = _pooling(path, config)
            leaving_out = path if config.get("include_prompt") is False else leaving_out
    options["normalised"] = "Normalize" in names
    about = _read_json(folder / "config_sentence_transformers.json")
    # Vectors that a last module normalises have the same dot product and cosine.
    if about.get("similarity_fn_name") in ("dot", "dot_product") and not options["normalised"]:
        options["similarity"] = "dot"
    prompts = about.get("prompts") or {}
    options["query_prompt"] = prompts.get("query") or ""
    # What goes before a text of which nothing is said.
    options["prompt"] = prompts.get(about.get("default_prompt_name")) or ""
    # Some models call documents passages.
    options["document_prompt"] = prompts.get("document") or prompts.get("passage") or ""
    if leaving_out and any(options[name] for name in _PROMPTS):
        raise UserError(
            f"{leaving_out}: include_prompt is false, and prompts that are read but not pooled are not known here; "
            "give a model that pools them, or one without prompts"
        )
    length = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    if isinstance(length, int):
        options["max_length"] = length
    return options


def _pooling(path: Path, config: Mapping[str, Any]) -> str:
    """Return the pooling that what a file holds tells.

    Raises:
        UserError: It is none that is known here, or several.
    """
    poolings: list[str] = []
    if isinstance(config.get("pooling_mode"), str):  # newer versions write its name
        mode = config["pooling_mode"]
        poolings.append("last" if mode == "lasttoken" else mode)
    else:
        # Older ones write a switch for each; several on at once mean that the vectors are put behind each other.
        for name, is_on in config.items():
            if name.startswith("pooling_mode_") and is_on:
                poolings.append(_POOLINGS.get(name, name))
    if len(poolings) != 1 or poolings[0] not in _POOLINGS.values():
        raise UserError(
            f"{path}: the pooling {' and '.join(poolings) or 'none'} is not known; expected one of "
            f"{', '.join(_POOLINGS.values())}"
        )
    return poolings[0]


def _read_json(path: Path) -> Any:
    """Return what a JSON file holds; an empty object where there is none.

    Raises:
        UserError: It is damaged.
    """
    if not path.is_file():
        return {}
    try:
        return parse_json(path.read_bytes())
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}") from error
