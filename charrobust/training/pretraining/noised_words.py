"""Noised words, drawn round by round from a list with frequencies: what a warm start is taught on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from charrobust.models.characters import BEGINS, character_table, token_pieces, token_roles
from charrobust.models.known_words import known_words
from charrobust.perturb.attack import Attack
from charrobust.perturb.recipe_files import load_recipe
from charrobust.training.pretraining.word_list import WordList
from charrobust.training.pretraining.words import WordCodec

ROUND = 64  # batches drawn together and sorted by length
_CLEAN = 0.2  # share of words left as they are
_POWER = 0.5  # words are drawn by their count to this power, so that rare ones are met too


@dataclass(frozen=True)
class Sample:
    """Words as they are read, and what is right for them.

    Attributes:
        letters: Character ids, shape (words, characters).
        single: Whether a word as it is read is one token, shape (words,).
        target: Number in the lexicon, or the lexicon's size where the word's own tokens are to stay, shape (words,).
        own: The other right answer: the number of a word that stays as it is, which is the same as its token, shape
            (words,); the target again where there is no other.
    """

    letters: Tensor
    single: Tensor
    target: Tensor
    own: Tensor


class NoisedWords:
    """Draws noised words.

    Attributes:
        seed: The seed of all draws.
    """

    def __init__(self, body: Any, tokenizer: Any, words: WordList, *, recipe: str, seed: int) -> None:
        """Collect the words.

        Args:
            body: A CharBERT model that recognises words.
            tokenizer: Its tokenizer.
            words: Words with their counts in running text.
            recipe: The noise; each word is noised in its language.
            seed: The seed.
        """
        pieces = token_pieces(tokenizer)
        # Words whose keys are spelled are read in small letters.
        self._as_read: Callable[[str], str] = str.casefold if body.config.lexicon_keys == "spelled" else str
        self._lexicon = {self._as_read(word): number for number, word in enumerate(known_words(body, pieces))}
        # Only of these does the token channel know a vector.
        begins = token_roles(tokenizer, pieces) == BEGINS
        self._single = {self._as_read(piece) for piece in compress(pieces, begins.tolist())}
        rows = list(zip(words.words, words.languages, words.counts, strict=True))
        # Words of the lexicon that the list lacks are drawn too, by the one that each gets more below.
        unseen = self._lexicon.keys() - set(map(self._as_read, words.words))
        rows = [row for row in rows if self._as_read(row[0]) in self._lexicon or (row[2] > 1 and row[0].isalpha())]
        rows += [(word, "", 0) for word in self._lexicon if word in unseen]
        self._words, self._languages, counts = map(list, zip(*rows, strict=True))
        self._is_known = np.array([self._as_read(word) in self._lexicon for word in self._words])
        weights = (np.array(counts, float) + 1) ** _POWER
        self._shares = weights / weights.sum()
        own = load_recipe(recipe)
        self._recipes = {code: own.in_language(code) if code else own for code in set(self._languages)}
        self._config, self.seed = body.config, seed
        self._tokenizer = tokenizer

    @cached_property
    def _codec(self) -> WordCodec:
        # Made where it is used: worker processes cannot be sent one.
        return WordCodec(self._tokenizer)

    def draw(self, count: int, number: int, forms: int = 1) -> list[Sample]:
        """Return the words of a round in some noised forms; they depend on the seed and the round's number alone.

        Args:
            count: Number of words.
            number: Number of the round.
            forms: Forms of each word.

        Returns:
            The words in each form.
        """
        # All draws of a round come from here, in this order: words, the seed of the attack, which words stay, the seeds
        # of further forms. So the first form is the same, however many there are.
        rng = np.random.default_rng([self.seed, number])
        drawn = rng.choice(len(self._words), count, p=self._shares)
        seed = int(rng.integers(2**31))
        clean = rng.random(count) < _CLEAN
        if self._config.lexicon_keys == "spelled":
            # In running text nearly all that is noised is known, and a noised word does not tell that it is not.
            clean |= ~self._is_known[drawn]
        seeds = [seed, *rng.integers(2**31, size=forms - 1).tolist()]
        return [self._noised(drawn, clean, seed) for seed in seeds]

    def _noised(self, drawn: NDArray[np.int64], clean: NDArray[np.bool_], seed: int) -> Sample:
        """Noise words, but for those that stay clean."""
        words = [self._words[number] for number in drawn]
        languages = np.array([self._languages[number] for number in drawn])
        forms = [self._as_read(word) for word in words]
        for code, recipe in self._recipes.items():
            places = np.flatnonzero((languages == code) & ~clean)
            # A sentence a word, each with an id of its own: a word that is drawn twice is noised in two ways.
            sentences = [[words[place]] for place in places]
            noised = Attack(recipe, seed).tokens(sentences, ids=list(map(str, places)), blanks=True).sentences
            for place, (form,) in zip(places, noised, strict=True):
                forms[place] = self._read(form)
        return self._sample([self._as_read(word) for word in words], forms)

    def _read(self, form: str) -> str:
        """Return how a noised form is read: of one that falls apart into several words, the longest."""
        # The tokenizer's normaliser takes away again what noise brings back of capitals and accents.
        words = [self._codec.word(pre_token)[0] for pre_token in self._codec.cut(form)]
        return self._as_read(max(words, key=len, default=""))

    def _sample(self, words: list[str], forms: list[str]) -> Sample:
        own_tokens = self._config.lexicon_size  # the class behind all words: nothing to be recognised
        target, own = [], []
        for word, form in zip(words, forms, strict=True):
            known = self._lexicon.get(word, own_tokens)
            # A clean word, or one that noise left alone, keeps its tokens, or is recognised as itself.
            target.append(own_tokens if word == form else known)
            own.append(known)
        width = self._config.max_word_characters
        # The table of tokens' characters serves for any strings: here a row is a word.
        letters = character_table(forms, self._config.character_vocabulary, len(forms), width).long()
        single = torch.tensor([form in self._single for form in forms])
        return Sample(letters, single, torch.tensor(target), torch.tensor(own))

    def batches(
        self, size: int, steps: int, *, forms: int = 1, first: int = 0, workers: int = 0
    ) -> Iterator[list[Sample]]:
        """Yield batches of words of like length, each in some forms.

        Args:
            size: Words of a batch.
            steps: Number of batches.
            forms: Forms of each word.
            first: Number of the batch to begin with; it does not change what a batch holds.
            workers: Processes that draw rounds ahead; likewise.

        Yields:
            A batch in each of its forms.
        """
        rounds = range(first // ROUND, -(-steps // ROUND))
        # A generator of its own: a loader draws a seed for its workers, and the run's random numbers are not to move.
        loader: DataLoader[Any] = DataLoader(
            _Rounds(self, size, forms),
            batch_size=None,
            sampler=rounds,
            num_workers=workers,
            prefetch_factor=1 if workers else None,
            generator=torch.Generator(),
        )
        for number, batches in zip(rounds, loader, strict=True):
            begin = max(first - number * ROUND, 0)
            yield from batches[begin : steps - number * ROUND]


@dataclass(frozen=True)
class _Rounds(Dataset[list[list[Sample]]]):
    """Rounds of batches by their number, each drawn as a whole."""

    words: NoisedWords
    size: int
    forms: int

    def __getitem__(self, number: int) -> list[list[Sample]]:
        # Round 0 is the held-out words: training begins with round 1.
        drawn = self.words.draw(self.size * ROUND, number + 1, self.forms)
        rng = np.random.default_rng([self.words.seed, number])
        by_length = torch.split(_by_length(drawn[0].letters, rng), self.size)
        # In random order: otherwise steps would see short words first and long ones last.
        orders = [by_length[place] for place in rng.permutation(ROUND)]
        return [_of_each(drawn, rows) for rows in orders]


def _by_length(letters: Tensor, rng: np.random.Generator) -> Tensor:
    """Return an order of words in which neighbours are of like length, and lengths follow each other at random."""
    # Sorted words make batches without padding; the noise keeps a batch from holding words of one length alone.
    lengths = (letters != 0).sum(1).numpy() + rng.normal(0, 2, len(letters))
    return torch.from_numpy(np.argsort(lengths, kind="stable"))


def picked(sample: Sample, rows: Tensor) -> Sample:
    """Return some words of a sample.

    Args:
        sample: The words.
        rows: Their numbers.

    Returns:
        The words.
    """
    return Sample(sample.letters[rows], sample.single[rows], sample.target[rows], sample.own[rows])


def _of_each(forms: Sequence[Sample], rows: Tensor) -> list[Sample]:
    """Return some words in each of their forms."""
    return [picked(form, rows) for form in forms]


def cut(sample: Sample) -> Sample:
    """Return the words of a sample without the blanks behind the longest.

    Args:
        sample: The words.

    Returns:
        The same words.
    """
    longest = max(1, int((sample.letters != 0).sum(1).max()))
    return replace(sample, letters=sample.letters[:, :longest])
