"""The tables of searches: what they took and asked, and whether it carries over to other systems."""

from __future__ import annotations

from dataclasses import replace

from charrobust.report.names import system_title
from charrobust.report.selection import VersionLabel, labels_by_attack
from charrobust.report.tables import Cell, Row, Table, interval_cell, number_cell, success_cell, version_cell
from charrobust.report.wording import NONE, number, percent
from charrobust.scoring.evaluation.results import Results, SearchScore, Transfer


def search_table(results: Results) -> Table:
    """Return what each search took from the system that it asked."""
    labels = labels_by_attack(results)
    rows = tuple(_search_row(search, labels[search.attack]) for search in results.searches)
    heads = (
        "text",
        "model",
        "robust",
        "certified",
        "success",
        "queries, mean",
        "candidates",
        "read differently",
        "edits at success",
        "seconds",
    )
    return Table("What searches took and asked; means over the records that were searched", heads, rows)


def transfer_tables(results: Results) -> list[Table]:
    """Return a matrix for each search: what was found against one system, tried on each; none of a single system."""
    labels = labels_by_attack(results)
    tables = []
    for attack in dict.fromkeys(transfer.attack for transfer in results.transfers):
        of_attack = [transfer for transfer in results.transfers if transfer.attack == attack]
        tables.append(_matrix(of_attack, labels[attack]))
    return tables


def _matrix(transfers: list[Transfer], label: VersionLabel) -> Table:
    systems = list(dict.fromkeys(transfer.system for transfer in transfers))
    by_pair = {(transfer.against, transfer.system): transfer for transfer in transfers}
    rows = []
    for against in dict.fromkeys(transfer.against for transfer in transfers):
        cells = [_transfer_cell(by_pair.get((against, system))) for system in systems]
        rows.append((Cell(system_title(against), kind="name"), *cells))
    caption = (
        f"{label.title}: {transfers[0].metric} × 100 of each model, and how many of its right ones were made wrong"
    )
    heads = [system_title(system) for system in systems]
    return Table(caption, ("found against", *heads), tuple(rows))


def _transfer_cell(transfer: Transfer | None) -> Cell:
    if transfer is None:
        return Cell(NONE, kind="number")
    if transfer.success is None:
        return interval_cell(transfer.value)
    return interval_cell(transfer.value, f"{percent(transfer.success.value)} made wrong")


def _search_row(search: SearchScore, label: VersionLabel) -> Row:
    edits = search.edits_at_success
    return (
        replace(version_cell(label), mark=""),  # all of the table are the worst case
        Cell(search.system),
        interval_cell(search.robust),
        interval_cell(search.certified),
        success_cell(search.success),
        number_cell(number(search.queries), search.queries, note=f"median {number(search.median_queries, 0)}"),
        number_cell(number(search.candidates, 0), search.candidates),
        number_cell(percent(search.distinct), search.distinct),
        number_cell(number(edits, 2), edits),
        number_cell(number(search.seconds, 2), search.seconds),
    )
