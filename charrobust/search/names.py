"""Searches by name: those that ship, those of other packages, and those that programs register."""

from __future__ import annotations

from charrobust.errors import UserError, hint
from charrobust.plugins import Registry
from charrobust.search.strategy import Search

_SHIPPED = {
    "exhaustive": "exhaustive:Exhaustive",
    "certify": "certify:Certify",
    "greedy": "greedy:Greedy",
    "gradient": "gradient:Gradient",
    "beam": "beam:Beam",
    "charmer": "charmer:Charmer",
    "pruthi": "pruthi:Pruthi",
    "decision": "decision:Decision",
    "random": "random_draws:RandomDraws",
}
SEARCHES: Registry[type[Search]] = Registry(
    "search", {name: f"charrobust.search.searches.{place}" for name, place in _SHIPPED.items()}
)


def find_search(search: str | Search) -> Search:
    """Return a search.

    Args:
        search: Its name; or the search.

    Returns:
        The search.

    Raises:
        UserError: There is none of that name.
    """
    if isinstance(search, Search):
        return search
    found = SEARCHES.find(search)
    if found is None:
        raise UserError(f"unknown search {search!r}; {hint(search, SEARCHES.names())}")
    return found()


def without_scores(edits: int) -> list[str]:
    """Return the names of the searches that labels suffice for."""
    return [name for name in SEARCHES.names() if not find_search(name).needs_scores(edits)]
