"""Texts and sentences of tokens as jobs of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.counter_random import Keys
from charrobust.perturb.edits import Span
from charrobust.perturb.engine import Job
from charrobust.perturb.protection import protected_stretches, whole_tokens
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.words import Index, WordsOf, token_words


def text_job(
    recipe: Recipe,
    patterns: Sequence[str],
    texts: Sequence[str],
    words_of: WordsOf,
    *,
    numbers: Index,
    keys: Keys,
    protect: Sequence[Sequence[Span]] | None,
    is_tokenised: bool,
) -> Job:
    """Return some texts as a job of the engine.

    Args:
        recipe: What is done.
        patterns: Words that overlap a match of these regular expressions stay, too.
        texts: The texts.
        words_of: Finds their words.
        numbers: The numbers that it knows them by.
        keys: The random stream of each.
        protect: Spans of each whose words stay; None for none.
        is_tokenised: Whether their words are tokens.

    Returns:
        The job.

    Raises:
        RecipeError: A pattern took too long.
    """
    buffer = CodePointBuffer.of(texts)
    return Job(
        recipe=recipe,
        buffer=buffer,
        words=words_of(buffer, texts, numbers),
        keys=keys,
        protected=protected_stretches(recipe, patterns, buffer, texts, protect),
        is_tokenised=is_tokenised,
    )


def token_job(
    recipe: Recipe,
    patterns: Sequence[str],
    sentences: Sequence[Sequence[str]],
    keys: Keys,
    protect: Sequence[Sequence[bool]] | None,
) -> tuple[Job, list[str]]:
    """Return some sentences of tokens, each of which stays one, as a job of the engine.

    Args:
        recipe: What is done.
        patterns: As for :func:`text_job`.
        sentences: The tokens of each sentence.
        keys: The random stream of each.
        protect: Marks of the tokens that stay; None for none.

    Returns:
        The job, and all tokens.

    Raises:
        RecipeError: A pattern took too long.
    """
    tokens = list(chain.from_iterable(sentences))
    token_counts = np.fromiter(map(len, sentences), np.int64, len(sentences))
    spans = None if protect is None else whole_tokens(tokens, protect)
    buffer = CodePointBuffer.of(tokens)
    # The engine counts sentences within the batch; join_batches turns that into numbers of the whole.
    sentence_of_token = np.repeat(np.arange(len(sentences)), token_counts)
    job = Job(
        recipe=recipe,
        buffer=buffer,
        words=token_words(buffer, tokens, sentence_of_token),
        keys=keys,
        protected=protected_stretches(recipe, patterns, buffer, tokens, spans),
        is_tokenised=True,
        whole_tokens=True,
    )
    return job, tokens
