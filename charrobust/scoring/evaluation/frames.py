"""Results as data frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from charrobust.attackers.versions import WORST
from charrobust.errors import UserError, hint
from charrobust.scoring.evaluation.results import (
    Comparison,
    LanguageScore,
    Results,
    Score,
    SearchScore,
    SplitScore,
    Transfer,
)
from charrobust.scoring.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

_TABLES: dict[str, type] = {
    "scores": Score,
    "comparisons": Comparison,
    "splits": SplitScore,
    "searches": SearchScore,
    "transfers": Transfer,
    "languages": LanguageScore,
}
_INTERVALS = {"value", "lost", "success", "difference", "robust", "certified"}
_CURVES = {"by_edits", "by_queries"}  # which no cell can hold
_SPREAD = ("data", "draws", "seeds", "lowest", "highest")
_FACTS = ("recipe", "severity", "operator", "search", "most_edits", "words_changed", "edits", "distance", "draws")


def frame_of(results: Results, table: str = "scores") -> pd.DataFrame:
    """Return a part of results as a data frame, a row each.

    Fields have columns of their names; an interval has three: ``lost``, ``lost_low``, ``lost_high``. Behind them stand
    ``case`` (``clean``, ``average case``, ``given``, ``worst case of greedy`` or ``worst case``) and what else is known
    of the attack.

    Args:
        results: The results.
        table: ``scores``, ``comparisons``, ``splits``, ``searches`` (without their curves), ``transfers`` or
            ``languages``.

    Returns:
        The data frame.

    Raises:
        UserError: There is no such table.
    """
    import pandas as pd

    if table not in _TABLES:
        raise UserError(f"results have no table {table!r}; {hint(table, _TABLES)}")
    rows: Sequence[Any] = getattr(results, table)
    facts: dict[tuple[str, str | None], dict[str, Any]] = {}
    for attack in results.attacks:
        facts[attack.name, attack.system] = {name: getattr(attack, name) for name in ("case", *_FACTS)}
    # The worst case is made of attacks, but is none: no recipe, no severity, no edits of its own.
    facts[WORST, None] = {"case": WORST, **dict.fromkeys(_FACTS)}
    cells = []
    for row in rows:
        of_all = facts.get((row.attack, None), {})
        # What was found against a system has the facts of that one, whoever is asked about it.
        of_system = getattr(row, "against", getattr(row, "system", None))
        cells.append(_cells(row) | facts.get((row.attack, of_system), of_all))
    return pd.DataFrame(cells, columns=[*_columns(_TABLES[table]), "case", *_FACTS])


def _columns(row_type: type) -> list[str]:
    """Return the columns of a table; an interval has three."""
    columns: list[str] = []
    for field in fields(row_type):
        if field.name in _INTERVALS:
            columns += [field.name, f"{field.name}_low", f"{field.name}_high"]
        elif field.name == "spread":
            columns += [f"spread_{part}" for part in _SPREAD]
        elif field.name not in _CURVES:
            columns.append(field.name)
    return columns


def _cells(row: Any) -> dict[str, Any]:
    """Return the cells of a row by column; an interval that is not there leaves its three empty."""
    cells: dict[str, Any] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name == "spread":
            cells |= {f"spread_{part}": getattr(value, part, None) for part in _SPREAD}
        elif isinstance(value, Interval):
            cells |= {field.name: value.value, f"{field.name}_low": value.low, f"{field.name}_high": value.high}
        elif field.name not in _CURVES:
            cells[field.name] = value
    return cells
