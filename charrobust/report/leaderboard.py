"""The leaderboard: cards of systems side by side, as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from markupsafe import Markup

from charrobust.errors import UserError
from charrobust.files import replacing
from charrobust.report.cards import Card
from charrobust.report.table_files import markdown
from charrobust.report.tables import Cell, Row, Table, interval_cell
from charrobust.report.templating import asset, environment, policy
from charrobust.report.wording import NONE
from charrobust.scoring.intervals import interval_name
from charrobust.training.cards import as_text

FILE = "leaderboard.html"


@dataclass(frozen=True)
class Board:
    """The systems that were measured on the same data.

    Attributes:
        data: Name of the data set, and what else tells boards apart.
        table: The systems, the most robust first.
    """

    data: str
    table: Table


def write_leaderboard(cards: Sequence[Card], path: Path) -> Path:
    """Write the page; as Markdown where its name ends in ``.md``.

    Args:
        cards: The cards, at least one.
        path: The page.

    Returns:
        The page.

    Raises:
        UserError: It cannot be written, or its name ends in neither.
    """
    if path.suffix not in (".html", ".md"):
        raise UserError(f"the page is HTML or Markdown: end its name with .html or .md, got {path}")
    page = leaderboard_markdown(cards) if path.suffix == ".md" else leaderboard(cards)
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="replace")
    return path


def leaderboard(cards: Sequence[Card]) -> str:
    """Return the page as HTML; it loads nothing from elsewhere.

    Args:
        cards: The cards.

    Returns:
        The page.
    """
    style, script = asset("page.css"), asset("page.js")
    template = environment().get_template("leaderboard.html")
    return template.render(
        cards=len(cards),
        boards=boards_of(cards),
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704  # a file of this package
        script=Markup(script),  # noqa: S704
    )


def leaderboard_markdown(cards: Sequence[Card]) -> str:
    """Return the boards as Markdown, a table each under a heading of the second level.

    Args:
        cards: The cards.

    Returns:
        The text.
    """
    return "\n".join(f"## {as_text(board.data)}\n\n{markdown(board.table)}" for board in boards_of(cards))


def boards_of(cards: Sequence[Card]) -> list[Board]:
    """Put those cards together whose figures can be compared: of the same data, examples and metric.

    Args:
        cards: The cards.

    Returns:
        The boards, in the order of their first cards.
    """
    groups: dict[tuple[str, str, int, str, float], list[Card]] = {}
    for card in cards:
        alike = (card.task, card.data, card.examples, card.metric, card.confidence)
        groups.setdefault(alike, []).append(card)
    return [_board(sorted(group, key=lambda card: card.lowest, reverse=True)) for group in groups.values()]


def _board(cards: Sequence[Card]) -> Board:
    first = cards[0]
    # In the order in which cards name them; a system that was not measured under one has a dash there.
    proving: dict[str, bool] = {}
    for score in chain.from_iterable(card.attacks for card in cards):
        proving[score.label] = proving.get(score.label, False) or score.certified is not None
    heads = ["system", "defences", "measured by", "clean", "each text under its worst attack (worst case)"]
    for label, proves in proving.items():
        heads += [label, f"certified: {label}"] if proves else [label]
    rows = tuple(_row(card, proving) for card in cards)
    caption = f"{first.metric} × 100 with its {interval_name(first.confidence)}"
    return Board(f"{first.data}: {first.examples:,} examples", Table(caption, tuple(heads), rows))


def _row(card: Card, proving: Mapping[str, bool]) -> Row:
    scores = {score.label: score for score in card.attacks}
    cells = [
        Cell(card.system.name, note=card.system.model, kind="name"),
        Cell(" + ".join(card.system.defences) or NONE),
        Cell(card.measured_by, note=f"charrobust {card.versions.get('charrobust', NONE)}"),
        interval_cell(card.clean),
        interval_cell(card.worst),
    ]
    for label, proves in proving.items():
        score = scores.get(label)
        cells.append(interval_cell(None if score is None else score.value))
        if proves:
            cells.append(interval_cell(None if score is None else score.certified))
    return tuple(cells)
