"""What the training of a word recogniser is made of."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.settings import Checked, setting


@dataclass(frozen=True, kw_only=True)
class RecogniserSettings(Checked):
    """The settings of a word recogniser."""

    recipe: str = setting("charbert", options=("--recipe", "-r"))
    """Recipe of the noise, by name or path."""
    vocabulary: int = setting(30_000, low=1, options=("--vocabulary",))
    """Words that are told apart: the most frequent of the corpus."""
    # The same as models.semi_character.BACKOFFS, which is not imported: with it, torch would load for each --help.
    backoff: str = setting("pass-through", choices=("pass-through", "neutral", "background"), options=("--backoff",))
    """What becomes of a word that is taken for one outside: it stays (``pass-through``), the neutral word takes its
    place (``neutral``), or a second recogniser decides (``background``)."""
    neutral: str = setting("a", options=("--neutral",))
    """The neutral word."""
    hidden_size: int = setting(256, low=1)
    """Size of each direction of the LSTM."""
    word_size: int = setting(192, low=1)
    """Size of the vectors that words are told apart by."""
    dropout: float = setting(0.1, low=0, high=0.9)
    """Share of what the LSTM found that is left out."""
    steps: int = setting(6_000, low=1, options=("--steps",))
    """Updates of the weights."""
    batch_words: int = setting(1_024, low=1)
    """Words of an update."""
    passage: int = setting(50, low=1)
    """Words that are read together at most."""
    learning_rate: float = setting(3e-3, low=0)
    """Highest learning rate; it falls linearly to 0."""
    warmup: float = setting(0.05, low=0, high=0.99)
    """Share of the steps in which it rises."""
    held_out: int = setting(20_000, low=1)
    """Words that are measured on where no text is given for that, a tenth of the corpus at most."""
    seed: int = setting(2020, low=0, high=2**32 - 1, options=("--seed",))
    """Seed of weights, order and noise."""
    log_every: int = setting(100, low=1, may_change=True)
    """Steps between log entries."""
