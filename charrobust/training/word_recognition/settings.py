"""What the training of a word recogniser is made of."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.models.semi_character import BACKOFFS
from charrobust.training.settings import Section, choice, number


@dataclass(frozen=True, kw_only=True)
class RecogniserSettings(Section):
    """The settings of a word recogniser.

    Attributes:
        recipe: Recipe of the noise, by name or path.
        vocabulary: Words that are told apart: the most frequent of the corpus.
        backoff: What becomes of a word that is taken for one outside: it stays (``pass-through``), the neutral word
            takes its place (``neutral``), or a second recogniser decides (``background``).
        neutral: The neutral word.
        hidden_size: Size of each direction of the LSTM.
        word_size: Size of the vectors that words are told apart by.
        dropout: Share of what the LSTM found that is left out.
        steps: Updates of the weights.
        batch_words: Words of an update.
        passage: Words that are read together at most.
        learning_rate: Highest learning rate; it falls linearly to 0.
        warmup: Share of the steps in which it rises.
        held_out: Words that are measured on where no text is given for that, a tenth of the corpus at most.
        seed: Seed of weights, order and noise.
        log_every: Steps between log entries.
    """

    recipe: str = "charbert"
    vocabulary: int = number(30_000, 1)
    backoff: str = choice("pass-through", *BACKOFFS)
    neutral: str = "a"
    hidden_size: int = number(256, 1)
    word_size: int = number(192, 1)
    dropout: float = number(0.1, 0, 0.9)
    steps: int = number(6_000, 1)
    batch_words: int = number(1_024, 1)
    passage: int = number(50, 1)
    learning_rate: float = number(3e-3, 0)
    warmup: float = number(0.05, 0, 0.99)
    held_out: int = number(20_000, 1)
    seed: int = number(2020, 0, 2**32 - 1)
    log_every: int = number(100, 1)
