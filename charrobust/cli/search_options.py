"""Options of searches for the worst case, and what is meant where two options could mean it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from charrobust.cli import panels
from charrobust.errors import UserError

BudgetLimit = Annotated[
    float | None,
    typer.Option(
        "--budget",
        help="Most that calls of this run may cost, in the currency of the TOML file's price; of searches against "
        "models that cost nothing, queries about each example.",
        rich_help_panel=panels.RUNNING,
    ),
]
SearchBudget = Annotated[
    int | None,
    typer.Option(
        "--search-budget",
        help="Queries that a search may ask about each example, at most.",
        rich_help_panel=panels.SEARCHES,
    ),
]
Screen = Annotated[
    bool,
    typer.Option(
        "--screen",
        help="Let searches ask models in bfloat16 first, and in full precision about what comes near to turning a "
        "text; some three times as fast where there are instructions for it.",
        rich_help_panel=panels.SEARCHES,
    ),
]


@dataclass(frozen=True)
class Budgets:
    """What a run may use up.

    Attributes:
        money: What calls may cost; None for any amount.
        queries: Queries of a search about an example, at most; None for the search's own limits.
    """

    money: float | None
    queries: int | None

    @classmethod
    def of(
        cls, budget: float | None, search_budget: int | None, *, attacks: Sequence[str], models: Sequence[str]
    ) -> Budgets:
        """Tell what ``--budget`` is: queries of searches, or the cost of models behind an address.

        Args:
            budget: What was given as ``--budget``.
            search_budget: What was given as ``--search-budget``.
            attacks: The attacks.
            models: The models.

        Returns:
            Both limits.

        Raises:
            UserError: It could be either, or is no number of queries.
        """
        searches = any(attack.startswith("worst:") for attack in attacks)
        if budget is None or search_budget is not None or not searches:
            return cls(budget, search_budget)
        if any(map(_may_cost, models)):
            raise UserError(
                "`budget` could be what calls cost or how many queries a search asks about each example; give the "
                "latter as `search_budget`, and `budget` is the former"
            )
        if not budget.is_integer():
            raise UserError(f"`budget` of a search is a whole number of queries about an example, got {budget:g}")
        return cls(None, int(budget))


def _may_cost(model: str) -> bool:
    """Tell whether a model may be one behind an address, whose calls may have a price."""
    from charrobust.systems.naming import parse_system

    path = parse_system(model).path
    return "://" in path or path.lower().endswith(".toml")
