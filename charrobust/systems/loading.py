"""Models and tokenizers by name: ``minilm``, ``e5-small``, a channel of the package, a directory, a hub id."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig

import charrobust.models.probes  # noqa: F401 - makes the library know CharBERT models and linear probes
from charrobust.errors import UserError
from charrobust.logs import logger
from charrobust.models.channels import backbone_directory, channel_directory
from charrobust.models.plausible import check_config
from charrobust.models.telling import telling
from charrobust.models.tokenizers import tokenizer_of
from charrobust.models.weights import MayLack, load_whole, nothing

_logger = logger(__name__)
_LONGEST = 512  # where neither tokenizer nor model knows a limit


def place_of(name: str | Path) -> str | Path:
    """Return where the files of a model lie.

    Args:
        name: ``minilm``, ``e5-small``, a channel such as ``charbert-minilm-l6``, a directory or a hub id.

    Returns:
        A directory or a hub id.

    Raises:
        UserError: The package that brings it is not installed, or it is a path where nothing lies.
    """
    channel = channel_directory(name)
    place = backbone_directory(name) if channel is None else channel
    _check_code(str(name))
    is_path = str(name).startswith((".", "/", "~")) or str(name).count("/") > 1
    if is_path and not Path(place).exists():
        raise UserError(
            f"model {str(name)!r}: no such directory; give a directory, a hub id, minilm, e5-small or a channel"
        )
    _logger.info("model %s: files of %s", name, place)
    return place


def _check_code(name: str) -> None:
    """Refuse code where files of a model belong: no hub id holds a colon.

    Raises:
        UserError: It is.
    """
    if name.startswith("python:"):
        raise UserError(f"model {name!r} is code; here a model is a directory, a hub id, minilm, e5-small or a channel")
    if Path(name).suffix == ".py":
        raise UserError(f"model {name!r} is code; name what it defines: python:{Path(name).stem}:NAME")
    if ":" in name and not Path(name).exists():
        raise UserError(f"model {name!r}: no such directory, and no hub id; code is named python:MODULE:NAME")


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


def load_tokenizer(name: str | Path, *, trust_remote_code: bool = False) -> Any:
    """Load the tokenizer of a model.

    Args:
        name: As for :func:`place_of`.
        trust_remote_code: Whether code that lies with it is run.

    Returns:
        A tokenizer of the transformers library.

    Raises:
        UserError: There is none, its files are damaged, or it needs code that is not to be run.
    """
    with telling(name):
        files = ("config.json", "tokenizer.json", "tokenizer_config.json", "backbone.json", "channel.safetensors")
        return tokenizer_of(_holding(name, *files), trust_remote_code=trust_remote_code)


def load_config(name: str | Path, *, trust_remote_code: bool = False) -> Any:
    """Load the configuration of a model.

    Args:
        name: As for :func:`place_of`.
        trust_remote_code: Whether code that lies with it is run.

    Returns:
        A configuration of the transformers library.

    Raises:
        UserError: There is none, it is damaged, or it needs code that is not to be run.
    """
    with telling(name):
        place = _holding(name, "config.json")
        check_config(Path(place), trust_remote_code=trust_remote_code)
        return AutoConfig.from_pretrained(place, trust_remote_code=trust_remote_code)


def load_model(
    name: str | Path,
    auto_class: Any,
    *,
    may_lack: MayLack = nothing,
    trust_remote_code: bool = False,
    **options: Any,
) -> tuple[Any, tuple[str, ...]]:
    """Load a model whose files hold all of its weights, but for those that it may lack.

    Args:
        name: As for :func:`place_of`.
        auto_class: A class of the transformers library that loads models with that head.
        may_lack: Which weights may be new, see :mod:`charrobust.models.weights`; by default none.
        trust_remote_code: Whether code that lies with it is run.
        options: See ``from_pretrained``.

    Returns:
        A model of the transformers library, and the names of its new weights.

    Raises:
        UserError: It cannot be loaded, its family has no such head, it needs code that is not to be run, or weights are
            missing, of another shape, or not finite.
    """
    with telling(name):
        place = place_of(name)
        check_config(Path(place), trust_remote_code=trust_remote_code)
        model, new = load_whole(auto_class, place, may_lack=may_lack, trust_remote_code=trust_remote_code, **options)
    if new:
        _logger.info("model %r: weights that its files do not hold are new: %s", str(name), ", ".join(new))
    return model, new


def check_vocabulary(name: str | Path, model: Any, tokenizer: Any) -> None:
    """Refuse a tokenizer with tokens that a model has no vector for: they would fail in the middle of the work.

    Args:
        name: The model, as the user called it.
        model: The model.
        tokenizer: Its tokenizer.

    Raises:
        UserError: It has such tokens.
    """
    # Code of others may keep its vectors in another way.
    rows = getattr(model.get_input_embeddings(), "num_embeddings", None)
    last = max(tokenizer.get_vocab().values(), default=0)
    if rows is not None and last >= rows:
        raise UserError(
            f"model {str(name)!r} has vectors for {rows:,} tokens, and its tokenizer numbers tokens up to {last:,}: "
            "they do not belong together; give the tokenizer of that model"
        )


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
