"""The words of running text, one behind the other, and the passages that a recogniser reads of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xxhash
from numpy.typing import NDArray

from charrobust.errors import DataError
from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.words import find_words
from charrobust.progress import Progress, no_progress

_BATCH = 200_000  # code points whose words are found at once


@dataclass(frozen=True)
class Passages:
    """Stretches of running text that are read together; all of one length.

    Attributes:
        starts: Number of the first word of each, shape (passages,); it identifies the passage.
        length: Number of words of each.
    """

    starts: NDArray[np.int64]
    length: int

    @property
    def places(self) -> NDArray[np.int64]:
        """The numbers of the words, shape (passages, length)."""
        return self.starts[:, None] + np.arange(self.length)


@dataclass(frozen=True)
class RunningWords:
    """The words of documents.

    Attributes:
        texts: The different words, as they are written.
        numbers: For each word of the documents, its number in ``texts``, shape (words,).
        firsts: The number of each document's first word, shape (documents,).
    """

    texts: tuple[str, ...]
    numbers: NDArray[np.int32]
    firsts: NDArray[np.int64]

    @classmethod
    def of(cls, documents: Iterable[str], progress: Progress = no_progress) -> RunningWords:
        """Find the words of documents; those without any are left out.

        Args:
            documents: The documents.
            progress: Called with the words found so far.

        Returns:
            The words of all documents, one behind the other.

        Raises:
            DataError: There is no word in them.
        """
        table: dict[str, int] = {}
        # Lists that begin with an empty array can be joined whatever comes.
        numbers, lengths, words_read = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], 0
        for part in _batches(documents):
            words, counts = _words(part)
            # A word that the table lacks gets the next number: its size before the word is put in.
            numbers.append(np.array([table.setdefault(word, len(table)) for word in words], np.int32))
            lengths.append(counts[counts > 0])
            words_read += len(words)
            progress("reading", words_read, 0, {})
        if not words_read:
            raise DataError("the text holds no word; expected running text, one document a line")
        ends = np.cumsum(np.concatenate(lengths))
        return cls(tuple(table), np.concatenate(numbers), np.concatenate([[0], ends[:-1]]))

    def __len__(self) -> int:
        return len(self.numbers)

    def counts(self) -> Counter[str]:
        """Return how often each word occurs."""
        times = np.bincount(self.numbers, minlength=len(self.texts)).tolist()
        return Counter(dict(zip(self.texts, times, strict=True)))

    @cached_property
    def digest(self) -> str:
        """A digest of the words in order, by which changed text is noticed."""
        digest = xxhash.xxh3_128()
        digest.update("\n".join(self.texts).encode("utf-8", "backslashreplace"))  # half a surrogate pair has no UTF-8
        digest.update(self.numbers.tobytes())
        digest.update(self.firsts.tobytes())
        return digest.hexdigest()

    def split(self, words: int) -> tuple[RunningWords, RunningWords]:
        """Split off the last documents.

        Args:
            words: How many words these hold; one document less where the last of them would exceed that, but at least
                one.

        Returns:
            The documents before, which may be none, and the last ones.
        """
        # Documents are never cut, or the same text would be trained on and measured on.
        document = min(int(np.searchsorted(self.firsts, len(self) - words)), len(self.firsts) - 1)
        cut = int(self.firsts[document])
        before = self.firsts < cut
        # The texts stay those of all documents, so that numbers need not change on either side.
        return (
            RunningWords(self.texts, self.numbers[:cut], self.firsts[before]),
            RunningWords(self.texts, self.numbers[cut:], self.firsts[~before] - cut),
        )

    def documents(self) -> list[list[str]]:
        """Return the words of each document."""
        ends = np.append(self.firsts, len(self))[1:].tolist()
        starts = self.firsts.tolist()
        return [self._texts_of(self.numbers[start:end].tolist()) for start, end in zip(starts, ends, strict=True)]

    def sentences(self, passages: Passages) -> list[list[str]]:
        """Return the words of passages."""
        return list(map(self._texts_of, self.numbers[passages.places].tolist()))

    def _texts_of(self, numbers: list[int]) -> list[str]:
        return [self.texts[number] for number in numbers]

    def passages(self, rng: np.random.Generator, longest: int, words: int) -> list[Passages]:
        """Cut all documents into passages, at random places, in batches of one length and in random order.

        Args:
            rng: Where places and order are drawn from.
            longest: Number of words of a passage; the first and the last one of a document may have fewer.
            words: Number of words of a batch; the last batch of each length may have fewer.

        Returns:
            The batches, all passages of a batch of one length.
        """
        # The document of each word, and which of its words it is; both of shape (words,).
        document = np.repeat(np.arange(len(self.firsts)), np.diff(self.firsts, append=len(self)))
        rank = np.arange(len(self)) - self.firsts[document]
        # Each document is cut at multiples of the length from a place of its own, so that no word always stands first.
        offset = rng.integers(longest, size=len(self.firsts))[document]
        # A passage begins with each document and at each cut; in NumPy a negative rest counts upwards, as wanted here.
        starts = np.flatnonzero((rank == 0) | ((rank - offset) % longest == 0))
        lengths = np.diff(starts, append=len(self))
        # By length, so that no batch is padded.
        batches: list[Passages] = []
        for length in np.unique(lengths).tolist():
            # Passages of one length from all over the corpus, so that a batch is no stretch of one document.
            shuffled = rng.permutation(starts[lengths == length])
            batches += [Passages(group, length) for group in _groups(shuffled, max(1, words // length))]
        return [batches[number] for number in rng.permutation(len(batches))]


def _groups(values: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for first in range(0, len(values), size):
        yield values[first : first + size]


def _batches(documents: Iterable[str]) -> Iterator[list[str]]:
    """Gather documents until they are long enough to be worth a call."""
    part: list[str] = []
    size = 0
    for document in documents:
        part.append(document)
        size += len(document)
        if size >= _BATCH:
            yield part
            part, size = [], 0
    if part:
        yield part


def _words(documents: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words of some documents, and how many each has."""
    buffer = CodePointBuffer.of(documents)
    words = find_words(buffer, documents)
    # Places in all documents joined, so that one slice each is enough.
    places = zip(words.at(words.start).tolist(), words.at(words.end).tolist(), strict=True)
    texts = [buffer.joined[start:end] for start, end in places]
    return texts, np.bincount(words.text, minlength=len(documents))
