"""Word error rates of defences that stand before a model, on SST-2 and CoNLL-2003, and how fast they are.

python benchmarks/word_recognition.py [FOLDER...]    # folders that charrobust train-recogniser wrote
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from real_data import records

from charrobust.perturb import Attack, load_recipe
from charrobust.systems.restoration import SPELLING, Restorer, load_restorer, restored
from charrobust.training.word_recognition.errors import error_rate

SEED = 1
Passages = Sequence[Sequence[str]]


def attacked(passages: Passages, attack: Attack, *, running: bool) -> Passages:
    """Return passages under an attack: running texts, or sentences of tokens."""
    if running:
        return [[text] for text in attack.texts([text for (text,) in passages]).texts]
    return attack.tokens(passages).sentences


def words(passages: Passages, like: Passages) -> list[list[str]]:
    """Return what blanks separate, where it holds a letter or a digit in ``like``."""
    pairs = [
        zip(" ".join(one).split(" "), " ".join(other).split(" "), strict=True)
        for one, other in zip(passages, like, strict=True)
    ]
    return [[word for word, right in each if any(map(str.isalnum, right))] for each in pairs]


def measure(name: str, passages: Passages, restorers: dict[str, Restorer], *, running: bool) -> None:
    """Print a table of word error rates."""
    recipe = load_recipe("charbert")
    parts = {operator.label: replace(recipe, operators=(operator,)) for operator in recipe.operators}
    right, spent = words(passages, passages), dict.fromkeys(restorers, 0.0)
    print(f"\n{name}: {sum(map(len, right)):,} words\n\n| noise | nothing | {' | '.join(restorers)} |")
    print("|---" * (2 + len(restorers)) + "|")
    for noise, part in {"clean": recipe.at(0), **parts, "charbert": recipe}.items():
        noised = attacked(passages, Attack(part, SEED), running=running)
        rates = [error_rate(right, words(noised, passages))]
        for key, restorer in restorers.items():
            start = time.process_time()
            made = restored(restorer, noised)
            spent[key] += time.process_time() - start
            rates.append(error_rate(right, words(made, passages)))
        print(f"| {noise} | {' | '.join(f'{100 * rate:.1f}' for rate in rates)} |", flush=True)
    count = (len(parts) + 2) * sum(map(len, right))
    print("\nwords/s of CPU time:", ", ".join(f"{key} {count / value:,.0f}" for key, value in spent.items()))


def main() -> None:
    """Measure the spelling corrector and the recognisers that are named."""
    texts = [[record["text"].strip()] for record in records("glue_sst2/dev")]
    sentences = [record["tokens"] for record in records("conll2003_ner/testb")]
    restorers = {name: load_restorer(name) for name in (SPELLING, *sys.argv[1:])}
    measure("SST-2 dev", texts, restorers, running=True)
    measure("CoNLL-2003 testb", sentences, restorers, running=False)


if __name__ == "__main__":
    main()
