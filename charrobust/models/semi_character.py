"""The semi-character recurrent network: recognises misspelt words from their letters and the words around them.

Of a word it sees the first character, the inner ones as a bag, and the last (Sakaguchi, Duh, Post, Van Durme, AAAI
2017), in lower case; a bidirectional LSTM reads the sentence, and a softmax names a word of the vocabulary, or none
(Pruthi, Dhingra, Lipton, ACL 2019).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from charrobust.errors import UserError, hint
from charrobust.json_text import parse_json
from charrobust.models.shapes import Float
from charrobust.models.weights import check_finite
from charrobust.perturb.code_points import encode
from charrobust.settings import read

CONFIG, WEIGHTS, WORDS = "config.json", "model.safetensors", "words.json"
MODEL_TYPE = "semi-character"
_LARGEST = 65_536  # of a layer: larger ones are damage, and fill the memory
BACKOFFS = ("pass-through", "neutral", "background")
UNKNOWN = 0  # the class of all words outside the vocabulary; word i of the vocabulary is class i + 1


@dataclass(frozen=True, kw_only=True)
class SemiCharacterConfig:
    """What the network is made of.

    Attributes:
        alphabet: The characters that are told apart, in lower case; all others are one.
        hidden_size: Size of each direction of the LSTM.
        word_size: Size of the vectors that words are told apart by.
        dropout: Share of the LSTM's states that is left out in training.
        shortest: Number of characters from which on words are to be recognised; shorter ones stay.
        backoff: What becomes of a word that is taken for one outside the vocabulary, one of ``BACKOFFS``: it stays,
            ``neutral`` takes its place, or a second network decides.
        neutral: The word that takes its place.
    """

    alphabet: str
    hidden_size: int = 256
    word_size: int = 192
    dropout: float = 0.1
    shortest: int = 3
    backoff: str = "pass-through"
    neutral: str = "a"


class SemiCharacterFeatures:
    """Turns words into what the network sees of them."""

    def __init__(self, alphabet: str) -> None:
        """Lay out the features.

        Args:
            alphabet: The characters that are told apart.
        """
        # Sorted, so that a character's number is found by bisection.
        self._code_points = np.array(sorted(map(ord, alphabet)), np.uint32)
        self._character_count = len(self._code_points) + 1  # the last one for all other characters
        self.size = 3 * self._character_count

    def __call__(self, words: Sequence[str]) -> Float[Tensor, "words size"]:
        """Return the features of words: first character, number of each inner one, last character.

        A word of one character has it first and last; one without any has none.

        Args:
            words: The words, in any case.

        Returns:
            Shape (words, size).
        """
        lowered = [word.lower() for word in words]
        # All characters of all words are counted at once: each is a number below words * size, the feature that it
        # adds one to. Starts and ends are those of words in their joined text.
        characters = self._numbers("".join(lowered))
        lengths = np.fromiter(map(len, lowered), np.int64, len(lowered))
        ends = np.cumsum(lengths)
        # Empty words have no characters to point at.
        first, last = (ends - lengths)[lengths > 0], ends[lengths > 0] - 1
        single = last[last == first]
        part = np.ones(len(characters), np.int64)  # 0 for a word's first character, 1 for inner ones, 2 for its last
        # First characters behind last ones: the only character of a word thereby counts as its first.
        part[last] = 2
        part[first] = 0
        # For each character, where the row of its word starts in the flat matrix.
        row_start = np.repeat(np.arange(len(lowered)), lengths) * self.size
        features = row_start + part * self._character_count + characters
        # The only character of a word was counted as its first; it is its last, too.
        also_last = (row_start + 2 * self._character_count + characters)[single]
        counts = np.bincount(np.concatenate([features, also_last]), minlength=len(lowered) * self.size)
        return torch.from_numpy(counts.astype(np.float32)).view(len(lowered), self.size)

    def _numbers(self, text: str) -> NDArray[np.int64]:
        """Return the number of each character of a text."""
        code_points = encode(text)
        if not len(self._code_points):
            return np.zeros(len(code_points), np.int64)
        # Where each code point would be put in; it is one of the alphabet only if it already stands there.
        nearest = np.searchsorted(self._code_points, code_points).clip(max=len(self._code_points) - 1)
        return np.where(self._code_points[nearest] == code_points, nearest, self._character_count - 1)


class SemiCharacterRecogniser(nn.Module):
    """Names the word of a vocabulary that each word of a sentence stands for."""

    def __init__(self, config: SemiCharacterConfig, words: Sequence[str]) -> None:
        """Build a network with random weights.

        Args:
            config: What it is made of.
            words: The vocabulary, in lower case, the most frequent first.
        """
        super().__init__()
        self.config, self.words = config, tuple(words)
        self.features = SemiCharacterFeatures(config.alphabet)
        self.reader = nn.LSTM(self.features.size, config.hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(config.dropout)
        self.narrow = nn.Linear(2 * config.hidden_size, config.word_size)
        self.output = nn.Linear(config.word_size, len(self.words) + 1)

    @cached_property
    def classes(self) -> dict[str, int]:
        """The class of each word of the vocabulary."""
        return {word: number for number, word in enumerate(self.words, UNKNOWN + 1)}

    def asks_for(self, word: str) -> bool:
        """Tell whether a word is one to recognise: long enough, and with a letter."""
        return len(word) >= self.config.shortest and any(map(str.isalpha, word))

    def forward(self, sentences: Sequence[Sequence[str]]) -> Float[Tensor, "sentences words word_size"]:
        """Read sentences, and return a vector for each of their words; ``output`` turns it into scores of all classes.

        Args:
            sentences: Sentences of the same number of words, one or more.

        Returns:
            Shape (sentences, words, word_size).
        """
        flat = [word for sentence in sentences for word in sentence]
        features = self.features(flat).to(self.output.weight.device)
        # Sentences of one length need no padding, which the backward direction would read first.
        vectors = self.reader(features.view(len(sentences), -1, self.features.size))[0]
        narrowed: Tensor = self.narrow(self.dropout(vectors))
        return narrowed

    def save(self, folder: Path) -> None:
        """Write the network: weights, configuration and words."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.state_dict(), folder / WEIGHTS, {"format": "pt"})
        _write_json(folder / CONFIG, {"model_type": MODEL_TYPE, **asdict(self.config)}, indent=2)
        _write_json(folder / WORDS, self.words, indent=0)

    @classmethod
    def load(cls, folder: Path) -> SemiCharacterRecogniser:
        """Read what :meth:`save` wrote; the network is ready to use.

        Args:
            folder: The folder that :meth:`save` wrote to.

        Returns:
            The network, in evaluation mode.

        Raises:
            UserError: The folder holds no such network, or a file of it is missing or damaged.
        """
        config, words = _read_config(folder), _read_words(folder / WORDS)
        try:
            weights = load_file(folder / WEIGHTS)
            check_finite(weights)
            # Where tensors take no memory: that of a damaged configuration may be without end.
            with torch.device("meta"):
                network = cls(config, words)
            network.load_state_dict(weights, assign=True)
        except (SafetensorError, OSError, RuntimeError, ValueError) as error:
            raise UserError(
                f"{folder / WEIGHTS} does not hold the weights of the network that {CONFIG} and {WORDS} describe: "
                f"{' '.join(str(error).split())}; train the recogniser again, or copy its folder whole"
            ) from error
        return network.eval()


