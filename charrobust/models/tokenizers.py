"""Tokenizers out of the files of a model, which are looked at before they are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from charrobust.errors import UserError
from charrobust.json_text import read_json
from charrobust.models.channels import channel_directory, tokenizer_directory
from charrobust.models.folding import folded
from charrobust.models.plausible import CONFIG, check_config

_REMEDY = "copy the directory of the model anew"


def tokenizer_at(place: str | Path, *, trust_remote_code: bool) -> Any:
    """Load a tokenizer.

    Args:
        place: A directory or a hub id.
        trust_remote_code: Whether code that lies with it is run.

    Returns:
        A tokenizer of the transformers library.

    Raises:
        UserError: The configuration beside it is damaged, or its greatest length is no number. Other errors are those
            of the library; see :func:`.telling`.
    """
    check_config(Path(place), trust_remote_code=trust_remote_code)
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=trust_remote_code)
    # The library takes any value of its file, and fails where it first cuts a text.
    if not isinstance(tokenizer.model_max_length, int | float):
        raise UserError(
            f"tokenizer of {place}: model_max_length must be a number, got {tokenizer.model_max_length!r:.60}; "
            f"{_REMEDY}"
        )
    return tokenizer


def tokenizer_of(name: str | Path, *, trust_remote_code: bool = False) -> Any:
    """Load the tokenizer of a model; it folds where the model's configuration says so.

    Args:
        name: ``minilm``, ``e5-small``, a channel such as ``charbert-minilm-l6``, a directory or a hub id.
        trust_remote_code: Whether code that lies with it is run.

    Returns:
        A tokenizer of the transformers library.

    Raises:
        UserError: The configuration beside it is damaged, its greatest length is no number, or the package that brings
            it is not installed. Other errors are those of the library; see :func:`.telling`.
        ValueError: It is to fold and has no fast backend, or the channel does not say which backbone it belongs to.
    """
    tokenizer = tokenizer_at(tokenizer_directory(name), trust_remote_code=trust_remote_code)
    return folded(tokenizer) if is_to_fold(name) else tokenizer


def is_to_fold(name: str | Path) -> bool:
    """Tell whether a model wants a tokenizer that folds; what comes from the hub brings one.

    Args:
        name: As for :func:`tokenizer_of`.

    Returns:
        Whether its configuration, in a directory, says so.
    """
    path = Path(channel_directory(name) or name) / CONFIG
    return path.is_file() and read_json(path, _REMEDY).get("fold") is True
