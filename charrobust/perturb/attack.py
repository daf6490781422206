"""An attack is a recipe with a seed, applied to texts or to sentences of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from charrobust.perturb import engine
from charrobust.perturb.batch import Column, EditTable, Perturbed, PerturbedTokens, Tally
from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.counter_random import Keys, example_keys, text_key
from charrobust.perturb.edits import EditedText, Span
from charrobust.perturb.recipe import Recipe, load_recipe, protected_spans
from charrobust.perturb.words import Index, find_words, token_words

# Texts are perturbed in batches of about this many code points: large enough to be fast, small enough for caches.
_BATCH = 200_000
_COLUMNS = ("example", "word", "operator", "old_start", "old_end", "new_start", "new_end", "slot")

T = TypeVar("T")


@dataclass(frozen=True)
class Attack:
    """A recipe with a seed.

    The outcome for a text depends on the text, its identity, the recipe and the seed alone. The identity is
    the id that the caller gives, or else the text itself: equal texts without ids are edited alike, whatever
    their place.

    Attributes:
        recipe: What is done.
        seed: The seed; attacks with other seeds are independent.
    """

    recipe: Recipe
    seed: int

    @classmethod
    def load(cls, recipe: str | Path, *, severity: str | float | None = None, seed: int | None = None) -> Attack:
        """Load an attack.

        Args:
            recipe: A shipped name (``charbert``), one with a severity (``charbert@0.5``), or a TOML file.
            severity: See :meth:`Recipe.at`; None takes the recipe's.
            seed: None takes the recipe's.

        Raises:
            RecipeError: The recipe, its severity or one of its parts is not valid.
        """
        loaded = load_recipe(recipe)
        if severity is not None:
            loaded = loaded.at(severity)
        return cls(loaded, loaded.seed if seed is None else seed)

    def text(self, text: str, *, identity: str | None = None, protect: Sequence[Span] = ()) -> EditedText:
        """Perturb one text.

        Args:
            text: The text.
            identity: What names the example; None takes the text.
            protect: Spans whose words stay.
        """
        made: EditedText = self.texts([text], ids=None if identity is None else [identity], protect=[protect])[0]
        return made

    def texts(
        self,
        texts: Sequence[str],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[Span]] | None = None,
        field: str = "text",
    ) -> Perturbed:
        """Perturb many texts.

        Args:
            texts: The texts.
            ids: The identity of each; None for the text itself.
            protect: For each text, spans whose words stay.
            field: Name of the field they fill; fields of one example are edited independently.
        """
        _check_lengths(len(texts), ids=ids, protect=protect)
        # Texts beyond ASCII are perturbed apart, so that the others stay in narrow buffers.
        wide = np.flatnonzero(~np.fromiter(map(str.isascii, texts), bool, len(texts)))
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        groups = [np.arange(len(texts))] if not len(wide) else [np.delete(np.arange(len(texts)), wide), wide]
        parts = []
        for group in groups:
            for first, last in _batches(lengths[group]):
                parts.append(self._run_texts(group[first:last], texts, ids, protect, field))
        edited, table, tally = _joined(parts, texts, self.recipe)
        return Perturbed(texts, edited, table, tally)

    def _run_texts(
        self,
        numbers: Index,
        texts: Sequence[str],
        ids: Sequence[str | None] | None,
        protect: Sequence[Sequence[Span]] | None,
        field: str,
    ) -> _Part:
        """Perturb the texts of one batch."""
        part = _pick(texts, numbers)
        buffer = CodePointBuffer.of(part)
        job = engine.Job(
            self.recipe,
            buffer,
            find_words(buffer, part),
            self._keys(_identities(part, None if ids is None else _pick(ids, numbers)), field),
            self._protected(buffer, part, None if protect is None else _pick(protect, numbers)),
        )
        part_numbers = numbers.astype(np.int32)
        return _Part(part_numbers, part_numbers, *engine.run(job, part))

    def tokens(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
    ) -> PerturbedTokens:
        """Perturb sentences of tokens; each token is one word and stays one token.

        Args:
            sentences: The tokens of each sentence.
            ids: The identity of each sentence; None for its tokens.
            protect: For each sentence and token, whether it stays.
            field: As for :meth:`texts`.
        """
        _check_lengths(len(sentences), ids=ids, protect=protect)
        names = _identities(["\n".join(tokens) for tokens in sentences], ids)
        parts, bounds = [], np.cumsum([0, *map(len, sentences)])
        for first, last in _batches(np.array([sum(map(len, tokens)) for tokens in sentences], np.int64)):
            flat = list(chain.from_iterable(sentences[first:last]))
            sentence = np.repeat(np.arange(last - first), np.diff(bounds[first : last + 1]))
            buffer = CodePointBuffer.of(flat)
            spans = None
            if protect is not None:
                kept = chain.from_iterable(protect[first:last])
                spans = [[(0, len(token))] if stays else [] for token, stays in zip(flat, kept, strict=True)]
            job = engine.Job(
                self.recipe,
                buffer,
                token_words(buffer, flat, sentence),
                self._keys(names[first:last], field),
                self._protected(buffer, flat, spans),
                whole_tokens=True,
            )
            slots = np.arange(bounds[first], bounds[last], dtype=np.int32)
            parts.append(_Part(np.arange(first, last, dtype=np.int32), slots, *engine.run(job, flat)))
        everything = list(chain.from_iterable(sentences))
        edited, table, tally = _joined(parts, everything, self.recipe)
        pieces = [edited[a:b] for a, b in pairwise(bounds.tolist())]
        return PerturbedTokens(pieces, table, tally)

    def _keys(self, identities: Sequence[str], field: str) -> Keys:
        return example_keys(identities, text_key(self.recipe.fingerprint, str(self.seed), field))

    def _protected(
        self, buffer: CodePointBuffer, texts: Sequence[str], protect: Sequence[Sequence[Span]] | None
    ) -> tuple[Index, Index]:
        """Collect protected spans, given ones and matches, in buffer positions."""
        spans: list[Span] = []
        if protect is not None or self.recipe.protect:
            for number, (start, text) in enumerate(zip(buffer.starts.tolist(), texts, strict=True)):
                mine = [*(protect[number] if protect is not None else ()), *protected_spans(self.recipe, text)]
                inside = ((max(0, a), min(len(text), b)) for a, b in mine)
                spans += [(start + a, start + b) for a, b in inside if a < b]
        array = np.array(spans, np.int64).reshape(-1, 2)
        return array[:, 0], array[:, 1]


def _check_lengths(count: int, **given: Sequence[Any] | None) -> None:
    for name, values in given.items():
        if values is not None and len(values) != count:
            raise ValueError(f"{name} must have one entry for each of the {count} examples, got {len(values)}")


def _identities(texts: Sequence[str], ids: Sequence[str | None] | None) -> Sequence[str]:
    if ids is None:
        return texts
    return [text if name is None else f"\x00{name}" for text, name in zip(texts, ids, strict=True)]


def _pick(values: Sequence[T], numbers: Index) -> list[T]:
    """Return the values of some numbers, in ascending order."""
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return list(values[numbers[0] : numbers[-1] + 1])
    return list(map(values.__getitem__, numbers.tolist()))


def _batches(sizes: Index) -> list[tuple[int, int]]:
    """Cut a sequence into stretches of about ``_BATCH`` code points."""
    numbers = np.cumsum(sizes) // _BATCH
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(sizes)]
    return [(first, last) for first, last in pairwise(edges) if first < last]


@dataclass(frozen=True)
class _Part:
    """What came of one batch, and the numbers that its examples and strings have in the whole."""

    example: Column
    slot: Column
    texts: list[str]
    edits: EditTable
    tally: Tally


def _joined(parts: list[_Part], sources: Sequence[str], recipe: Recipe) -> tuple[list[str], EditTable, Tally]:
    """Put the results of batches together, in the order of the sources."""
    tally = Tally()
    texts = list(chain.from_iterable(part.texts for part in parts))
    columns: dict[str, list[Column]] = {name: [] for name in _COLUMNS}
    for part in parts:
        tally.add(part.tally)
        for name, column in columns.items():
            values = getattr(part.edits, name)
            column.append(getattr(part, name)[values] if name in ("example", "slot") else values)
    whole = {name: np.concatenate(pieces or [np.zeros(0, np.int32)]) for name, pieces in columns.items()}
    if np.any(np.diff(whole["slot"]) < 0):
        order = np.argsort(whole["slot"], kind="stable")
        whole = {name: column[order] for name, column in whole.items()}
    slots = np.concatenate([part.slot for part in parts] or [np.zeros(0, np.int64)])
    if np.any(np.diff(slots) < 0):
        texts = list(map(texts.__getitem__, np.argsort(slots).tolist()))
    labels = tuple(operator.label for operator in recipe.operators)
    return texts, EditTable(**whole, operators=labels, sources=sources, texts=texts), tally
