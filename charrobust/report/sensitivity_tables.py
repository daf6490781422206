"""The tables of what noise does inside models."""

from __future__ import annotations

from collections.abc import Mapping

from charrobust.report.tables import Cell, Row, Table, number_cell
from charrobust.report.wording import NONE, ends, number
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import ModelSensitivity, OperatorSensitivity, Sensitivity


def sensitivity_table(sensitivity: Sensitivity) -> Table:
    """Return the paper's S of each model, and its parts."""
    heads = ("model", "S, all words", "noised words", "untouched neighbours", "sentences")
    caption = "Sensitivity in the last layer of the token channel; 0: nothing moves"
    return Table(caption, heads, tuple(map(_sensitivity_row, sensitivity.models)))


def operator_table(sensitivity: Sensitivity) -> Table:
    """Return how far words move, by the operator that edited them."""
    by_model = list(map(_by_operator, sensitivity.models))
    operators: dict[str, None] = {}  # an ordered set: operators as the models name them, each once
    for measured in by_model:
        operators |= dict.fromkeys(measured)
    rows = []
    for operator in operators:
        cells = [_operator_cell(measured, operator) for measured in by_model]
        rows.append((Cell(operator, kind="name"), *cells))
    heads = ("operator", *(model.model for model in sensitivity.models))
    return Table("How far noised words move, by operator", heads, tuple(rows))


def _sensitivity_row(model: ModelSensitivity) -> Row:
    return (
        Cell(model.model, kind="name"),
        _displacement_cell(model.score, model.words),
        _displacement_cell(model.noised, model.noised_words),
        _displacement_cell(model.untouched, model.untouched_words),
        number_cell(f"{model.sentences:,}", model.sentences),
    )


def _by_operator(model: ModelSensitivity) -> dict[str, OperatorSensitivity]:
    return {measured.operator: measured for measured in model.operators}


def _operator_cell(measured: Mapping[str, OperatorSensitivity], operator: str) -> Cell:
    """Return how far an operator moves words in one model; a dash where that model met none of its edits."""
    if operator not in measured:
        return Cell(NONE)
    return _displacement_cell(measured[operator].value, measured[operator].words)


def _displacement_cell(interval: Interval | None, words: int) -> Cell:
    if interval is None:
        return Cell(NONE, kind="number")
    note = f"{ends(interval, digits=3, factor=1)} · n = {words:,}"
    return number_cell(number(interval.value, 3), interval.value, note=note)
