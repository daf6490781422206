"""What stays of texts and tokens: spans and marks of the caller, and matches of patterns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.edits import Span
from charrobust.perturb.inputs import check_no_blanks
from charrobust.perturb.patterns import matched_spans
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.words import Index


def protected_stretches(
    recipe: Recipe,
    patterns: Sequence[str],
    buffer: CodePointBuffer,
    texts: Sequence[str],
    protect: Sequence[Sequence[Span]] | None,
) -> tuple[Index, Index]:
    """Collect what stays of some texts, or tokens.

    Args:
        recipe: The recipe, with patterns of its own.
        patterns: The patterns of the attack.
        buffer: The buffer of ``texts``.
        texts: The texts.
        protect: For each text, spans of the caller.

    Returns:
        (starts, ends) in the buffer.

    Raises:
        RecipeError: A pattern took too long.
    """
    starts: list[int] = []
    ends: list[int] = []
    of_recipe = f"recipe {recipe.name!r}, protect"
    recipe_patterns = recipe.protected_patterns
    # Most attacks protect nothing; they must not pay for a look at every text.
    if protect is not None or recipe_patterns or patterns:
        for number, (offset, text) in enumerate(zip(buffer.starts.tolist(), texts, strict=True)):
            spans = matched_spans(recipe_patterns, text, of_recipe)
            if patterns:
                spans += matched_spans(patterns, text, "protect_patterns")
            if protect is not None:
                spans += protect[number]
            for start, end in spans:
                # In the buffer, a span that leaves its text would reach into the words of the next.
                start, end = max(0, start), min(len(text), end)
                if start < end:
                    starts.append(offset + start)
                    ends.append(offset + end)
    return np.array(starts, np.int64), np.array(ends, np.int64)


def check_marks(sentences: Sequence[Sequence[str]], protect: Sequence[Sequence[bool]] | None) -> None:
    """Refuse marks of tokens that are more or fewer than the tokens.

    Args:
        sentences: The tokens of each sentence.
        protect: For each sentence and token, whether it stays; None for no marks.

    Raises:
        ValueError: With the sentence.
    """
    if protect is None:
        return
    # Sentence by sentence: marks are joined below, where too many of one would make up for too few of another.
    for number, (tokens, marks) in enumerate(zip(sentences, protect, strict=True)):
        if len(marks) != len(tokens):
            expected = f"one mark for each of the {len(tokens)} tokens of sentence {number}"
            raise ValueError(f"protect must have {expected}, got {len(marks)}")


def marked_spans(tokens: Sequence[str], marks: Sequence[bool]) -> list[Span]:
    """Return where tokens that stay stand in their sentence, with a blank between each two."""
    spans = []
    start = 0
    for token, stays in zip(tokens, marks, strict=True):
        if stays:
            spans.append((start, start + len(token)))
        start += len(token) + 1
    return spans


def whole_tokens(tokens: Sequence[str], protect: Sequence[Sequence[bool]]) -> list[list[Span]]:
    """Turn marks of tokens that stay into spans of the tokens: the whole token, or none."""
    stays = chain.from_iterable(protect)
    return [[(0, len(token))] if keep else [] for token, keep in zip(tokens, stays, strict=True)]


def sentences_as_texts(
    sentences: Sequence[Sequence[str]], protect: Sequence[Sequence[bool]] | None
) -> tuple[list[str], list[list[Span]] | None]:
    """Join the tokens of each sentence to a text, with a blank between each two.

    Args:
        sentences: The tokens of each sentence.
        protect: For each sentence and token, whether it stays.

    Returns:
        The texts, and for each the spans of the tokens that stay; None where nothing has to.

    Raises:
        UserError: A token holds a blank or nothing.
        ValueError: There are more or fewer marks than tokens.
    """
    check_marks(sentences, protect)
    check_no_blanks(sentences)
    spans = None if protect is None else list(map(marked_spans, sentences, protect))
    return [" ".join(tokens) for tokens in sentences], spans
