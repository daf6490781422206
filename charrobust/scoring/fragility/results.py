"""What a measurement of fragility found, as it is kept in ``fragility.json``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.scoring.intervals import Interval
from charrobust.scoring.stored import load, save

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
FILE = "fragility.json"
ALL = "all"


@dataclass(frozen=True)
class EditFragility:
    """What edits of one kind do to the sub-tokens of words.

    Attributes:
        operator: Name of the operator, several of one word joined by ``+``; ``all`` for every edited word.
        words: Number of edited words.
        replaced: Share of them that share no sub-token with the word before the edit.
        recounted: Share of them that have another number of sub-tokens than before.
        overlap: Expected overlap: mean share of the sub-tokens before the edit, with repetitions, that are among
            those after it.
    """

    operator: str
    words: int
    replaced: Interval
    recounted: Interval
    overlap: Interval


@dataclass(frozen=True)
class GroupFragility:
    """Words of one kind.

    Attributes:
        group: ``all``, a pattern of tags such as ``NN*``, or ``entities``.
        words: Number of running words.
        split: Share of them that are more than one sub-token.
        pieces: Mean number of sub-tokens of a word.
        edits: By operator, ``all`` first; empty where no word of the group is edited.
    """

    group: str
    words: int
    split: Interval
    pieces: float
    edits: tuple[EditFragility, ...]


@dataclass(frozen=True)
class TokenizerFragility:
    """What edits do to the sub-tokens of one tokenizer.

    Attributes:
        tokenizer: Name of the tokenizer.
        vocabulary: Number of its tokens.
        dropped: Words left out, clean or noised without a sub-token.
        groups: By kind of word, ``all`` first.
    """

    tokenizer: str
    vocabulary: int
    dropped: int
    groups: tuple[GroupFragility, ...]


@dataclass(frozen=True)
class Fragility:
    """How far the sub-tokens of words hold together under edits.

    Attributes:
        data: Name of the data set.
        attack: Name of the recipe.
        severity: Its severity, as recipes write it.
        seed: Seed of the edits.
        confidence: Level of the intervals.
        tokenizers: The tokenizers, on the same words.
        versions: Versions of the packages.
        schema: Version of this shape.
    """

    data: str
    attack: str
    severity: str
    seed: int | None
    confidence: float
    tokenizers: tuple[TokenizerFragility, ...]
    versions: dict[str, str]
    schema: int = SCHEMA

    def to_frame(self) -> pd.DataFrame:
        """Return every share as a row: tokenizer, group, measure, operator, of how many words, value, interval."""
        import pandas as pd

        columns = ["tokenizer", "group", "measure", "operator", "words", "value", "low", "high"]
        return pd.DataFrame(chain.from_iterable(map(_rows, self.tokenizers)), columns=columns)

    def save(self, path: str | Path) -> None:
        """Write the measurement as JSON; see :func:`charrobust.scoring.stored.save`."""
        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Fragility:
        """Read a measurement from a file, or from the folder that holds it; see :func:`.stored.load`."""
        path = Path(path)
        if path.is_dir():
            path = path / FILE
        return load(cls, path)


def _rows(measured: TokenizerFragility) -> Iterator[tuple[Any, ...]]:
    """Go through the rows of a tokenizer; a clean word has no operator."""
    for group in measured.groups:
        split = group.split
        yield measured.tokenizer, group.group, "split", None, group.words, split.value, split.low, split.high
        for edit in group.edits:
            for measure in ("replaced", "recounted", "overlap"):
                share: Interval = getattr(edit, measure)
                numbers = edit.words, share.value, share.low, share.high
                yield measured.tokenizer, group.group, measure, edit.operator, *numbers
