"""What a character channel takes the words of a text for, by their characters and, where it looks, their neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from charrobust.models.known_words import SMALL

_NAMED = 3  # known words that are told of each word
_LEAST = 0.01  # share of a word that is told


@dataclass(frozen=True)
class WordReading:
    """What a channel reads in the place of a word.

    Attributes:
        word: The word as it is written.
        own: The share of the word's own tokens.
        known: The likeliest known words with their shares, the likeliest first.
    """

    word: str
    own: float
    known: tuple[tuple[str, float], ...]


def recognises_words(model: Any) -> bool:
    """Tell whether a model is a CharBERT model whose channel recognises words."""
    return hasattr(_body(model), "recogniser")


@torch.inference_mode()
def word_readings(model: Any, tokenizer: Any, text: str) -> list[WordReading]:
    """Return what the channel of a model reads in the place of each word.

    Args:
        model: A model for which :func:`recognises_words` holds.
        tokenizer: Its tokenizer, a fast one.
        text: The text; what is longer than the model reads is left out.

    Returns:
        A reading for each word, in order; punctuation marks are words, too.
    """
    body = _body(model)
    encoded = tokenizer(text, return_tensors="pt", return_offsets_mapping=True, truncation=True, max_length=512)
    spans = encoded["offset_mapping"][0].tolist()
    ids, mask = encoded["input_ids"].to(body.device), encoded["attention_mask"].to(body.device)
    entry = body.eval().character_entry(ids, mask)
    plausible = entry.plausible
    competing = torch.cat([plausible.scores, plausible.keep], dim=-1)[0]
    shares = functional.softmax(competing.float(), dim=-1)
    best, places = shares[:, :-1].topk(min(_NAMED, shares.size(-1) - 1))
    likeliest = plausible.words[0].gather(-1, places).tolist()
    readings = []
    for first, last in _words((~entry.words.continues)[0].tolist(), spans):
        pairs = zip(likeliest[first], best[first].tolist(), strict=True)
        known = tuple((_spelling(body, tokenizer, word), share) for word, share in pairs if share >= _LEAST)
        written = text[spans[first][0] : spans[last][1]]
        readings.append(WordReading(written, float(shares[first, -1]), known))
    return readings


def _spelling(body: Any, tokenizer: Any, word: int) -> str:
    """Return a known word as text, given its number in the lexicon."""
    tokens = body.lexicon[word].flatten()[:1]
    if body.config.lexicon_keys == "spelled":
        # Of each word the tokens in lower case and as a name.
        tokens = body.lexicon[word, SMALL, : int(body.lexicon_counts[word, SMALL])]
    text: str = tokenizer.decode(tokens.tolist())
    return text.strip()


def _words(begins: list[bool], spans: list[list[int]]) -> list[tuple[int, int]]:
    """Return the first and the last token of each word; special tokens, which have no span, are none."""
    words: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(spans):
        if start == end:
            continue
        if begins[number] or not words:
            words.append((number, number))
        else:
            words[-1] = (words[-1][0], number)
    return words


def _body(model: Any) -> Any:
    """Return the two channels of a model, with or without a head."""
    return getattr(model, "charbert", model)
