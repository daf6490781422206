"""What measurements on words need to know of a tokenizer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import UserError

_MARKS = "\u2581\u0120 "  # what tokenizers write for a blank


def blank_tokens(tokenizer: Any) -> NDArray[np.int64]:
    """Return the tokens that are nothing but the mark of a blank, and so no part of the word behind it."""
    blank = [number for token, number in tokenizer.get_vocab().items() if not token.strip(_MARKS)]
    return np.array(sorted(blank), np.int64)


def check_fast(tokenizer: Any, name: str) -> None:
    """Check that a tokenizer tells where its tokens stand in a text.

    Raises:
        UserError: It does not.
    """
    if not tokenizer.is_fast:
        raise UserError(
            f"the tokenizer of {name!r} ({type(tokenizer).__name__}) does not tell where its tokens stand in a text; "
            "give a model with a fast tokenizer (tokenizer.json)"
        )
