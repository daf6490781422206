"""The words that the noisy language model tells apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import DataError, UserError
from charrobust.files import replacing
from charrobust.json_text import parse_json
from charrobust.training.pretraining.packing import PackedCorpus


@dataclass(frozen=True)
class WordVocabulary:
    """Words by number.

    Attributes:
        words: The words, the most frequent first, none twice.
        lowercase: Whether they are in lower case, and texts are looked up in lower case.
    """

    words: tuple[str, ...]
    lowercase: bool

    @classmethod
    def of(cls, counts: Mapping[str, int], size: int, lowercase: bool) -> WordVocabulary:
        """Take the most frequent words with a letter; equally frequent ones in alphabetical order.

        Args:
            counts: How often each word occurs; words that never do are left out.
            size: How many words at most.
            lowercase: Whether words that differ in case alone are one.

        Returns:
            The vocabulary.

        Raises:
            ValueError: The size is not positive.
            DataError: No word with a letter occurs.
        """
        if size < 1:
            raise ValueError(f"size must be at least 1, got {size}")
        totals: Counter[str] = Counter()
        for word, count in counts.items():
            if count > 0 and any(map(str.isalpha, word)):
                known_as = word.lower() if lowercase else word
                totals[known_as] += count
        if not totals:
            raise DataError(
                f"none of {len(counts)} words has a letter; expected running text to take a vocabulary from"
            )
        # Not `most_common`: it leaves equally frequent words in the order of the corpus.
        by_frequency = sorted(totals, key=lambda word: (-totals[word], word))
        return cls(tuple(by_frequency[:size]), lowercase)

    @classmethod
    def of_corpus(cls, corpus: PackedCorpus, size: int, lowercase: bool) -> WordVocabulary:
        """Take the most frequent words of a corpus; arguments and errors as for :meth:`of`."""
        return cls.of(corpus.words.text_counts(), size, lowercase)

    def numbers(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """Return the number of each word, -1 for one outside the vocabulary; shape (texts,)."""
        if self.lowercase:
            texts = map(str.lower, texts)
        return np.array([self._index.get(word, -1) for word in texts], np.int64)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON.

        Args:
            path: The file.

        Raises:
            UserError: The file cannot be written.
        """
        content = {"lowercase": self.lowercase, "words": self.words}
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> WordVocabulary:
        """Read what :meth:`save` wrote.

        Args:
            path: The file.

        Returns:
            The vocabulary.

        Raises:
            UserError: There is no such file, or it holds something else.
        """  # noqa: DOC501 - _broken makes a UserError
        try:
            content = parse_json(path.read_bytes())
        except OSError as error:
            raise UserError(
                f"word vocabulary missing: cannot read {path}: {error.strerror}; "
                "give the file that was written beside the model's weights"
            ) from error
        # Deeply nested brackets exhaust the parser's stack.
        except (ValueError, RecursionError) as error:
            raise _broken(path, f"not valid JSON ({error})") from error
        return _checked(content, path)


def _checked(content: Any, path: Path) -> WordVocabulary:
    """Make a vocabulary of what a JSON file holds."""
    if not isinstance(content, dict) or content.keys() != {"lowercase", "words"}:
        raise _broken(path, 'expected an object with the keys "lowercase" and "words"')
    words, lowercase = content["words"], content["lowercase"]
    if not isinstance(lowercase, bool):
        raise _broken(path, f'"lowercase" must be true or false, got {lowercase!r}')
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise _broken(path, '"words" must be a list of strings, at least one')
    if len(set(words)) < len(words):
        raise _broken(path, f"{Counter(words).most_common(1)[0][0]!r} is there twice")
    return WordVocabulary(tuple(words), lowercase)


def _broken(path: Path, problem: str) -> UserError:
    return UserError(f"{path} is not a word vocabulary: {problem}; write it anew with WordVocabulary.save")
