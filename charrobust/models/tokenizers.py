"""Tokenizers out of the files of a model, which are looked at before they are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from charrobust.errors import UserError
from charrobust.models.plausible import check_config


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
            f"tokenizer of {place}: model_max_length must be a number, got {tokenizer.model_max_length!r:.60}; copy "
            "the directory of the model anew"
        )
    return tokenizer
