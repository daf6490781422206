"""What measurements on words need to know of a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import UserError
from charrobust.tasks.windows.windower import readable

_CHUNK = 4096  # words that are handed to the tokenizer at once
_MARKS = "\u2581\u0120 "  # what tokenizers write for a blank


def blank_tokens(tokenizer: Any) -> NDArray[np.int64]:
    """Return the tokens that are nothing but the mark of a blank, and so no part of the word behind it."""
    numbers = []
    for token, number in tokenizer.get_vocab().items():
        if not token.strip(_MARKS):
            numbers.append(number)
    return np.array(sorted(numbers), np.int64)


def pieces_of(tokenizer: Any, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the sub-tokens of words, as they are behind a blank; marks of that blank alone are left out.

    Args:
        tokenizer: A tokenizer of the transformers library.
        words: The words; repetitions cost nothing.

    Returns:
        The ids of the sub-tokens of each distinct word.
    """
    # Each word once; a dict keeps their order, so that every run tokenizes the same chunks.
    distinct = list(dict.fromkeys(words))
    blanks = set(blank_tokens(tokenizer).tolist())
    pieces = {}
    for begin in range(0, len(distinct), _CHUNK):
        part = distinct[begin : begin + _CHUNK]
        # Byte-level and SentencePiece vocabularies have other sub-tokens for a word at the very start of a text: the
        # blank stands for what goes before a word in running text.
        texts = [f" {readable(word)}" for word in part]
        encoded = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)
        for word, ids in zip(part, encoded["input_ids"], strict=True):
            pieces[word] = tuple(number for number in ids if number not in blanks)
    return pieces


def check_fast(tokenizer: Any, name: str) -> None:
    """Check that a tokenizer tells where its tokens stand in a text.

    Args:
        tokenizer: A tokenizer of the transformers library.
        name: What it is called in the message.

    Raises:
        UserError: It does not.
    """
    if not tokenizer.is_fast:
        raise UserError(
            f"the tokenizer of {name!r} ({type(tokenizer).__name__}) does not tell where its tokens stand in a text; "
            "give a model with a fast tokenizer (tokenizer.json)"
        )
