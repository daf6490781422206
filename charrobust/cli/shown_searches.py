"""What searches met, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrobust.scoring.evaluation.results import SearchScore, Transfer
    from charrobust.scoring.intervals import Interval


def lost_so_far(metrics: Mapping[str, float]) -> str:
    """Return what is shown beside the bar of a search; nothing beside others.

    Args:
        metrics: What the search tells.

    Returns:
        The share of the records that are lost so far.
    """
    return f"{metrics['lost']:.0%} lost" if "lost" in metrics else ""


def show_searches(searches: Sequence[SearchScore]) -> None:
    """Print what searches took and what they asked.

    Args:
        searches: Their figures.
    """
    from rich.markup import escape

    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import console, stacked, table

    if not searches:
        return
    width = 20  # six columns of numbers stand beside the names
    heads = ("search (worst case)", "robust", "certified", "success", "queries", "edits", "s")
    rows = table(*heads, numbers=tuple(range(1, len(heads))))
    for search in searches:
        rows.add_row(
            stacked(stacked_name(search.attack, width), stacked_name(search.system, width)),
            _share(search.robust),
            _share(search.certified),
            _share(search.success),
            stacked(f"{search.queries:,.1f}", f"{search.median_queries:,.0f}"),
            "" if search.edits_at_success is None else f"{search.edits_at_success:.2f}",
            f"{search.seconds:.2f}",
        )
    out = console()
    out.print(
        f"searches: shares of {searches[0].records:,} records in per cent (success: of those that were right); "
        "queries (below: their median), edits and seconds a record"
    )
    out.print(rows)
    for search in searches:
        if search.success is None:
            out.print(f"{escape(search.system)} has no record right when clean, so that {search.attack} looked at none")


def show_transfers(transfers: Sequence[Transfer]) -> None:
    """Print for each search how far what it found carries over to other models.

    Args:
        transfers: The transfers.
    """
    for attack in dict.fromkeys(transfer.attack for transfer in transfers):
        _show_matrix([transfer for transfer in transfers if transfer.attack == attack])


def _show_matrix(transfers: Sequence[Transfer]) -> None:
    """Print the matrix of one search: a row for each system that was searched against."""
    from rich.markup import escape

    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import console, table

    systems = list(dict.fromkeys(transfer.system for transfer in transfers))
    values = {(transfer.against, transfer.system): transfer.value for transfer in transfers}
    rows = table("found against", *map(stacked_name, systems), numbers=tuple(range(1, len(systems) + 1)))
    for against in dict.fromkeys(transfer.against for transfer in transfers):
        rows.add_row(stacked_name(against), *(_share(values.get((against, system))) for system in systems))
    console().print(
        f"{escape(transfers[0].attack)}: {transfers[0].metric}, times 100, of each system on what was found"
    )
    console().print(rows)


def _share(interval: Interval | None) -> str:
    return "" if interval is None else f"{100 * interval.value:.1f}"
