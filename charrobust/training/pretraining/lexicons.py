"""Which words a new channel with spelled keys is to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import compress, islice
from typing import Any

from charrobust.errors import UserError
from charrobust.models.channels import channel_directory
from charrobust.models.configuration import CharBertConfig
from charrobust.models.known_words import that_fit
from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.word_list import read_word_list

# Of a corpus: words that occur once are often no words.
_LEAST_OFTEN = 2


def words_to_know(configuration: Configuration, counts: Mapping[str, int], tokenizer: Any) -> dict[str, int] | None:
    """Return the words that a run's channel is to know: the first of its list, or else the frequent ones of its corpus.

    Args:
        configuration: The run.
        counts: How often the words of the corpus occur in it.
        tokenizer: The tokenizer.

    Returns:
        How often the words occur, in lower case, each once and the frequent ones first; None where keys are stored, or
        a channel is gone on from that has its words.

    Raises:
        UserError: There are fewer than `channel.lexicon_size`, or none.
    """
    channel, path = configuration.channel, configuration.data.words
    if channel.get("lexicon_keys") != "spelled" or _brings_words(configuration.init):
        return None
    words = read_word_list(path).totals() if path else _of_corpus(counts, tokenizer, channel)
    size = channel.get("lexicon_size", len(words))
    if size > len(words) or not words:
        source = path or "the corpus"
        raise UserError(
            f"[channel] lexicon_size is {size}, but {source} has {len(words)} different words that can be known; "
            "give more words or a smaller size"
        )
    return dict(islice(words.items(), size))


def _brings_words(init: str) -> bool:
    """Tell whether a channel that is gone on from knows words by their spelling already."""
    folder = channel_directory(init) if init else None
    return folder is not None and CharBertConfig.from_pretrained(folder).lexicon_keys == "spelled"


def _of_corpus(counts: Mapping[str, int], tokenizer: Any, channel: Mapping[str, Any]) -> dict[str, int]:
    """Return counts of the words of a corpus that a channel can know, the most frequent first, then by the alphabet."""

    def chosen(name: str) -> int:
        return int(channel.get(name, getattr(CharBertConfig, name)))

    totals: Counter[str] = Counter()
    for word, count in counts.items():
        if word.isalpha() and 1 < len(word) <= chosen("max_word_characters"):
            totals[word.lower()] += count
    often = [word for word, count in totals.items() if count >= _LEAST_OFTEN]
    often.sort(key=lambda word: (-totals[word], word))
    fit = that_fit(often, tokenizer, width=chosen("lexicon_tokens"), letters=chosen("max_token_characters"))
    return {word: totals[word] for word in compress(often, fit)}
