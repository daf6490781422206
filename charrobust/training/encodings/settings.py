"""What robust encodings are made of."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.errors import UserError
from charrobust.settings import Checked, setting


@dataclass(frozen=True, kw_only=True)
class EncodingSettings(Checked):
    """The settings of robust encodings."""

    recipe: str = setting("ladder-any", options=("--recipe", "-r"))
    """Recipe of the typos that are to change nothing, by the name of one that ships: one edit of one letter."""
    vocabulary: int = setting(30_000, low=1, options=("--vocabulary",))
    """Words that are known: the most frequent of the corpus."""
    fidelity: float = setting(0.4, low=0.05, options=("--fidelity",))
    """Weight of what words tell, in nats, against encodings that their typos have: the greater, the fewer words are
    read as one."""
    backoff: str = setting("pass-through", choices=("pass-through", "neutral"), options=("--backoff",))
    """What becomes of a word that is no typo of a known one: it stays (``pass-through``), or the neutral word takes its
    place (``neutral``)."""
    neutral: str = setting("a", options=("--neutral",))
    """The neutral word."""

    def __post_init__(self) -> None:
        """Check all values.

        Raises:
            UserError: One is out of range, or the neutral word is no word.
        """
        super().__post_init__()
        if not self.neutral.isalpha():
            raise UserError(f"`neutral` must be one word of letters, got {self.neutral!r}")
