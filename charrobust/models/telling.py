"""Errors of the library about the files of a model, as those of a user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from charrobust.errors import UserError

_LONGEST = 600  # signs of a message of the library
# Of these the message says what is wrong; of others, such as a TypeError, it does not without their kind.
_SPEAKING = (OSError, ValueError, RuntimeError, ImportError, SafetensorError)


@contextmanager
def telling(name: Any, noun: str = "model") -> Iterator[None]:
    """Turn the errors of the library about a model into those of a user.

    Args:
        name: The model, as the user called it.
        noun: What it is to the user.

    Raises:
        UserError: The library raised anything.
    """
    try:
        yield
    except UserError:
        raise
    # Damaged files make the library fail in any way there is.
    except Exception as error:
        raise UserError(f"{noun} {str(name)!r}: {told(error, name)}") from error


def told(error: BaseException, name: Any) -> str:
    """Return what an error of the library says, on one line.

    Args:
        error: The error.
        name: The model that it is about, as the user called it.

    Returns:
        The message.
    """
    text = " ".join(str(error).split())
    if "trust_remote_code" in text:
        return (
            "it brings code of its own, which is not run; read that code, and if you trust it, run it with "
            "`trust_remote_code`"
        )
    if isinstance(error, OSError) and not Path(name).exists():
        return f"no such directory, and not loaded from the hub: {text[:_LONGEST]}"
    if not text or not isinstance(error, _SPEAKING) or isinstance(error, KeyError):
        text = f"{type(error).__name__}: {text}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
