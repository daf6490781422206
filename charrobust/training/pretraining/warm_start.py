"""Lexical warm start: teach a character channel to recognise noised words before any transformer runs.

Words are drawn from a list with frequencies, noised by a recipe, and recognised from their characters alone: a word
of the lexicon when it was noised, the word's own tokens when it is outside, and either when it was not noised.
Cross-entropy over the whole lexicon, as in Sakaguchi et al. (2017), or over a drawn part of it where keys are spelled;
minutes on a CPU, for there is no sentence in the loop. Against attacks that search, some of the words are taught in
the form, of several, that the network as it then is recognises worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from charrobust.errors import UserError
from charrobust.models.characters import BLANK
from charrobust.models.interaction import HighwayInteraction
from charrobust.models.recognition import Contest
from charrobust.progress import Progress, no_progress
from charrobust.training.interruptions import Stop
from charrobust.training.pretraining.noised_words import NoisedWords, Sample, cut, picked
from charrobust.training.pretraining.steering import Checkpoint, Steering
from charrobust.training.pretraining.word_list import WordList

# The weights that a warm start changes, by the beginnings of their names in a model with heads.
TAUGHT = tuple(f"charbert.{part}." for part in ("character_encoder", "recogniser", "interactions"))
_HELD_OUT = 5_000
_KEYS_EVERY = 50
_OTHERS = 12_000  # known words that a step tells the right one from, where keys are spelled
_OPEN = 2.0  # the character channel then counts for 0.88 of what the token channel becomes


@dataclass(frozen=True)
class WarmStart:
    """How well noised words are recognised after the warm start, by characters alone.

    Attributes:
        steps: Steps taken.
        recognised: Share of noised words of the lexicon for which the right word scores highest.
        kept: Share of other words, clean or outside the lexicon, that are read as they are: whose own tokens are kept,
            or that are recognised as themselves.
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


