"""What may be attacked: lists of texts, and lists of sentences of tokens; anything else is refused at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from charrobust.errors import UserError


def check_texts(texts: Sequence[Any]) -> None:
    """Refuse what is no list of texts.

    Args:
        texts: What is to be attacked.

    Raises:
        UserError: One text, which would be taken for a list of its letters, or a list that holds something else.
    """
    if isinstance(texts, str | bytes):
        raise UserError(f"expected a list of texts, got {texts!r}; give a list of one, or use Attack.text")
    # A set of the types is made without a step of Python for each text.
    if set(map(type, texts)) <= {str}:
        return
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise UserError(f"text {number}: expected a text, got {text!r}; leave it out, or give '' for no text")


def joined_tokens(sentences: Sequence[Sequence[Any]]) -> list[str]:
    """Return the tokens of each sentence as one string, a line each.

    Args:
        sentences: What is to be attacked.

    Returns:
        The strings.

    Raises:
        UserError: Texts where sentences of tokens are expected, or a token that is something else.
    """
    # A set of the types is made without a step of Python for each sentence.
    if isinstance(sentences, str | bytes) or any(issubclass(held, str | bytes) for held in set(map(type, sentences))):
        raise UserError(
            f"expected a list of sentences, each a list of tokens, got {_beginning(sentences)}; give a list of one "
            "sentence, or use Attack.texts for texts"
        )
    try:
        # These strings are also what names the sentences that have no ids.
        return ["\n".join(tokens) for tokens in sentences]
    except TypeError as error:
        # Joining looks at each token anyway; only where it fails they are looked at one by one.
        raise UserError(_first_problem(sentences)) from error


def check_no_blanks(sentences: Sequence[Sequence[str]]) -> None:
    """Refuse tokens that could not be told apart with a blank between each two.

    Args:
        sentences: The tokens of each sentence.

    Raises:
        UserError: A token is empty, or holds a blank.
    """
    for number, tokens in enumerate(sentences):
        for token in tokens:
            if not token or any(map(str.isspace, token)):
                raise UserError(
                    f"sentence {number}: the token {token!r} is empty or holds a blank, by which tokens are told apart "
                    "where their number may change; mend it, or take a recipe that edits inside words"
                )


def check_lengths(count: int, **lists: Sequence[Any] | None) -> None:
    """Refuse lists that do not have one entry for each example.

    Args:
        count: The number of examples.
        lists: The lists by their names; None for those that were not given.

    Raises:
        ValueError: With the name of the list.
    """
    for name, values in lists.items():
        if values is not None and len(values) != count:
            raise ValueError(f"{name} must have one entry for each of the {count} examples, got {len(values)}")


def identities_of(texts: Sequence[str], ids: Sequence[str | None] | None) -> Sequence[str]:
    """Return what names each example, its text or its id; the NUL tells an id from a text that reads the same."""
    if ids is None:
        return texts
    return [text if name is None else f"\x00{name}" for text, name in zip(texts, ids, strict=True)]


def _first_problem(sentences: Sequence[Any]) -> str:
    """Say which sentence is no list of tokens, or which token is no text."""
    for number, tokens in enumerate(sentences):
        if not isinstance(tokens, Iterable):
            return f"sentence {number}: expected a list of tokens, got {tokens!r}"
        for place, token in enumerate(tokens):
            if not isinstance(token, str):
                return f"sentence {number}, token {place}: expected a text, got {token!r}"
    return f"expected a list of sentences, each a list of tokens, got {_beginning(sentences)}"


def _beginning(values: Any) -> str:
    written = repr(values)
    return written if len(written) <= 60 else f"{written[:60]}..."
