"""Models and tokenizers by name: ``minilm``, a channel of the package, a directory, a hub id."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoTokenizer

import charrobust.models.probes  # noqa: F401 - makes the library know CharBERT models and linear probes
from charrobust.errors import UserError
from charrobust.logs import logger
from charrobust.models.channels import backbone_directory, channel_directory, tokenizer_directory

_logger = logger(__name__)
_LONGEST = 512  # where neither tokenizer nor model knows a limit


@contextmanager
def telling(name: str | Path) -> Iterator[None]:
    """Turn the errors of the library about a model into those of a user.

    Args:
        name: The model, as the user called it.

    Raises:
        UserError: The library raised one.
    """
    try:
        yield
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        if isinstance(error, OSError) and not Path(name).exists():
            first = str(error).splitlines()[0]
            raise UserError(f"model {str(name)!r}: no such directory, and not loaded from the hub: {first}") from error
        raise UserError(f"model {str(name)!r}: {error}") from error


def place_of(name: str | Path) -> str | Path:
    """Return where the files of a model lie.

    Args:
        name: ``minilm``, a channel such as ``charbert-minilm-l6``, a directory or a hub id.

    Returns:
        A directory or a hub id.

    Raises:
        UserError: The package that brings it is not installed, or it is a path where nothing lies.
    """
    channel = channel_directory(name)
    place = backbone_directory(name) if channel is None else channel
    is_path = str(name).startswith((".", "/", "~")) or str(name).count("/") > 1
    if is_path and not Path(place).exists():
        raise UserError(f"model {str(name)!r}: no such directory; give a directory, a hub id, minilm or a channel")
    _logger.info("model %s: files of %s", name, place)
    return place


def _holding(name: str | Path, *files: str) -> str | Path:
    """Return where a model lies, if that is no directory without any of some files.

    Raises:
        UserError: It is.
    """
    place = place_of(name)
    if (Path(place) / "recogniser.json").is_file():
        raise UserError(f"model {str(name)!r} is a word recogniser, which stands before a model: {name}+MODEL")
    if Path(place).is_dir() and not any((Path(place) / file).is_file() for file in files):
        raise UserError(f"model {str(name)!r}: there is no {files[0]} in that directory; give the directory of a model")
    return place


def load_tokenizer(name: str | Path) -> Any:
    """Load the tokenizer of a model.

    Args:
        name: As for :func:`place_of`.

    Returns:
        A tokenizer of the transformers library.

    Raises:
        UserError: There is none.
    """
    with telling(name):
        files = ("config.json", "tokenizer.json", "tokenizer_config.json", "backbone.json", "channel.safetensors")
        return AutoTokenizer.from_pretrained(tokenizer_directory(_holding(name, *files)))


def load_config(name: str | Path) -> Any:
    """Load the configuration of a model.

    Args:
        name: As for :func:`place_of`.

    Returns:
        A configuration of the transformers library.

    Raises:
        UserError: There is none.
    """
    with telling(name):
        return AutoConfig.from_pretrained(_holding(name, "config.json"))


def load_model(name: str | Path, auto_class: Any, **options: Any) -> Any:
    """Load a model with a head; what it lacks gets new weights.

    Args:
        name: As for :func:`place_of`.
        auto_class: A class of the transformers library that loads models with that head.
        options: See ``from_pretrained``.

    Returns:
        A model of the transformers library.

    Raises:
        UserError: It cannot be loaded, or its family has no such head.
    """
    with telling(name):
        return auto_class.from_pretrained(place_of(name), **options)


def length_limit(model: nn.Module, tokenizer: Any) -> int:
    """Return how many tokens a model reads at most, special ones included."""
    limits = [tokenizer.model_max_length]
    configs = [model.config]
    for config in configs:
        configs += [
            part for name in ("backbone_config", "encoder_config") if (part := getattr(config, name, None)) is not None
        ]
        limits.append(getattr(config, "max_position_embeddings", None))
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            limits.append(module.num_embeddings - first)
    known = [limit for limit in limits if isinstance(limit, int) and 0 < limit < 10**6]
    return min(known, default=_LONGEST)


def has_segments(model: Any) -> bool:
    """Tell whether a model tells the texts of a pair by segments."""
    return "token_type_ids" in inspect.signature(model.forward).parameters and knows_segments(model.config)


def knows_segments(config: Any) -> bool:
    """Tell whether a model of a configuration has segments to tell texts by, if it takes them."""
    config = getattr(config, "backbone_config", None) or getattr(config, "encoder_config", config)
    config = getattr(config, "backbone_config", None) or config
    return int(getattr(config, "type_vocab_size", 2)) > 1