def warm_start(
    model: Any,
    tokenizer: Any,
    words: WordList,
    *,
    recipe: str,
    steps: int,
    batch_size: int = 512,
    learning_rate: float = 3e-3,
    seed: int = 0,
    rivals: Rivals | None = None,
    opens: bool = True,
    workers: int = 0,
    checkpoint: Checkpoint | None = None,
    progress: Progress = no_progress,
    stop: Stop | None = None,
) -> WarmStart | None:
    """Train the character encoder and the recogniser of a model on words alone.

    Args:
        model: A CharBERT model with ``character_entry = "recognised"``.
        tokenizer: Its tokenizer.
        words: Words with their counts, normalised as the tokenizer does.
        recipe: The noise.
        steps: Number of steps.
        batch_size: Words a step.
        learning_rate: The highest; it rises over the first twentieth and falls to zero.
        seed: Seed of words and noise.
        rivals: Adversarial training; None for the first form of each word.
        opens: Whether the token channel is let follow the character channel afterwards; False where it does already.
        workers: Processes that draw words ahead; words do not depend on them.
        checkpoint: Where the state is kept every so many steps and where it is ended, to go on from there; None keeps
            none.
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
    source = NoisedWords(body, tokenizer, words, recipe=recipe, seed=seed)
    steering = Steering(body, learning_rate, steps)
    first = checkpoint.taken_up(steering) if checkpoint else 0
    count = 1 if rivals is None else rivals.forms
    batches = source.batches(batch_size, steps, forms=count, first=first, workers=workers)
    for step, forms in zip(range(first, steps), batches, strict=True):
        if step % _KEYS_EVERY == 0:
            # In between, keys of words that are not in a batch are as they were.
            body.make_keys()
        batch = cut(forms[0] if rivals is None else _worst(body, forms, _drawn(rivals.share, batch_size, seed, step)))
        loss = _losses(body, batch, _others(body, seed, step)).mean()
        steering.follow(loss)
        progress("warm start", step + 1, steps, {"loss": float(loss.detach())})
        ends = stop is not None and stop.requested
        if checkpoint:
            checkpoint.write(steering, step + 1, at_once=ends)
        if ends:
            return None
    body.make_keys()
    if opens:
        _open(body)
    return _measured(body, source.draw(_HELD_OUT, 0, count), steps)


@torch.no_grad()
def _open(body: Any) -> None:
    """Let the token channel follow the character channel, which from now on knows something, where that can be set."""
    for interaction in body.interactions:
        # A channel moves towards the other by sigmoid(convolution) * gate: the token channel now by 0.88, where the
        # bias alone counts. The gate of the character channel stays as it is.
        if isinstance(interaction, HighwayInteraction):
            interaction.gate[0] = 1.0
            interaction.convolution.bias.copy_(torch.tensor([_OPEN, 0.0]))  # type: ignore[union-attr]


def _drawn(share: float, count: int, seed: int, step: int) -> Tensor:
    """Draw the words of a step for which several forms are tried."""
    # The last number keeps these draws apart from those of rounds, which are made of two.
    return torch.from_numpy(np.flatnonzero(np.random.default_rng([seed, step, 1]).random(count) < share))


@torch.no_grad()
def _worst(body: Any, forms: Sequence[Sample], rows: Tensor) -> Sample:
    """Return the words of a batch in their first form, and those of some rows in the form with the highest loss."""
    if not len(rows):
        return forms[0]
    tried = [picked(form, rows) for form in forms]
    worst = torch.stack([_losses(body, cut(form)) for form in tried]).argmax(0).cpu()
    first = forms[0]
    chosen = picked(first, torch.arange(len(first.target)))
    for number, form in enumerate(tried):
        mine = worst == number
        chosen.letters[rows[mine]] = form.letters[mine]
        chosen.single[rows[mine]] = form.single[mine]
        chosen.target[rows[mine]] = form.target[mine]
        chosen.own[rows[mine]] = form.own[mine]
    return chosen


def _others(body: Any, seed: int, step: int) -> Tensor | None:
    """Draw the known words that stand for all those that a batch does not hold; None where keys are stored."""
    if body.config.lexicon_keys == "stored":
        return None
    # The last number keeps these draws apart from the others.
    order = np.random.default_rng([seed, step, 2]).permutation(len(body.lexicon))
    return torch.from_numpy(order[:_OTHERS])


def _losses(body: Any, sample: Sample, others: Tensor | None = None) -> Tensor:
    """Return the loss of each word: of two right answers each may be given, so what counts is both probabilities.

    Where there are others, only they and the known words of the sample are told apart.
    """
    target, own = sample.target, sample.own
    if others is None:
        scores = _scores(body, sample)
    else:
        is_known = own < len(body.lexicon)
        # One at least, where a batch holds no known word.
        words = torch.from_numpy(np.unique(own[is_known].numpy())) if is_known.any() else others[:1]
        scores = _contested(body, sample, words, others[~torch.isin(others, words)])
        # Their places among the scores; the last is keeping a word's own tokens.
        target, own = (_places(numbers, words, scores.size(1) - 1) for numbers in (target, own))
    shares = functional.log_softmax(scores, dim=-1)
    target, own = target.to(body.device), own.to(body.device)
    of_right = shares.gather(-1, torch.stack([target, own], dim=-1))
    # Not counted twice where both are one.
    other = of_right[:, 1].masked_fill(target == own, -torch.inf)
    return -torch.logaddexp(of_right[:, 0], other)


def _places(numbers: Tensor, words: Tensor, keep: int) -> Tensor:
    """Return the places of known words among some in rising order, and another for what is none of them."""
    return torch.where(torch.isin(numbers, words), torch.searchsorted(words, numbers), keep)


def _scores(body: Any, sample: Sample) -> Tensor:
    vectors = body.character_encoder.words(sample.letters.to(body.device))
    scores: Tensor = body.recogniser.scores(vectors, sample.single.to(body.device))
    return scores


def _contested(body: Any, sample: Sample, words: Tensor, others: Tensor) -> Tensor:
    """Return scores of the known words of a batch, whose spelling is read and so taught, too, and of others."""
    words = words.to(body.device)
    letters = body.known_letters(words)
    longest = max(1, int((letters != BLANK).sum(1).max()))
    contest = Contest(words, body.character_encoder.words(letters[:, :longest]), others.to(body.device))
    vectors = body.character_encoder.words(sample.letters.to(body.device))
    scores: Tensor = body.recogniser.contested(vectors, sample.single.to(body.device), contest)
    return scores


def _is_right(body: Any, sample: Sample) -> Tensor:
    """Return for each word whether a right answer scores highest."""
    best = _scores(body, sample).argmax(-1).cpu()
    return (best == sample.target) | (best == sample.own)


@torch.no_grad()
def _measured(body: Any, forms: Sequence[Sample], steps: int) -> WarmStart:
    right = torch.stack([_is_right(body, form) for form in forms])
    noised = forms[0].target < len(body.lexicon)
    recognised, kept = float(right[0, noised].double().mean()), float(right[0, ~noised].double().mean())
    in_all_forms = None if len(forms) == 1 else float(right.all(0)[noised].double().mean())
    return WarmStart(steps, recognised, kept, in_all_forms)
