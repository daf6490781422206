"""The versions of a data set: what it is called, what its examples are, and what was edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from charrobust.tasks.examples import Example

CLEAN = "clean"
WORST = "worst case"
AVERAGE = "average case"
GIVEN = "given"


@dataclass(frozen=True)
class AttackInfo:
    """One version of the data: clean, attacked, or attacked by somebody else.

    Attributes:
        name: ``clean``, ``charbert``, ``drop@0.5``, ``charbert/swap`` (one operator of a recipe), or a file's name.
        case: ``clean``, ``average case`` (edits drawn at random) or ``given`` (a ready-made file).
        recipe: Name of the recipe; None for clean and given data.
        severity: Share of the eligible words that are edited, or edits a text; None as above.
        operator: The only operator used, where the recipe was cut down to one, or has but one; else None.
        seed: Seed of the edits.
        words_changed: Share of the words that changed.
        edits: Mean number of edits an example.
        distance: Mean edit distance (Levenshtein, in characters) an example.
    """

    name: str
    case: str
    recipe: str | None = None
    severity: float | None = None
    operator: str | None = None
    seed: int | None = None
    words_changed: float = 0.0
    edits: float = 0.0
    distance: float = 0.0


@dataclass(frozen=True)
class FieldEdit:
    """An edit in a shown example.

    Attributes:
        field: Which of the texts (for tagging, which token).
        old: (start, end) in the clean text.
        new: (start, end) in the attacked text.
        operator: What made it.
    """

    field: int
    old: tuple[int, int]
    new: tuple[int, int]
    operator: str


@dataclass(frozen=True, eq=False)
class Version:
    """A version of a data set.

    Attributes:
        info: What it is.
        examples: The examples, in the order of the clean ones.
        edits: Returns the edits of an example, by its number.
    """

    info: AttackInfo
    examples: tuple[Example, ...]
    edits: Callable[[int], tuple[FieldEdit, ...]]

    @property
    def name(self) -> str:
        """Its name."""
        return self.info.name
