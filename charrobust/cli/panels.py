"""Help of commands: the groups that their options stand in, the main ones first."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

MAIN = "Options"
EDITS = "Edits"
SEARCHES = "Worst case"
MODELS = "How models are asked"
RUNNING = "Runs, processes, cost"
RESULTS = "Results"
DATA = "How data are read"
EVERY = "Every command"
_LAST = (MODELS, RUNNING, RESULTS, DATA, EVERY)  # others come before, in the order of the command
_WIDEST = 28  # of the column of names; behind a longer one the text begins on the next line


class PanelledCommand(TyperCommand):
    """A command whose options stand in groups in its help, in as many columns as an 80-column terminal has."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """See the base class."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                panels.setdefault(_panel_of(parameter), []).append(record)
        for panel in sorted(panels, key=_rank):
            with formatter.section(panel):
                formatter.write_dl(panels[panel], col_max=_WIDEST)


def _panel_of(parameter: Any) -> str:
    """Return the group of an option; arguments stand in one of their own."""
    if parameter.param_type_name == "argument":
        return "Arguments"
    default = EVERY if parameter.name == "help" else MAIN
    return getattr(parameter, "rich_help_panel", None) or default


def _rank(panel: str) -> int:
    """Return the place of a group; Python's sorting leaves those of one rank in their order."""
    return _LAST.index(panel) + 1 if panel in _LAST else 0
