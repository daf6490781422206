"""``charrobust leaderboard``: cards of systems as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.result import Result


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("leaderboard")(leaderboard)


def leaderboard(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of cards: JSON files, as `evaluate --card` writes them.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Page to write, HTML or Markdown (.md); leaderboard.html in DIR where none is given."
        ),
    ] = None,
) -> Result:
    """Put cards of systems side by side on one page: clean, average case, worst case, certified."""
    from charrobust.cli.shared import say
    from charrobust.report.cards import read_cards
    from charrobust.report.leaderboard import FILE, write_leaderboard

    cards = read_cards(folder)
    page = write_leaderboard(cards, folder / FILE if output is None else output)
    say(f"wrote {page}: {len(cards)} card{'s' * (len(cards) != 1)}")
    return Result({"leaderboard": page}, {"cards": len(cards)})
