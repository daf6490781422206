"""Lexical warm start: teach a character channel to recognise noised words before any transformer runs.

Words are drawn from a list with frequencies, noised by a recipe, and recognised from their characters alone: a word
of the lexicon when it was noised, the word's own tokens when it was not or is outside. Cross-entropy over the whole
lexicon, as in Sakaguchi et al. (2017); minutes on a CPU, for there is no sentence in the loop. Against attacks that
search, some of the words are taught in the form, of several, that the network as it then is recognises worst.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from charrobust.errors import UserError
from charrobust.models.characters import character_table, token_pieces
from charrobust.models.interaction import HighwayInteraction
from charrobust.perturb.attack import Attack
from charrobust.perturb.recipe_files import load_recipe
from charrobust.progress import Progress, no_progress
from charrobust.training.interruptions import Stop
from charrobust.training.pretraining.words import WordCodec

# The weights that a warm start changes, by the beginnings of their names in a model with heads.
TAUGHT = tuple(f"charbert.{part}." for part in ("character_encoder", "recogniser", "interactions"))
_CLEAN = 0.2  # share of words left as they are
_POWER = 0.5  # words are drawn by their count to this power, so that rare ones are met too
_ROUND = 64  # batches drawn together and sorted by length
_HELD_OUT = 5_000
_OPEN = 2.0  # the character channel then counts for 0.88 of what the token channel becomes


@dataclass(frozen=True)
class WarmStart:
    """How well noised words are recognised after the warm start, by characters alone.

    Attributes:
        steps: Steps taken.
        recognised: Share of noised words of the lexicon for which the right word scores highest.
        kept: Share of other words, clean or outside the lexicon, whose own tokens are kept.
        in_all_forms: Of adversarial training, the share of noised words of the lexicon that are recognised in each of
            as many forms as are tried; None without.
    """

    steps: int
    recognised: float
    kept: float
    in_all_forms: float | None = None


@dataclass(frozen=True)
class Rivals:
    """Adversarial training: of several noised forms of a word the one that is recognised worst is trained on.

    Attributes:
        forms: Forms of a word.
        share: Share of the words for which several are tried; the others are trained on in the first.
    """

    forms: int
    share: float


@dataclass(frozen=True)
class _Sample:
    """Words as they are read, and what is right for them.

    Attributes:
        letters: Character ids, shape (words, characters).
        single: Whether a word as it is read is one token, shape (words,).
        target: Number in the lexicon, or the lexicon's size where the word's own tokens are to stay, shape (words,).
    """

    letters: Tensor
    single: Tensor
    target: Tensor


class _Words:
    """Draws noised words."""

    def __init__(self, body: Any, tokenizer: Any, counts: Mapping[str, int], *, recipe: str, seed: int) -> None:
        pieces = token_pieces(tokenizer)
        # Words that are one token, by their number: only of these does the token channel know a vector.
        self._lexicon = {pieces[token]: number for number, token in enumerate(body.lexicon.tolist())}
        self._words = list(self._lexicon)
        for word, count in counts.items():
            if word not in self._lexicon and count > 1 and word.isalpha():
                self._words.append(word)
        # One more each, so that words of the lexicon that the corpus lacks are drawn too.
        weights = np.array([counts.get(word, 0) + 1 for word in self._words], float) ** _POWER
        self._shares = weights / weights.sum()
        self._config, self._recipe, self._seed = body.config, load_recipe(recipe), seed
        self._codec = WordCodec(tokenizer)

    def draw(self, count: int, number: int, forms: int = 1) -> list[_Sample]:
        """Return the words of a round in some noised forms; they depend on the seed and the round's number alone."""
        # All draws of a round come from here, in this order: words, the seed of the attack, which words stay, the seeds
        # of further forms. So the first form is the same, however many there are.
        rng = np.random.default_rng([self._seed, number])
        words = [self._words[place] for place in rng.choice(len(self._words), count, p=self._shares)]
        seed = int(rng.integers(2**31))
        clean = rng.random(count) < _CLEAN
        seeds = [seed, *rng.integers(2**31, size=forms - 1).tolist()]
        return [self._noised(words, clean, Attack(self._recipe, seed)) for seed in seeds]

    def _noised(self, words: list[str], clean: NDArray[np.bool_], attack: Attack) -> _Sample:
        """Noise words, but for those that stay clean."""
        # A sentence a word, each with an id of its own: a word that is drawn twice is noised in two ways.
        sentences = [[word] for word in words]
        noised = attack.tokens(sentences, ids=list(map(str, range(len(words)))), blanks=True).sentences
        forms = []
        for word, (form,), stays in zip(words, noised, clean, strict=True):
            forms.append(word if stays else self._read(form))
        return self._sample(words, forms)

    def _read(self, form: str) -> str:
        """Return how a noised form is read: of one that falls apart into several words, the longest."""
        # The tokenizer's normaliser takes away again what noise brings back of capitals and accents.
        words = [self._codec.word(pre_token)[0] for pre_token in self._codec.cut(form)]
        return max(words, key=len, default="")

    def _sample(self, words: list[str], forms: list[str]) -> _Sample:
        own_tokens = len(self._lexicon)  # the class behind all words: nothing to be recognised
        target = []
        for word, form in zip(words, forms, strict=True):
            # A clean word, or one that noise left alone, is not replaced by its own embedding: its tokens stay.
            target.append(own_tokens if word == form else self._lexicon.get(word, own_tokens))
        width = self._config.max_word_characters
        # The table of tokens' characters serves for any strings: here a row is a word.
        letters = character_table(forms, self._config.character_vocabulary, len(forms), width).long()
        single = torch.tensor([form in self._lexicon for form in forms])
        return _Sample(letters, single, torch.tensor(target))

    def batches(self, size: int, steps: int, forms: int) -> Iterator[list[_Sample]]:
        """Yield batches of words of like length, each in some forms."""
        # Round 0 is the held-out words: training begins with round 1.
        for number in range(1 + steps // _ROUND):
            drawn = self.draw(size * _ROUND, number + 1, forms)
            order = _by_length(drawn[0].letters, np.random.default_rng([self._seed, number]))
            for rows in torch.split(order, size):
                yield [_picked(form, rows) for form in drawn]


def _by_length(letters: Tensor, rng: np.random.Generator) -> Tensor:
    """Return an order of words in which neighbours are of like length, and lengths follow each other at random."""
    # Sorted words make batches without padding; the noise keeps a batch from holding words of one length alone.
    lengths = (letters != 0).sum(1).numpy() + rng.normal(0, 2, len(letters))
    return torch.from_numpy(np.argsort(lengths, kind="stable"))


def _picked(sample: _Sample, rows: Tensor) -> _Sample:
    """Return some words of a sample."""
    return _Sample(sample.letters[rows], sample.single[rows], sample.target[rows])


def _cut(sample: _Sample) -> _Sample:
    """Return the words of a sample without what is behind the longest."""
    longest = max(1, int((sample.letters != 0).sum(1).max()))
    return _Sample(sample.letters[:, :longest], sample.single, sample.target)


def warm_start(
    model: Any,
    tokenizer: Any,
    words: Mapping[str, int],
    *,
    recipe: str,
    steps: int,
    batch_size: int = 512,
    learning_rate: float = 3e-3,
    seed: int = 0,
    rivals: Rivals | None = None,
    opens: bool = True,
    progress: Progress = no_progress,
    stop: Stop | None = None,
) -> WarmStart | None:
    """Train the character encoder and the recogniser of a model on words alone.

    Args:
        model: A CharBERT model with ``character_entry = "recognised"``.
        tokenizer: Its tokenizer.
        words: How often each word occurs in running text, normalised as the tokenizer does.
        recipe: The noise.
        steps: Number of steps.
        batch_size: Words a step.
        learning_rate: The highest; it rises over the first twentieth and falls to zero.
        seed: Seed of words and noise.
        rivals: Adversarial training; None for the first form of each word.
        opens: Whether the token channel is let follow the character channel afterwards; False for one that has learnt to.
        progress: Called with the steps done, all steps and the loss.
        stop: Asked after each step whether to end.

    Returns:
        How well it worked; None where it was ended before.

    Raises:
        UserError: The model does not recognise words.
    """
    body = getattr(model, "charbert", model)
    if body.config.character_entry != "recognised":
        raise UserError(
            f"a warm start teaches word recognition: expected a channel with character_entry = 'recognised', got "
            f"{body.config.character_entry!r}; change it, or set the steps of the warm start to 0"
        )
    source = _Words(body, tokenizer, words, recipe=recipe, seed=seed)
    weights = [*body.character_encoder.parameters(), *body.recogniser.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
    # Not strict: there are batches in whole rounds, more than steps.
    batches = source.batches(batch_size, steps, 1 if rivals is None else rivals.forms)
    for step, forms in zip(range(steps), _shuffled(batches, seed), strict=False):
        batch = _cut(forms[0] if rivals is None else _worst(body, forms, _drawn(rivals.share, batch_size, seed, step)))
        loss = functional.cross_entropy(_scores(body, batch), batch.target.to(body.device))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        # As usual for recurrent networks, whose gradients have rare and high peaks.
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        progress("warm start", step + 1, steps, {"loss": float(loss.detach())})
        if stop is not None and stop.requested:
            return None
    if opens:
        _open(body)
    return _measured(body, source.draw(_HELD_OUT, 0, 1 if rivals is None else rivals.forms), steps)


@torch.no_grad()
def _open(body: Any) -> None:
    """Let the token channel follow the character channel, which from now on knows something, where that can be set."""
    for interaction in body.interactions:
        # A channel moves towards the other by sigmoid(convolution) * gate: the token channel now by 0.88, where the
        # bias alone counts. The gate of the character channel stays as it is.
        if isinstance(interaction, HighwayInteraction):
            interaction.gate[0] = 1.0
            interaction.convolution.bias.copy_(torch.tensor([_OPEN, 0.0]))  # type: ignore[union-attr]


def _pace(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step."""
    rising = max(1, steps // 20)
    # The lower of two lines: one up from the first step on, one down to zero behind the last.
    return min((step + 1) / rising, (steps - step) / steps)


def _shuffled(batches: Iterator[list[_Sample]], seed: int) -> Iterator[list[_Sample]]:
    """Yield the batches of each round in random order."""
    rng = np.random.default_rng(seed)
    held: list[list[_Sample]] = []
    for batch in batches:
        held.append(batch)
        # A round comes sorted by length: without this, steps would see short words first and long ones last.
        if len(held) == _ROUND:
            for place in rng.permutation(_ROUND):
                yield held[place]
            held = []


def _drawn(share: float, count: int, seed: int, step: int) -> Tensor:
    """Draw the words of a step for which several forms are tried."""
    # The last number keeps these draws apart from those of rounds, which are made of two.
    return torch.from_numpy(np.flatnonzero(np.random.default_rng([seed, step, 1]).random(count) < share))


@torch.no_grad()
def _worst(body: Any, forms: Sequence[_Sample], rows: Tensor) -> _Sample:
    """Return the words of a batch in their first form, and those of some rows in the form with the highest loss."""
    if not len(rows):
        return forms[0]
    tried = [_picked(form, rows) for form in forms]
    worst = torch.stack([_losses(body, _cut(form)) for form in tried]).argmax(0).cpu()
    first = forms[0]
    chosen = _Sample(first.letters.clone(), first.single.clone(), first.target.clone())
    for number, form in enumerate(tried):
        mine = worst == number
        chosen.letters[rows[mine]] = form.letters[mine]
        chosen.single[rows[mine]] = form.single[mine]
        chosen.target[rows[mine]] = form.target[mine]
    return chosen


def _losses(body: Any, sample: _Sample) -> Tensor:
    """Return the loss of each word."""
    return functional.cross_entropy(_scores(body, sample), sample.target.to(body.device), reduction="none")


def _scores(body: Any, sample: _Sample) -> Tensor:
    vectors = body.character_encoder.words(sample.letters.to(body.device))
    scores: Tensor = body.recogniser.scores(vectors, sample.single.to(body.device))
    return scores


@torch.no_grad()
def _measured(body: Any, forms: Sequence[_Sample], steps: int) -> WarmStart:
    right = torch.stack([_scores(body, form).argmax(-1).cpu() == form.target for form in forms])
    noised = forms[0].target < len(body.lexicon)
    recognised, kept = float(right[0, noised].double().mean()), float(right[0, ~noised].double().mean())
    in_all_forms = None if len(forms) == 1 else float(right.all(0)[noised].double().mean())
    return WarmStart(steps, recognised, kept, in_all_forms)
