"""Word recognition: the semi-character network as a defence before any model."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from charrobust.errors import UserError
from charrobust.models.semi_character import UNKNOWN, SemiCharacterRecogniser, is_recogniser
from charrobust.systems.words import in_case_of

BACKGROUND = "background"  # the folder, in that of a recogniser, that holds the one it falls back on
_SUREST = 80.0  # logarithm of the greatest margin: that of a greater one is no number
_SURE = 0.8  # how likely a word must be to take the place of one that the vocabulary holds
_WINDOW, _MARGIN = 100, 20  # words read at once, and how many at each end are read for the others' sake
_READ, _SCORED = 4_000, 500  # words read, and words scored, at once

Place = tuple[int, int]  # numbers of a sentence and of a word in it


class WordRecognition:
    """Reads whole sentences, and writes the words that it recognises.

    Words shorter than the network was taught and words without a letter stay, and so does a word of the vocabulary
    unless the network is sure that it stands for another one. Where the network takes a word for one outside its
    vocabulary, the back-off decides: the word stays (``pass-through``), a fixed word takes its place (``neutral``), or
    a second network decides (``background``), and the word stays if that one knows none either.

    Attributes:
        network: The network.
        background: The second network; None unless that is the back-off.
    """

    name = "word recognition"

    def __init__(self, network: SemiCharacterRecogniser, background: SemiCharacterRecogniser | None = None) -> None:
        """Take recognisers into use.

        Args:
            network: The recogniser.
            background: The one that is fallen back on; None for another back-off.
        """
        # Without dropout: the same words are to be read alike, whatever stands beside them in a batch.
        self.network, self.background = network.eval(), background and background.eval()

    @classmethod
    def load(cls, folder: Path) -> WordRecognition:
        """Read a folder that ``charrobust train-recogniser`` wrote.

        Args:
            folder: The folder.

        Returns:
            The restorer.

        Raises:
            UserError: It holds no recogniser, or a file is missing or damaged.
        """
        if not is_recogniser(folder):
            raise UserError(
                f"{folder} holds no recogniser and no encodings; expected a folder that charrobust train-recogniser or "
                "train-encodings wrote"
            )
        network = SemiCharacterRecogniser.load(folder)
        background = None
        if network.config.backoff == "background":
            background = SemiCharacterRecogniser.load(folder / BACKGROUND)
        return cls(network, background)

    def save(self, folder: Path) -> None:
        """Write the networks."""
        self.network.save(folder)
        if self.background is not None:
            self.background.save(folder / BACKGROUND)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that words are recognised by."""
        # The constants count: with other windows the same weights may read other words.
        digest = hashlib.sha256(json.dumps([_SURE, _WINDOW, _MARGIN]).encode())
        for network in self._networks:
            digest.update(json.dumps([asdict(network.config), network.words]).encode())
            for weights in network.state_dict().values():
                digest.update(weights.cpu().numpy().tobytes())
        return digest.hexdigest()

    @property
    def _networks(self) -> list[SemiCharacterRecogniser]:
        if self.background is None:
            return [self.network]
        return [self.network, self.background]

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences.

        Args:
            sentences: The words of each text.

        Returns:
            The recognised words, as many for each text.
        """
        recognised = [list(sentence) for sentence in sentences]
        for (number, rank), (word, _) in self._decided(sentences, self._places_asked(sentences)).items():
            recognised[number][rank] = word
        return recognised

    def margins(self, sentences: Sequence[Sequence[str]], places: Collection[Place]) -> dict[Place, float]:
        """Say how many times likelier the words that are written at some places are than the next best.

        Args:
            sentences: The words of each text.
            places: Numbers of a text and of a word in it, of words that the network is asked of.

        Returns:
            The margin of each, that of the network which decides.
        """
        return {place: margin for place, (_, margin) in self._decided(sentences, places).items()}

    def _decided(self, sentences: Sequence[Sequence[str]], places: Collection[Place]) -> dict[Place, tuple[str, float]]:
        """Return what is written at some places, and how many times likelier it is than the next best."""
        decided: dict[Place, tuple[str, float]] = {}
        unknown = set(places)
        # Each network is asked only of the words that those before it do not know.
        for network in self._networks:
            guesses, unknown = _guesses(network, sentences, unknown), set()
            for (number, rank), guess in guesses.items():
                written = sentences[number][rank]
                word = _chosen(network, written, guess)
                if word is None:
                    unknown.add((number, rank))
                decided[number, rank] = written if word is None else word, guess.margin
        if self.network.config.backoff == "neutral":
            for number, rank in unknown:
                neutral = in_case_of(self.network.config.neutral, sentences[number][rank])
                decided[number, rank] = neutral, decided[number, rank][1]
        return decided

    def _places_asked(self, sentences: Sequence[Sequence[str]]) -> set[Place]:
        """Return the places of the words that the network is asked of; the other ones stay."""
        places = set()
        for number, sentence in enumerate(sentences):
            for rank, word in enumerate(sentence):
                if self.network.asks_for(word):
                    places.add((number, rank))
        return places


@dataclass(frozen=True)
class _Guess:
    """What a network takes a word for.

    Attributes:
        word: A word of its vocabulary, or None for one outside.
        share: How likely it is.
        margin: How many times likelier it is than the next best.
    """

    word: str | None
    share: float
    margin: float


def _chosen(network: SemiCharacterRecogniser, written: str, guess: _Guess) -> str | None:
    """Return the word that is to stand where one is written; None if the network knows none."""
    # Most words of the vocabulary are meant as they are written; a few are a slip for another ("form" for "from").
    if written.lower() in network.classes and guess.share < _SURE:
        return written
    if guess.word is None:
        return None
    return in_case_of(guess.word, written)


@torch.no_grad()
def _guesses(
    network: SemiCharacterRecogniser, sentences: Sequence[Sequence[str]], asked: Collection[Place]
) -> dict[Place, _Guess]:
    """Return what a network takes some words for."""
    guesses: dict[Place, _Guess] = {}
    for windows in _batches(sentences):
        # Where in the vectors, shape (windows, words, size), each word that is asked of will stand.
        places: list[Place] = []
        rows: list[int] = []
        columns: list[int] = []
        for row, window in enumerate(windows):
            for rank in window.inner:
                if (window.sentence, rank) in asked:
                    places.append((window.sentence, rank))
                    rows.append(row)
                    columns.append(rank - window.start)
        if not places:
            continue
        vectors = network([sentences[window.sentence][window.start : window.end] for window in windows])
        # Only these are scored: scores of all words would be (windows, words, vocabulary).
        guesses |= zip(places, _recognised(network, vectors[rows, columns]), strict=True)
    return guesses


def _recognised(network: SemiCharacterRecogniser, vectors: Tensor) -> Iterator[_Guess]:
    """Yield what a network takes words for, given what it read."""
    for part in torch.split(vectors, _SCORED):
        scores = network.output(part)
        best, classes = scores.max(-1)
        # The softmax of the best class alone, in logarithms, where large scores do not overflow.
        shares = (best - scores.logsumexp(-1)).exp()
        second = scores.scatter(-1, classes.unsqueeze(-1), -torch.inf).max(-1).values
        margins = (best - second).clamp(max=_SUREST).exp()
        for number, share, margin in zip(classes.tolist(), shares.tolist(), margins.tolist(), strict=True):
            yield _Guess(None if number == UNKNOWN else network.words[number - 1], share, margin)


@dataclass(frozen=True)
class _Window:
    """Words of a sentence that are read at once.

    Attributes:
        sentence: Number of the sentence.
        start: Its first word.
        end: One past its last.
        inner: The words that are recognised; the others are read for their sake.
    """

    sentence: int
    start: int
    end: int
    inner: range


def _windows(sentence: int, length: int) -> Iterator[_Window]:
    """Cut a sentence into windows; all words are inner ones of one of them."""
    done = 0
    while done < length:
        # The last window is moved back to be a whole one: as much context as the others have.
        start = max(0, min(done - _MARGIN, length - _WINDOW))
        end = min(start + _WINDOW, length)
        # At the sentence's own end there is no context to wait for.
        upto = end if end == length else end - _MARGIN
        yield _Window(sentence, start, end, range(done, upto))
        done = upto


def _batches(sentences: Sequence[Sequence[str]]) -> Iterator[list[_Window]]:
    """Gather windows of equal length, so that none needs padding and each is read as it would be by itself."""
    groups: dict[int, list[_Window]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        for window in _windows(number, len(sentence)):
            groups[window.end - window.start].append(window)
    for length, windows in groups.items():
        size = max(1, _READ // length)
        for first in range(0, len(windows), size):
            yield windows[first : first + size]
