"""Running two channels through one transformer: a row for each family, and the hooks that do it.

The channels are stacked on the batch axis. A hook on the module that makes the input of layer 0 replaces the
second half by character vectors; a hook on each layer lets the halves interact. The backbone's own code and the
names of its weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoModel, AutoModelForTextEncoding, PreTrainedConfig, PreTrainedModel

from .windows import fit_blocks, fit_windows


@dataclass(frozen=True)
class Family:
    """Where the hooks of a family of models go, and what its models need.

    Attributes:
        entry: Paths of the module whose output is the input of layer 0; the first that exists.
        layers: Path of the list of layers.
        words: Path of the word embedding.
        between: Path of a module that works on states between layers, if there is one.
        batch_axis: Axis of the batch in hidden states.
        pooler: Whether the model takes ``add_pooling_layer``.
        inputs: Arguments that every call needs.
        fit: Makes a model ready for texts of a length, and tells the length that they must be padded to; None where
            any will do.
        auto_class: The library's class that makes a model and loads its weights.
        scales_scores: Whether word embeddings are so large that scores by them are of states times size ** -0.5.
    """

    entry: tuple[str, ...]
    layers: str
    words: str = "embeddings.word_embeddings"
    between: str | None = None
    batch_axis: int = 0
    pooler: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)
    fit: Callable[[Any, int], int] | None = None
    auto_class: Any = AutoModel
    scales_scores: bool = False


_BERT = Family(("embeddings",), "encoder.layer", pooler=True)
# The encoder alone. Its input has neither positions nor normalisation: raw and embedded characters are one.
_T5 = Family(("shared",), "encoder.block", "shared", auto_class=AutoModelForTextEncoding, scales_scores=True)

FAMILIES: dict[str, Family] = {
    "bert": _BERT,
    "roberta": _BERT,
    "mpnet": _BERT,
    "ernie": _BERT,
    "mobilebert": _BERT,
    "longformer": Family(("embeddings",), "encoder.layer", pooler=True, fit=fit_windows),
    "big_bird": Family(("embeddings",), "encoder.layer", pooler=True, fit=fit_blocks),
    # A small ELECTRA maps its embeddings to the size of its states; in a large one the sizes agree, and nothing maps.
    "electra": Family(("embeddings_project", "embeddings"), "encoder.layer"),
    "distilbert": Family(("embeddings",), "transformer.layer"),
    "albert": Family(("encoder.embedding_hidden_mapping_in",), "encoder.albert_layer_groups", pooler=True),
    # Without memories for a next stretch of text: they would be of stacked states, and nobody reads them.
    "xlnet": Family(("word_embedding",), "layer", "word_embedding", batch_axis=1, inputs={"use_mems": False}),
    "deberta": Family(("embeddings",), "encoder.layer"),
    "deberta-v2": Family(("embeddings",), "encoder.layer", between="encoder.conv"),
    "modernbert": Family(("embeddings",), "layers", "embeddings.tok_embeddings"),
    "t5": _T5,
    "umt5": _T5,
}


def family_of(config: PreTrainedConfig) -> Family:
    """Return the family of a backbone.

    Args:
        config: Configuration of the backbone.

    Returns:
        Its row of the table of families.

    Raises:
        ValueError: It is not supported; the message lists those that are.
    """
    if config.model_type not in FAMILIES:
        raise ValueError(
            f"the family {config.model_type!r} is not supported as a backbone; supported: {', '.join(FAMILIES)}. "
            "A new one is a row in charrobust.models.backbones.FAMILIES"
        )
    return FAMILIES[config.model_type]


def loader_of(config: Any) -> Any:
    """Return the library's class that loads the encoder of a configuration, of one of these families or another."""
    family = FAMILIES.get(config.model_type)
    return AutoModel if family is None else family.auto_class


def make_backbone(config: PreTrainedConfig, *, keep_pooler: bool) -> PreTrainedModel:
    """Build a backbone with new weights, without its pooler unless that is kept."""
    family = family_of(config)
    options: dict[str, Any] = {}
    if family.pooler:
        options["add_pooling_layer"] = keep_pooler
    # All families are the library's own: code that a configuration names is not looked at.
    model = cast(PreTrainedModel, family.auto_class.from_config(config, trust_remote_code=False, **options))
    # T5 has a second module of the same weight: made one with it, as the hooks are on one, and so it stays when the
    # vocabulary grows. In other families this changes nothing.
    model.set_input_embeddings(model.get_input_embeddings())
    return model


def module_at(model: nn.Module, path: str | None) -> nn.Module | None:
    """Return the module of a dotted path, or None where there is none."""
    if not path:
        return None
    try:
        return model.get_submodule(path)
    except AttributeError:
        return None


def find_module(model: nn.Module, paths: tuple[str, ...]) -> nn.Module:
    """Return the first module of some dotted paths that exists."""
    for path in paths:
        module = module_at(model, path)
        if module is not None:
            return module
    raise AttributeError(f"{type(model).__name__} has none of the modules {', '.join(paths)}")


def halve(value: Any, batch: int, axis: int, *, is_mask: bool = False) -> Any:
    """Return the first half of a stacked argument of a layer, and anything else as it is.

    Args:
        value: A tensor, a tuple of them, or anything.
        batch: Size of the batch of one channel.
        axis: Axis of the batch in hidden states; tensors with more axes than these have it one further behind.
        is_mask: Whether the argument is the mask of the texts.

    Returns:
        The half of one channel.
    """
    if isinstance(value, tuple):
        return tuple(halve(item, batch, axis) for item in value)
    if not isinstance(value, torch.Tensor) or value.ndim < 2:
        return value
    # Real numbers in two axes are tables of positions or distances (rotary embeddings), which have no batch, but for
    # Longformer's mask.
    if value.ndim == 2 and value.is_floating_point() and not is_mask:
        return value
    # XLNet has its batch behind positions in states, and behind both positions in attention masks and segments.
    batch_axis = 2 if axis == 1 and value.ndim >= 4 else axis
    # Of size 1 where it holds for all texts alike, or of one channel already, as merged states are.
    if value.size(batch_axis) != 2 * batch:
        return value
    # Masks, positions and segments of both halves are equal, so that the first half serves the merged channel.
    return value.narrow(batch_axis, 0, batch)
