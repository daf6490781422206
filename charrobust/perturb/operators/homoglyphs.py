"""Look-alikes: letters of another script that are drawn alike, such as a Cyrillic а for a Latin a."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.perturb.operators.tables import TableExchange


@dataclass(frozen=True, kw_only=True)
class Homoglyph(TableExchange):
    """Write a letter of another script that looks like it.

    The shipped table is made of Unicode's confusables: letters of Latin, Greek and Cyrillic, each with those letters of
    other scripts that Unicode takes for confusable with it.
    """

    name = "homoglyph"
    level = "unicode"
    source = "Unicode TS 39; Boucher, Shumailov, Anderson, Papernot: Bad characters, IEEE S&P 2022"
    table: str = "confusables"
