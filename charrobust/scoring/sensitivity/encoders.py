"""Any encoder, read layer by layer and word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModel

from charrobust.errors import UserError
from charrobust.models import probes
from charrobust.perturb.edits import Span
from charrobust.scoring.sensitivity.results import CHARACTER, FIRST, MEAN, TOKEN
from charrobust.scoring.tokens import blank_tokens, check_fast
from charrobust.systems.loading import (
    has_segments,
    length_limit,
    load_config,
    load_tokenizer,
    place_of,
    telling,
)
from charrobust.tasks.windows.batching import Padding, by_length
from charrobust.tasks.windows.windower import Window, readable

Places = NDArray[np.int64]

_TOKENS = 4096  # tokens of a batch at most
_CHUNK = 512  # texts that are handed to the tokenizer at once


@dataclass(frozen=True, eq=False)
class LocatedText:
    """A text as a model reads it, and where its words are.

    Attributes:
        window: What the model reads.
        first: The first token of each word, -1 for a word without one, shape (words,).
        count: Number of tokens of each word, shape (words,).
    """

    window: Window
    first: Places
    count: Places


@dataclass(frozen=True, order=True)
class ChannelLayer:
    """A layer of a channel.

    Attributes:
        layer: 0 for the input of the first layer, else the number of the layer, from 1.
        channel: ``token`` or ``character``.
    """

    layer: int
    channel: str


class WordEncoder:
    """An encoder of the transformers library, with or without a character channel.

    Attributes:
        name: Its name.
        model: The encoder, without a head.
        tokenizer: Its tokenizer.
        max_length: Tokens of a text at most, special ones included.
    """

    def __init__(self, model: Any, tokenizer: Any, *, name: str = "", max_length: int | None = None) -> None:
        """Wrap an encoder.

        Args:
            model: The encoder.
            tokenizer: Its tokenizer.
            name: Its name.
            max_length: Tokens of a text at most; None for as many as the model reads.

        Raises:
            UserError: The tokenizer does not tell where its tokens stand in a text.
        """
        check_fast(tokenizer, name)
        self.name, self.tokenizer = name, tokenizer
        self.model = model.get_encoder() if getattr(model.config, "is_encoder_decoder", False) else model
        self.model.eval()
        limit = length_limit(self.model, tokenizer)
        self.max_length = limit if max_length is None else min(max_length, limit)
        self._blanks = blank_tokens(tokenizer)
        self._segments = has_segments(self.model)
        self._pad = Padding.of(tokenizer)
        # the released CharBERT models let padding into their sums: they are asked without any
        self._equal = getattr(self.model.config, "padding", None) == "released"

    @classmethod
    def load(cls, path: str | Path, *, name: str | None = None, device: str | None = None) -> WordEncoder:
        """Load an encoder; a head is left out.

        Args:
            path: ``minilm``, a channel such as ``charbert-minilm-l6``, a directory or a hub id.
            name: Its name; None for the last part of the path.
            device: Where it runs; None for a GPU where there is one.

        Raises:
            UserError: Nothing of that name, no encoder, or weights that do not fit it.
        """
        tokenizer = load_tokenizer(path)
        model = _load(path).to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(model, tokenizer, name=Path(path).name if name is None else name)

    def locate(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[LocatedText]:
        """Encode texts; what is too long is cut.

        Words are found by where they stand in the text, not by ``is_split_into_words``: byte-level tokenizers would
        read split words as if no blank stood between them.

        Args:
            texts: The texts.
            spans: (start, end) of the words of each.
        """
        found = []
        for begin in range(0, len(texts), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            encoded = self.tokenizer(
                [readable(text) for text in texts[part]],
                truncation=True,
                max_length=self.max_length,
                return_offsets_mapping=True,
                return_attention_mask=False,
            )
            segments = encoded.get("token_type_ids") if self._segments else None
            for row, words in enumerate(spans[part]):
                ids = encoded["input_ids"][row]
                places = np.array(encoded["offset_mapping"][row], np.int64).reshape(-1, 2)
                places[np.isin(ids, self._blanks)] = 0
                window = Window(begin + row, ids, segments[row] if segments else None)
                found.append(LocatedText(window, *_tokens_of(words, places)))
        return found

    def layers(self) -> tuple[ChannelLayer, ...]:
        """Return the layers of the channels, the token channel first.

        Raises:
            UserError: The model does not return hidden states.
        """
        text = self.locate(["a"], [[]])
        return tuple(sorted(self.states(text, [np.zeros(0, np.int64)]), key=lambda cell: (cell.channel != TOKEN, cell)))

    @torch.inference_mode()
    def states(
        self, texts: Sequence[LocatedText], chosen: Sequence[Places], *, pooling: str = FIRST, batch_size: int = 32
    ) -> dict[ChannelLayer, Tensor]:
        """Return the states of some words in each layer of each channel.

        Args:
            texts: The texts.
            chosen: Numbers of the words of each text; all of them have tokens.
            pooling: ``first`` for the first token of a word, ``mean`` for the mean of its tokens.
            batch_size: Texts of a batch at most.

        Returns:
            For each layer of each channel the states, in the order of texts and words, shape (words, size).

        Raises:
            UserError: The model does not return hidden states.
        """
        counts = [
            text.count[mine] if pooling == MEAN else np.ones_like(mine)
            for text, mine in zip(texts, chosen, strict=True)
        ]
        before = np.cumsum([0, *map(len, chosen)])
        found: dict[ChannelLayer, Tensor] = {}
        windows = [text.window for text in texts]
        for numbers in by_length(windows, batch_size, _TOKENS, equal=self._equal):
            inputs = self._pad([windows[number] for number in numbers])
            length = inputs["input_ids"].shape[1]
            picked = [
                _picked(row, texts[n].first[chosen[n]] + self._pad.shift(windows[n], length), counts[n], before[n])
                for row, n in enumerate(numbers)
            ]
            rows, tokens, words = np.concatenate(picked, axis=1)
            for cell, states in self._run(inputs).items():
                mine = states[rows, tokens].float()
                whole = found.setdefault(cell, mine.new_zeros(int(before[-1]), mine.shape[1]))
                whole.index_add_(0, torch.from_numpy(words).to(whole.device), mine)
        divisor = torch.from_numpy(np.concatenate([*counts, np.zeros(0, np.int64)]))
        return {cell: whole / divisor.unsqueeze(1).to(whole) for cell, whole in found.items()}

    def _run(self, inputs: dict[str, Tensor]) -> dict[ChannelLayer, Tensor]:
        """Return the states of a batch by layer and channel, each of shape (batch, length, size)."""
        device = self.model.device
        out = self.model(**{name: value.to(device) for name, value in inputs.items()}, output_hidden_states=True)
        states, last = out.get("hidden_states"), out.get("last_hidden_state")
        if states is None or last is None:
            raise UserError(
                f"model {self.name!r} ({type(self.model).__name__}) returns no hidden states of its layers; "
                "sensitivity needs an encoder that does, such as BERT, RoBERTa or CharBERT"
            )
        # the last is what comes out of the model, behind a closing normalisation where there is one
        found = {ChannelLayer(layer, TOKEN): layer_states for layer, layer_states in enumerate((*states[:-1], last))}
        others = out.get("character_hidden_states") or ()
        for layer, (own, other) in enumerate(zip(states, others, strict=False)):
            if own is not other:  # they are the same where the channels have merged
                ends = layer == len(states) - 1
                found[ChannelLayer(layer, CHARACTER)] = out.character_last_hidden_state if ends else other
        return found


def _load(path: str | Path) -> Any:
    """Load an encoder without a head.

    Raises:
        UserError: There is none, or some of its weights are missing.
    """
    config = load_config(path)
    with telling(path):
        if isinstance(config, probes.ProbeConfig):
            kind = getattr(probes, (config.architectures or [""])[0])
            return kind.from_pretrained(place_of(path)).encoder
        model, told = AutoModel.from_pretrained(place_of(path), dtype=torch.float32, output_loading_info=True)
    missing = sorted(key for key in told["missing_keys"] if "pooler" not in key)
    if missing:
        raise UserError(
            f"model {str(path)!r}: its files lack {len(missing)} weights of a {type(model).__name__}, such as "
            f"{missing[0]}; expected an encoder, with or without a head"
        )
    return model


def _tokens_of(words: Sequence[Span], places: Places) -> tuple[Places, Places]:
    """Return the first token of each word, -1 for a word without one, and the number of its tokens.

    Args:
        words: (start, end) of the words, in order.
        places: (start, end) of the tokens, empty for those of no word, shape (tokens, 2).
    """
    spans = np.array(words, np.int64).reshape(-1, 2)
    real = np.flatnonzero(places[:, 1] > places[:, 0])
    first = np.searchsorted(places[real, 1], spans[:, 0], side="right")
    behind = np.searchsorted(places[real, 0], spans[:, 1], side="left")
    there = (behind > first) & (spans[:, 1] > spans[:, 0])
    begin = np.full(len(spans), -1)
    begin[there] = real[first[there]]
    count = np.zeros(len(spans), np.int64)
    count[there] = real[behind[there] - 1] - begin[there] + 1
    return begin, count


def _picked(row: int, first: Places, count: Places, before: int) -> Places:
    """Return the tokens of some words of a text, a column each: its row, its place in it, the number of its word."""
    inside = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    words = np.repeat(before + np.arange(len(first)), count)
    return np.stack([np.full(len(words), row), np.repeat(first, count) + inside, words])
