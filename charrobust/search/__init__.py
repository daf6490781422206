"""Searches for the edits that hurt a system most: worst case. The names below load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.search.answers import Answers
    from charrobust.search.names import SEARCHES, find_search
    from charrobust.search.outcomes import Found, Outcome
    from charrobust.search.searching import search
    from charrobust.search.states import Limits, State, Value
    from charrobust.search.strategy import Search
    from charrobust.search.units import Unit

__all__ = [
    "SEARCHES",
    "Answers",
    "Found",
    "Limits",
    "Outcome",
    "Search",
    "State",
    "Unit",
    "Value",
    "find_search",
    "search",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charrobust.search.answers": ("Answers",),
        "charrobust.search.names": ("SEARCHES", "find_search"),
        "charrobust.search.outcomes": ("Found", "Outcome"),
        "charrobust.search.searching": ("search",),
        "charrobust.search.states": ("Limits", "State", "Value"),
        "charrobust.search.strategy": ("Search",),
        "charrobust.search.units": ("Unit",),
    },
)