def is_recogniser(folder: Path) -> bool:
    """Tell whether a folder holds such a network."""
    try:
        return bool(parse_json((folder / CONFIG).read_bytes())["model_type"] == MODEL_TYPE)
    # A folder of anything else may have a configuration of any form, or none.
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write_json(path: Path, content: Any, indent: int) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def _read_config(folder: Path) -> SemiCharacterConfig:
    if not is_recogniser(folder):
        raise UserError(f"{folder} holds no recogniser; expected a folder that charrobust train-recogniser wrote")
    content = _read_json(folder / CONFIG)
    content.pop("model_type")
    try:
        config = read(SemiCharacterConfig, content)
    except UserError as error:
        raise _damaged(folder / CONFIG, str(error)) from error
    if max(config.hidden_size, config.word_size) > _LARGEST or min(config.hidden_size, config.word_size) < 1:
        raise _damaged(folder / CONFIG, f"hidden_size and word_size must be between 1 and {_LARGEST:,}")
    if config.backoff not in BACKOFFS:
        raise _damaged(folder / CONFIG, f"unknown backoff {config.backoff!r}; {hint(config.backoff, BACKOFFS)}")
    return config


def _read_words(path: Path) -> list[str]:
    words = _read_json(path)
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise _damaged(path, "expected a list of words, one or more")
    return words


def _read_json(path: Path) -> Any:
    try:
        return parse_json(path.read_bytes())
    except OSError as error:
        raise _damaged(path, str(error.strerror)) from error
    except ValueError as error:
        raise _damaged(path, f"not valid JSON: {error}") from error


def _damaged(path: Path, problem: str) -> UserError:
    return UserError(f"cannot read {path}: {problem}; train the recogniser again, or copy its folder whole")
