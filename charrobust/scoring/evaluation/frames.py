"""Results as data frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from charrobust.attackers.versions import WORST
from charrobust.errors import UserError, hint
from charrobust.scoring.evaluation.results import Comparison, Results, Score, SplitScore
from charrobust.scoring.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

_TABLES: dict[str, type] = {"scores": Score, "comparisons": Comparison, "splits": SplitScore}
_FACTS = ("recipe", "severity", "operator", "words_changed", "edits", "distance")


def frame_of(results: Results, table: str = "scores") -> pd.DataFrame:
    """Return a part of results as a data frame, a row each.

    Fields have columns of their names; an interval has three: ``lost``, ``lost_low``, ``lost_high``. Behind them stand
    ``case`` (``clean``, ``average case``, ``given`` or ``worst case``) and what else is known of the attack.

    Args:
        results: The results.
        table: ``scores``, ``comparisons`` or ``splits``.

    Raises:
        UserError: There is no such table.
    """
    import pandas as pd

    if table not in _TABLES:
        raise UserError(f"results have no table {table!r}; {hint(table, _TABLES)}")
    rows: Sequence[Any] = getattr(results, table)
    names = [field.name for field in fields(_TABLES[table])]
    intervals = {"value", "lost", "success", "difference"} & set(names)
    columns = [
        part for name in names for part in ((name, f"{name}_low", f"{name}_high") if name in intervals else (name,))
    ]
    facts = {attack.name: [attack.case, *(getattr(attack, fact) for fact in _FACTS)] for attack in results.attacks}
    facts[WORST] = [WORST, *([None] * len(_FACTS))]
    cells = [[cell for name in names for cell in _cells(getattr(row, name), name in intervals)] for row in rows]
    made = [[*row, *facts[each.attack]] for row, each in zip(cells, rows, strict=True)]
    return pd.DataFrame(made, columns=[*columns, "case", *_FACTS])


def _cells(value: Any, interval: bool) -> list[Any]:
    if not interval:
        return [value]
    return [value.value, value.low, value.high] if isinstance(value, Interval) else [None] * 3
