"""Small semi-character networks."""

from __future__ import annotations

import torch

from charrobust.models.semi_character import SemiCharacterConfig, SemiCharacterRecogniser

WORDS = ("the", "weather", "north", "wonderful", "london")


def network(**options: object) -> SemiCharacterRecogniser:
    """Return a network with random weights, which are always the same."""
    torch.manual_seed(1)
    settings = {"alphabet": "abcdefghijklmnopqrstuvwxyz", "hidden_size": 8, "word_size": 6}
    return SemiCharacterRecogniser(SemiCharacterConfig(**{**settings, **options}), WORDS).eval()


def stubborn(word: str | None, share: float = 1.0, **options: object) -> SemiCharacterRecogniser:
    """Return a network that takes every word for one of its vocabulary, or for one outside, as surely as said."""
    made = network(**options)
    number = 0 if word is None else made.classes[word]
    torch.nn.init.zeros_(made.output.weight)
    torch.nn.init.zeros_(made.output.bias)
    others = torch.tensor((1 - share) / (made.output.out_features - 1) + 1e-12)
    made.output.bias.data[number] = torch.log(torch.tensor(share)) - torch.log(others)
    return made
