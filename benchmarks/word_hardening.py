"""Are words recognised under the worst single edit, once a warm start has taught some of them in their worst form?

    python benchmarks/word_hardening.py CORPUS [--start charbert-minilm-l6 --learning-rate 3e-4 --steps 200 --forms 0 4]

A warm start of as many steps without and with adversarial training, of the words of CORPUS (a text file); from a
channel that knows words already, or from a new one (`--start ""`), which takes thousands of steps. Then all
edits that a recipe allows in some words of the lexicon are tried. A word is recognised under the worst of them if
it is under each; under a random one, in the share of the edits under which it is. One thread.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from charrobust.models import CharBertModel
from charrobust.models.characters import character_table, token_pieces
from charrobust.perturb import Attack
from charrobust.scoring.intervals import Interval, wilson
from charrobust.training.pretraining.configuration import Configuration, load_configuration
from charrobust.training.pretraining.models import build_model, load_tokenizer
from charrobust.training.pretraining.warm_start import Rivals, warm_start
from charrobust.training.pretraining.word_list import WordList
from charrobust.training.pretraining.words import WordCodec

SEED = 7


@dataclass(frozen=True)
class Recognised:
    """How well words are recognised.

    Attributes:
        worst: Share of the words that are recognised under every edit.
        random: Mean share of the edits of a word under which it is.
        clean: Share of the words that are recognised, or keep their own tokens, as they are.
    """

    worst: Interval
    random: float
    clean: float


class Recogniser:
    """Tells what a channel takes words for."""

    def __init__(self, body: Any, tokenizer: Any) -> None:
        """Take a channel that recognises words."""
        self._body = body
        pieces = token_pieces(tokenizer)
        self.lexicon = {pieces[token]: number for number, token in enumerate(self._body.lexicon.tolist())}

    @torch.no_grad()
    def numbers(self, forms: list[str]) -> list[int]:
        """Return the number of the word that each form is taken for; the size of the lexicon for its own tokens."""
        config = self._body.config
        letters = character_table(forms, config.character_vocabulary, len(forms), config.max_word_characters).long()
        single = torch.tensor([form in self.lexicon for form in forms])
        scores = self._body.recogniser.scores(self._body.character_encoder.words(letters), single)
        return scores.argmax(-1).tolist()  # type: ignore[no-any-return, unused-ignore]


def measured(recogniser: Recogniser, words: list[str], attack: Attack) -> Recognised:
    """Try all edits of words."""
    shares: list[float] = []
    kept = 0
    for word in words:
        number = recogniser.lexicon[word]
        # The encoder is uncased.
        forms = [form.lower() for form in attack.candidates(word).texts([word])]
        shares.append(np.mean(np.array(recogniser.numbers(forms)) == number))
        # As it is, a word may be left to its own tokens, too.
        kept += recogniser.numbers([word])[0] in (number, len(recogniser.lexicon))
    worst = sum(share == 1 for share in shares)
    return Recognised(wilson(worst, len(words)), float(np.mean(shares)), kept / len(words))


def word_counts(path: Path, tokenizer: Any) -> Counter[str]:
    """Count the words of a text file, as the tokenizer sees them."""
    codec = WordCodec(tokenizer)
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(codec.cut(line))
    return counts


def tried_words(lexicon: dict[str, int], counts: Counter[str], attack: Attack, number: int) -> list[str]:
    """Draw words that may be edited from the lexicon, by how often they occur."""
    known = [word for word in lexicon if word.isalpha() and counts[word] > 1]
    weights = np.sqrt([counts[word] for word in known])
    order = np.random.default_rng(SEED).choice(len(known), len(known), replace=False, p=weights / weights.sum())
    allowed = (known[place] for place in order if len(attack.candidates(known[place])))
    return list(islice(allowed, number))


def channel(start: str, configuration: Configuration) -> Any:
    """Return the channel that is trained."""
    if start:
        return CharBertModel.from_pretrained(start)
    torch.manual_seed(SEED)
    return build_model(configuration, 1).charbert


def main() -> None:
    """Train, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--start", default="charbert-minilm-l6")
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--forms", type=int, nargs="+", default=[0, 4])
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--recipe", default="charbert", help="the noise that is trained on")
    parser.add_argument("--edits", default="ladder-any", help="the edits that are tried")
    options = parser.parse_args()
    torch.set_num_threads(1)
    configuration = load_configuration("minilm")
    tokenizer = load_tokenizer(configuration)
    counts, attack = word_counts(options.corpus, tokenizer), Attack.load(options.edits)
    print("| forms | steps | CPU seconds | worst edit | random edit | clean |")
    print("|---" * 6 + "|")
    for forms in options.forms:
        body = channel(options.start, configuration)
        begun = time.process_time()
        rivals = Rivals(forms, options.share) if forms else None
        settings = {"batch_size": options.batch_size, "learning_rate": options.learning_rate, "recipe": options.recipe}
        if options.steps:
            words = WordList.of_counts(counts)
            warm_start(body, tokenizer, words, **settings, steps=options.steps, seed=SEED, rivals=rivals)
        seconds = time.process_time() - begun
        recogniser = Recogniser(body, tokenizer)
        words = tried_words(recogniser.lexicon, counts, attack, options.words)
        found = measured(recogniser, words, attack)
        worst = f"{100 * found.worst.value:.1f} ({100 * found.worst.low:.1f} to {100 * found.worst.high:.1f})"
        print(
            f"| {forms or 1} | {options.steps} | {seconds:.0f} | {worst} | {100 * found.random:.1f} "
            f"| {100 * found.clean:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
