"""The versions of a data set: what it is called, what its examples are, and what was edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from statistics import fmean
from typing import TYPE_CHECKING

from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example
from charrobust.tasks.records import LoggedEdit

if TYPE_CHECKING:
    from charrobust.search import Outcome

CLEAN = "clean"
WORST = "worst case"
AVERAGE = "average case"
GIVEN = "given"


@dataclass(frozen=True)
class AttackInfo:
    """One version of the data: clean, attacked, or attacked by somebody else.

    Attributes:
        name: ``clean``, ``charbert``, ``drop@0.5``, ``charbert/swap`` (one operator of a recipe), or a file's name.
        case: ``clean``, ``average case`` (edits drawn at random), ``worst case of greedy`` (edits that a search of that
            name found) or ``given`` (a ready-made file).
        recipe: Name of the recipe; None for clean and given data.
        severity: Share of the eligible words that are edited, or edits a text; None as above.
        operator: The only operator used, where the recipe was cut down to one, or has but one; else None.
        seed: Seed of the edits.
        words_changed: Share of the words that changed.
        edits: Mean number of edits an example.
        distance: Mean edit distance (Levenshtein, in characters) an example.
        draws: How often the edits were drawn, each time with another seed; of all of them the numbers above are means.
        system: The only system that the version was made for, by an attacker that asked it; None for all.
        search: Name of the search that found the edits; None where none did.
        most_edits: Edits of a text, at most, that the search could make; None as above.
        budget: Queries about an example, at most, that the search could ask; None for its own limits.
        level: What the recipe acts on, as ``letters``; None where there is no recipe.
        by_count: Whether the severity is a number of edited words a text, and not a share.
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
    draws: int = 1
    system: str | None = None
    search: str | None = None
    most_edits: int | None = None
    budget: int | None = None
    level: str | None = None
    by_count: bool = False

    @property
    def is_worst(self) -> bool:
        """Whether it is put together from the worst draw of each example, and was not made as a version."""
        return self.name.endswith(worst_name("", self.draws))


@dataclass(frozen=True, kw_only=True)
class RecipeUse:
    """A recipe as edits are drawn by it, with any seed: what versions and folders of attacked files say of it.

    Attributes:
        name: Name of the version.
        recipe: Name of the recipe.
        severity: Share of the eligible words that are edited, or edits a text.
        operator: The only operator of the recipe; None where there are several.
        level: What the recipe acts on; None in folders that were written before it was kept.
        by_count: Whether the severity is a number of edited words a text, and not a share.
    """

    name: str
    recipe: str
    severity: float
    operator: str | None
    level: str | None = None
    by_count: bool = False

    def info(self, seed: int) -> AttackInfo:
        """Return what is known of the version of a seed before its edits are counted."""
        return AttackInfo(
            self.name,
            AVERAGE,
            recipe=self.recipe,
            severity=self.severity,
            operator=self.operator,
            seed=seed,
            level=self.level,
            by_count=self.by_count,
        )


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


def edits_in_example(task: Task, example: Example, logged: Iterable[LoggedEdit]) -> tuple[FieldEdit, ...]:
    """Return the edits of a record that are in the texts of one of its examples.

    Args:
        task: The task.
        example: The example.
        logged: The edits of its record.

    Returns:
        The edits, in their order.
    """
    found: list[FieldEdit] = []
    for each in logged:
        text = task.text_of_edit(each, example)
        if text is not None:
            found.append(FieldEdit(text, each.edit.old, each.edit.new, each.edit.operator))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Version:
    """A version of a data set.

    Attributes:
        info: What it is.
        examples: The examples, in the order of the clean ones; of several draws those of the first.
        edits: Returns the edits of an example, by its number.
        further_draws: The examples of the other draws.
        found: What a search found, record by record; none where none did.
    """

    info: AttackInfo
    examples: tuple[Example, ...]
    edits: Callable[[int], tuple[FieldEdit, ...]]
    further_draws: tuple[tuple[Example, ...], ...] = ()
    found: tuple[Outcome, ...] = ()

    @property
    def draws(self) -> tuple[tuple[Example, ...], ...]:
        """The examples of each draw, at least one."""
        return (self.examples, *self.further_draws)

    def is_for(self, system: str) -> bool:
        """Tell whether a system is to be asked about it."""
        return self.info.system in (None, system)

    @property
    def name(self) -> str:
        """Its name."""
        return self.info.name


def of_draws(versions: Sequence[Version]) -> Version:
    """Join the versions that one recipe drew with several seeds.

    Args:
        versions: The versions, at least one.

    Returns:
        A version of as many draws: what it costs is the mean of them, and its edits are those of the first.
    """
    first, *others = versions
    infos = [version.info for version in versions]
    info = replace(
        first.info,
        draws=len(versions),
        words_changed=fmean(map(attrgetter("words_changed"), infos)),
        edits=fmean(map(attrgetter("edits"), infos)),
        distance=fmean(map(attrgetter("distance"), infos)),
    )
    return replace(first, info=info, further_draws=tuple(version.examples for version in others))


def clean_version(examples: tuple[Example, ...]) -> Version:
    """Return the version of a data set that nobody attacked."""
    return Version(AttackInfo(CLEAN, CLEAN), examples, lambda _: ())


def searched_case(search: str) -> str:
    """Return the case of a version that a search found."""
    return f"{WORST} of {search}"


def worst_name(name: str, draws: int) -> str:
    """Return the name of a version of several draws with each example under its worst draw."""
    return f"{name}, worst of {draws}"


def worst_info(info: AttackInfo) -> AttackInfo:
    """Return what results say of a version of several draws with each example under its worst draw."""
    return replace(info, name=worst_name(info.name, info.draws), case=f"worst of {info.draws} draws")
