"""All tables of an evaluation, by name: what the page shows, and files hold."""

from __future__ import annotations

from charrobust.report import tables
from charrobust.report.language_tables import by_language_table
from charrobust.report.noise_tables import language_table, level_table
from charrobust.report.rankings import ranking_table
from charrobust.report.search_tables import search_table, transfer_tables
from charrobust.report.sensitivity_tables import operator_table, sensitivity_table
from charrobust.report.tables import Table
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import Sensitivity


def tables_of(results: Results) -> dict[str, Table | None]:
    """Return the tables of the results; some may have no rows, and None stands for those without data."""
    return {
        "scores": tables.score_table(results),
        "all_scores": tables.full_score_table(results),
        "levels": level_table(results),
        "languages": language_table(results),
        "by_language": by_language_table(results),
        "rankings": ranking_table(results),
        "details": tables.detail_table(results),
        "spreads": tables.spread_table(results),
        "comparisons": tables.comparison_table(results),
        "all_comparisons": tables.comparison_table(results, every=True),
        "attacks": tables.attack_table(results),
        "splits": tables.split_table(results),
        "searches": search_table(results),
        "systems": tables.system_table(results),
    }


def further_tables(results: Results, sensitivity: Sensitivity | None) -> dict[str, Table]:
    """Return the tables that there are not always: of transfers, and of what noise does inside the models.

    Args:
        results: What an evaluation found.
        sensitivity: What was measured inside the models; None for nothing.

    Returns:
        The tables by name.
    """
    found = {f"transfers-{number}": table for number, table in enumerate(transfer_tables(results), 1)}
    if sensitivity is not None:
        found["sensitivity"] = sensitivity_table(sensitivity)
        found["operators"] = operator_table(sensitivity)
    return found
