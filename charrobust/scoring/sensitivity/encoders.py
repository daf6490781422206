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
from charrobust.models.telling import telling
from charrobust.models.weights import a_pooler, load_whole
from charrobust.perturb.edits import Span
from charrobust.scoring.sensitivity.results import CHARACTER, FIRST, MEAN, TOKEN
from charrobust.scoring.tokens import blank_tokens, check_fast
from charrobust.systems.devices import device_of
from charrobust.systems.loading import (
    check_vocabulary,
    has_segments,
    length_limit,
    load_config,
    load_model,
    load_tokenizer,
    place_of,
)
from charrobust.tasks.windows.batching import Padding, by_length
from charrobust.tasks.windows.windower import Window, Windower

IntArray = NDArray[np.int64]

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
    first: IntArray
    count: IntArray


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
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        self.name, self.tokenizer, self.model = name, tokenizer, model
        self.model.eval()
        self.max_length = length_limit(model, tokenizer)
        if max_length is not None:
            self.max_length = min(max_length, self.max_length)
        self._blanks = blank_tokens(tokenizer)
        self._windower = Windower(tokenizer, self.max_length, stride=0, segments=has_segments(self.model))
        self._pad = Padding.of(tokenizer)
        # The released CharBERT models let padding into their sums, so a state would depend on its batch: their batches
        # are of texts of one length, without any padding.
        self._equal = getattr(self.model.config, "padding", None) == "released"

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        name: str | None = None,
        device: str | None = None,
        trust_remote_code: bool = False,
    ) -> WordEncoder:
        """Load an encoder; a head is left out.

        Args:
            path: ``minilm``, ``e5-small``, a channel such as ``charbert-minilm-l6``, a directory or a hub id.
            name: Its name; None for the last part of the path.
            device: Where it runs, see :func:`.device_of`; None for a GPU where there is one.
            trust_remote_code: Whether code that lies with it is run.

        Returns:
            The encoder, in evaluation mode.

        Raises:
            UserError: Nothing of that name, no encoder, or weights that do not fit it.
        """
        chosen = device_of(device)
        tokenizer = load_tokenizer(path, trust_remote_code=trust_remote_code)
        if name is None:
            name = Path(path).name
        model = _load(path, trust_remote_code=trust_remote_code)
        check_vocabulary(path, model, tokenizer)
        return cls(model.to(chosen), tokenizer, name=name)

    def locate(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[LocatedText]:
        """Encode texts; what is too long is cut.

        Words are found by where they stand in the text, not by ``is_split_into_words``: byte-level tokenizers would
        read split words as if no blank stood between them.

        Args:
            texts: The texts.
            spans: (start, end) of the words of each.

        Returns:
            For each text its token ids, and which tokens each word has.
        """
        located: list[LocatedText] = []
        for begin in range(0, len(texts), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            encoded = self._windower.encoded(
                texts[part], truncation=True, max_length=self.max_length, return_offsets_mapping=True
            )
            for row, words in enumerate(spans[part]):
                token_spans = np.array(encoded["offset_mapping"][row], np.int64).reshape(-1, 2)
                # A mark of a blank lies before its word, and would be taken for the word's first token: an empty span
                # makes it a token of no word, as special tokens are.
                token_spans[np.isin(encoded["input_ids"][row], self._blanks)] = 0
                first, count = _tokens_of(words, token_spans)
                window = Window(begin + row, encoded["input_ids"][row], self._windower.segments_of(encoded, row))
                located.append(LocatedText(window, first, count))
        return located

    def layers(self) -> tuple[ChannelLayer, ...]:
        """Return the layers of the channels, the token channel first.

        Returns:
            The layers, from what enters the first to what leaves the last.

        Raises:
            UserError: The model does not return hidden states.
        """
        # What layers and channels there are shows when the model runs: on any text, of which no word is asked for.
        states = self.states(self.locate(["a"], [[]]), [np.zeros(0, np.int64)])
        return tuple(sorted(states, key=lambda layer: (layer.channel != TOKEN, layer)))

    @torch.inference_mode()
    def states(
        self, texts: Sequence[LocatedText], chosen: Sequence[IntArray], *, pooling: str = FIRST, batch_size: int = 32
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
        counts = _token_counts(texts, chosen, pooling)
        offsets = np.cumsum([0, *map(len, chosen)])  # number of the first word of each text among all words; the end
        windows = [text.window for text in texts]
        sums: dict[ChannelLayer, Tensor] = {}
        for batch in by_length(windows, batch_size, _TOKENS, equal=self._equal):
            inputs = self._pad([windows[number] for number in batch])
            length = inputs["input_ids"].shape[1]
            picked = []
            for row, number in enumerate(batch):
                # Counted from the text's own first token; padding on the left moves it.
                first = texts[number].first[chosen[number]] + self._pad.displacement(windows[number], length)
                picked.append(_picked(first, counts[number], row=row, offset=int(offsets[number])))
            # One gather and one scattered sum a layer take all words of the batch at once: tokens of one word are
            # added up in its row, whichever text and batch they come from.
            rows, tokens, words = np.concatenate(picked, axis=1)
            for layer, states in self._run(inputs).items():
                # Summed in single precision: half precision loses digits where words have many tokens.
                # Shape (tokens picked, size).
                of_tokens = states[rows, tokens].float()
                total = sums.setdefault(layer, of_tokens.new_zeros(int(offsets[-1]), of_tokens.shape[1]))
                total.index_add_(0, torch.from_numpy(words).to(total.device), of_tokens)
        # The empty array: nothing at all cannot be concatenated.
        # Sums over a word's tokens become means, in the order of texts and words, as rows of the sums are.
        divisor = torch.from_numpy(np.concatenate([*counts, np.zeros(0, np.int64)])).unsqueeze(1)
        return {layer: total / divisor.to(total) for layer, total in sums.items()}

    def _run(self, inputs: dict[str, Tensor]) -> dict[ChannelLayer, Tensor]:
        """Return the states of a batch by layer and channel, each of shape (batch, length, size)."""
        on_device = {name: value.to(self.model.device) for name, value in inputs.items()}
        with telling(self.name):
            out = self.model(**on_device, output_hidden_states=True)
        hidden, last = out.get("hidden_states"), out.get("last_hidden_state")
        if hidden is None or last is None:
            raise UserError(
                f"model {self.name!r} ({type(self.model).__name__}) returns no hidden states of its layers; "
                "sensitivity needs an encoder that does, such as BERT, RoBERTa or CharBERT"
            )
        # The last is what comes out of the model, behind a closing normalisation where there is one.
        states: dict[ChannelLayer, Tensor] = {}
        for layer, of_layer in enumerate((*hidden[:-1], last)):
            states[ChannelLayer(layer, TOKEN)] = of_layer
        # Not strict: a model without a character channel has no such states.
        channels = zip(hidden, out.get("character_hidden_states") or (), strict=False)
        for layer, (of_tokens, of_characters) in enumerate(channels):
            if of_characters is of_tokens:  # the channels have merged
                continue
            if layer == len(hidden) - 1:
                of_characters = out.character_last_hidden_state
            states[ChannelLayer(layer, CHARACTER)] = of_characters
        return states


def _load(path: str | Path, *, trust_remote_code: bool) -> Any:
    """Load an encoder without a head.

    Raises:
        UserError: There is none, or some of its weights are missing.
    """
    config = load_config(path, trust_remote_code=trust_remote_code)
    if isinstance(config, probes.ProbeConfig):
        with telling(path):
            architecture = getattr(probes, (config.architectures or [""])[0])
            probe, _ = load_whole(architecture, place_of(path))
        return probe.encoder
    # A pooler is new where a model was trained without one; states of words do not pass through it.
    model, _ = load_model(path, AutoModel, may_lack=a_pooler, trust_remote_code=trust_remote_code, dtype=torch.float32)
    return model


def _tokens_of(words: Sequence[Span], token_spans: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first token of each word, -1 for a word without one, and the number of its tokens.

    Args:
        words: (start, end) of the words, in order.
        token_spans: (start, end) of the tokens, empty for those of no word, shape (tokens, 2).
    """
    spans = np.array(words, np.int64).reshape(-1, 2)
    real = np.flatnonzero(token_spans[:, 1] > token_spans[:, 0])
    # Starts and ends of the tokens of words ascend, so that two binary searches find the tokens of every word: the
    # first that ends behind the word's start, and the first that begins at the word's end or behind it.
    first = np.searchsorted(token_spans[real, 1], spans[:, 0], side="right")
    behind = np.searchsorted(token_spans[real, 0], spans[:, 1], side="left")
    covered = (behind > first) & (spans[:, 1] > spans[:, 0])
    begin = np.full(len(spans), -1)
    begin[covered] = real[first[covered]]
    count = np.zeros(len(spans), np.int64)
    # From a word's first token to its last, so that its tokens are one range.
    count[covered] = real[behind[covered] - 1] - begin[covered] + 1
    return begin, count


def _token_counts(texts: Sequence[LocatedText], chosen: Sequence[IntArray], pooling: str) -> list[IntArray]:
    """Return how many tokens of each chosen word are taken."""
    counts = []
    for text, words in zip(texts, chosen, strict=True):
        count = np.ones_like(words)
        if pooling == MEAN:
            count = text.count[words]
        counts.append(count)
    return counts


def _picked(first: IntArray, count: IntArray, *, row: int, offset: int) -> IntArray:
    """Return the tokens of some words of a text.

    Args:
        first: Place of the first token of each word in the batch, shape (words,).
        count: How many tokens are taken of it, same shape.
        row: Row of the text in the batch.
        offset: Number of the text's first word among all words.

    Returns:
        A column for each token: its row, its place in the row, the number of its word; shape (3, tokens).
    """
    # Ranges of all words, one behind the other, without a loop: for counts 2, 3 that is 0 1 2 3 4 less 0 0 2 2 2.
    before = np.repeat(np.cumsum(count) - count, count)
    places = np.repeat(first, count) + np.arange(len(before)) - before
    words = np.repeat(offset + np.arange(len(first)), count)
    return np.stack([np.full(len(words), row), places, words])
