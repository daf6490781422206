"""The standard for comparing systems in the worst case: fixed, so that figures of different people can be compared."""

from __future__ import annotations

from itertools import product

from charrobust.attackers.attacker import AttackerOptions
from charrobust.errors import UserError

STANDARD = "standard"
# From what is allowed least to most, after Charmer (Abad Rocamora et al., ICML 2024).
LADDER = ("ladder-inner", "ladder-last", "ladder-first", "ladder-any")
# One edit is searched whole, so that what is not lost is proved to stay; two are too many for that.
_SEARCHES = ("certify:1", "greedy:2")
STANDARD_ATTACKS = tuple(f"worst:{rung}:{search}" for rung, search in product(LADDER, _SEARCHES))


def check_nothing_else(options: AttackerOptions) -> None:
    """Refuse what would make another attack of the standard.

    Args:
        options: What the user says of all attacks.

    Raises:
        UserError: There is something.
    """
    # Of systems without gradients greedy search draws where it begins.
    given = {
        "seed": options.seed is not None,
        "search_budget": options.search_budget is not None,
        "language": options.language is not None,
        "protect_patterns": bool(options.protect_patterns),
    }
    others = [f"`{name}`" for name, is_given in given.items() if is_given]
    if others:
        raise UserError(
            f"worst:{STANDARD} is fixed, so that its figures can be compared; leave out {', '.join(others)}, or name "
            "searches one by one, as worst:charbert:greedy:2"
        )
