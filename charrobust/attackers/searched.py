"""Versions that a search finds by asking a system: worst case, of the edits that a recipe allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import ClassVar

from charrobust.attackers.attacker import Attacker, AttackerOptions
from charrobust.attackers.drawn import changes_of, with_cost
from charrobust.attackers.standard import STANDARD, STANDARD_ATTACKS, check_nothing_else
from charrobust.attackers.versions import AttackInfo, FieldEdit, Version, edits_in_example, searched_case
from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError, hint
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.search import SEARCHES, Answers, Found, search
from charrobust.systems.system import System
from charrobust.tasks.records import FieldLog, LoggedEdit

_FORM = "worst:RECIPE:SEARCH:EDITS, such as worst:charbert:greedy:2, or worst:standard"


@dataclass(frozen=True)
class Searched(Attacker):
    """Looks for the edits that harm a system most, among those that a recipe allows.

    Attributes:
        attack_of: The recipe with its seed. Its severity says nothing: a search chooses how many words it edits.
        name: Name of the version.
        search: Name of the search.
        most_edits: Edits of a text, at most.
        budget: Queries about an example, at most; None for the search's own limits.
        store: Folder that keeps what was found, so that a run that was stopped goes on; None keeps nothing.
        progress: Is told how far the search is.
        answers: What systems were asked in other searches.

    Raises:
        UserError: There is no such search, or a number is below 1.
    """

    attack_of: Attack
    name: str
    search: str
    most_edits: int = 1
    budget: int | None = None
    store: Path | None = field(default=None, compare=False)
    progress: Progress = field(default=no_progress, compare=False, repr=False)
    answers: Answers | None = field(default=None, compare=False, repr=False)
    asks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the search and its limits."""
        if self.search not in SEARCHES.names():
            raise UserError(f"`search` {self.search!r} is not known; {hint(self.search, SEARCHES.names())}")
        if self.most_edits < 1:
            raise UserError(f"a search makes at least 1 edit a text, got {self.most_edits}")
        if self.budget is not None and self.budget < 1:
            raise UserError(
                f"`search_budget` must be at least 1 query about an example, got {self.budget}; leave it out for the "
                "limits of the search itself"
            )

    def attack(self, system: System | None, data: DataSet) -> Version:
        """See the base class; without a system there is nothing to search against."""
        if system is None:
            raise UserError(f"{self.name} asks a system which edits harm it, and there is none")
        return self.version(system, data, self.find(system, data))

    def version(self, system: System, data: DataSet, found: Found) -> Version:
        """Return what was found as a version.

        Args:
            system: The system that was searched against.
            data: The data set.
            found: What :meth:`find` found.

        Returns:
            The version.
        """
        info = AttackInfo(
            self.name,
            searched_case(self.search),
            recipe=self.attack_of.recipe.name,
            seed=self.attack_of.seed,
            system=system.name,
            level=self.attack_of.recipe.level,
            search=self.search,
            most_edits=self.most_edits,
            budget=self.budget,
        )
        changes = chain.from_iterable(map(changes_of, found.logs))
        info = with_cost(info, data, changes, _words_of(data, self.attack_of))
        examples = data.with_records([batch.records for batch in found.batches])
        return Version(info, examples, _edits_in(found.logs, data), found=found.outcomes)

    def find(self, system: System, data: DataSet) -> Found:
        """Search.

        Args:
            system: The system that is attacked.
            data: The data set.

        Returns:
            The attacked records, their edits, and what the search met.

        Raises:
            UserError: The system does not tell what the search needs, is several models, or there are more candidates
                than the search takes.
            RecipeError: The edits that the recipe allows cannot be listed.
        """
        if len(system.members) > 1:
            names = ", ".join(member.name for member in system.members)
            raise UserError(
                f"a search attacks one model, and {system.name} holds several, of different seeds: {names}; give one "
                "of their folders"
            )
        return search(
            system,
            data,
            self.attack_of,
            search=self.search,
            edits=self.most_edits,
            budget=self.budget,
            seed=self.attack_of.seed,
            store=self.store,
            answers=self.answers,
            progress=self._told(system),
        )

    def _told(self, system: System) -> Progress:
        """Return progress under the names of this version and a system."""
        stage = f"{self.name}, {system.name}"
        return lambda _, done, total, metrics: self.progress(stage, done, total, metrics)


def named_searches(text: str, options: AttackerOptions) -> list[Attacker]:
    """Make the attackers that ``worst:...`` names.

    Args:
        text: ``worst:RECIPE:SEARCH:EDITS``, where RECIPE may hold colons, as ``charbert:de`` does; or
            ``worst:standard``.
        options: What the user says of all attacks.

    Returns:
        One attacker, or those of the standard.

    Raises:
        UserError: It is of another form, a number is none, or there is no such recipe or search.
    """
    if text == f"worst:{STANDARD}":
        check_nothing_else(options)
        texts = STANDARD_ATTACKS
    else:
        texts = (text,)
    return [_named(each, options) for each in texts]


def _named(text: str, options: AttackerOptions) -> Searched:
    """Return what one text names.

    Raises:
        UserError: As :func:`named_searches`.
    """
    # From the right: a recipe may hold colons, searches and numbers hold none.
    first, *parts = text.rsplit(":", 2)
    recipe = first.removeprefix("worst:")
    if len(parts) != 2 or recipe in ("", first) or not parts[1].isdecimal():
        raise UserError(f"attack {text!r}: expected {_FORM}")
    attack = Attack.load(
        recipe, seed=options.seed, language=options.language, protect_patterns=options.protect_patterns
    )
    name, most_edits = parts[0], int(parts[1])
    budget, store, progress, answers = options.search_budget, options.store, options.progress, options.answers
    try:
        return Searched(attack, text, name, most_edits, budget, store, progress, answers)
    except UserError as error:
        raise UserError(f"attack {text!r}: {error}") from error


def _words_of(data: DataSet, attack: Attack) -> int:
    """Return the number of words in the attacked fields: those that the recipe meets where it edits none."""
    none = replace(attack, recipe=replace(attack.recipe, share=0.0, edited_words=None))
    return sum(data.task.attack_records(batch, none).tally.words for batch in data.batches)


def _edits_in(logs: Sequence[FieldLog], data: DataSet) -> Callable[[int], tuple[FieldEdit, ...]]:
    """Return what tells the edits of an example by its number."""

    @cache
    def by_row() -> dict[int, list[LoggedEdit]]:
        found: dict[int, list[LoggedEdit]] = {}
        logged: Iterable[LoggedEdit] = chain.from_iterable(map(methodcaller("edits"), logs))
        for edit in logged:
            found.setdefault(edit.row, []).append(edit)
        return found

    def edits(number: int) -> tuple[FieldEdit, ...]:
        logged = by_row().get(data.record_of(number).first, ())
        return edits_in_example(data.task, data.examples[number], logged)

    return edits
