"""Searched attacks beside those of TextAttack: the same model, sentences and constraints, in one run.

TextAttack's recipes Pruthi2019 and DeepWordBugGao2018 attack the first right sentences of SST-2 dev, one by one; ours
search for edits by the same operators in the same places. Constraints are the same on both sides: TextAttack is given
our stop words (its own come from the net), and ours the neighbours of its keyboard. Insertion differs: theirs draws one
letter a place, ours tries each of the alphabet; so the recipe is run without insertion, too, where candidates are the
same.

    python benchmarks/search_peers.py MODEL [--examples 50 --rounds 3 --only PATTERN --output FILE]

Needs ``textattack==0.3.11`` beside charrobust. Rounds alternate in one process, both sides on two threads. Printed are
medians over rounds; on a busy machine compare the CPU seconds, which are of all threads.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from real_data import records
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from charrobust.datasets import load_data
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.perturb.word_classes import stop_words
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.system import System

Record = dict[str, Any]
Attacked = tuple[frozenset[int], float]
"""The numbers of the sentences that were turned, and the mean number of queries."""

THREADS = 2
SEED = 13
BLOCKS = {1: "inner letters, 1 word", 2: "inner letters, 2 words"}
ANYWHERE = "any letter"

INNER_RECIPE = """
summary = "Inner letters of words of four letters or more"
source = "TextAttack 0.3.11, Pruthi2019"
seed = 13
[words]
min_length = 4
skip = ["stop-words"]
[[operators]]
name = "drop"
[[operators]]
name = "swap"
[[operators]]
name = "leet"
table = "{table}"
"""
INSERTION = """
[[operators]]
name = "add"
case = "lower"
"""
ANYWHERE_RECIPE = """
summary = "Any letter of words of two letters or more"
source = "TextAttack 0.3.11, DeepWordBugGao2018"
seed = 13
[words]
min_length = 2
skip = ["stop-words"]
[[operators]]
name = "drop"
positions = "all"
[[operators]]
name = "swap"
positions = "all"
[[operators]]
name = "substitute"
positions = "all"
[[operators]]
name = "add"
positions = "all"
case = "lower"
"""


@dataclass(frozen=True)
class Outcome:
    """What an attacker did to the sentences.

    Attributes:
        turned: The sentences that it made the model read wrongly.
        queries: Mean number of queries a sentence, the clean one not counted.
        seconds: Wall-clock seconds, of all sentences.
        cpu: CPU seconds of all threads, of all sentences.
    """

    turned: frozenset[int]
    queries: float
    seconds: float
    cpu: float


@dataclass(frozen=True, eq=False)
class Contestant:
    """An attacker.

    Attributes:
        name: Its name in the table.
        block: The constraints: where in the table it stands.
        count: Number of sentences.
        attack: Attacks them.
    """

    name: str
    block: str
    count: int
    attack: Callable[[], Attacked]

    def run(self) -> Outcome:
        """Attack all sentences, and take the time."""
        random.seed(SEED)
        np.random.seed(SEED)
        seconds, cpu = time.perf_counter(), time.process_time()
        turned, queries = self.attack()
        return Outcome(turned, queries, time.perf_counter() - seconds, time.process_time() - cpu)


def right_sentences(model: Any, tokenizer: Any, count: int) -> list[Record]:
    """Return the first sentences of SST-2 dev that a model reads rightly."""
    found: list[Record] = []
    for record in records("glue_sst2/dev"):
        with torch.inference_mode():
            logits = model(**tokenizer(record["text"], return_tensors="pt")).logits
        if int(logits.argmax()) == int(record["label"]):
            found.append(record)
        if len(found) == count:
            break
    return found


def give_stop_words(folder: Path) -> None:
    """Let NLTK find our stop words where TextAttack looks for its own.

    Raises:
        SystemExit: There is no NLTK, hence no TextAttack.
    """
    try:
        import nltk
    except ImportError:
        sys.exit("skipped: this benchmark needs textattack")
    place = folder / "corpora" / "stopwords"
    place.mkdir(parents=True)
    (place / "english").write_text("\n".join(sorted(stop_words("en"))), encoding="utf-8")
    nltk.data.path.insert(0, str(folder))


def padded_to_longest(model: Any, tokenizer: Any) -> Any:
    """Return a model for TextAttack whose batches are as wide as their longest text.

    Its own wrapper pads every text to the longest that the model takes, here 512 tokens, which takes most of its time.
    """
    from textattack.models.wrappers import PyTorchModelWrapper

    class Padded(PyTorchModelWrapper):  # type: ignore[misc, unused-ignore]
        def __call__(self, texts: Sequence[str]) -> torch.Tensor:
            with torch.inference_mode():
                inputs = tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
                return self.model(**inputs).logits

    return Padded(model, tokenizer)


def textattack(build: Callable[[], Any], sentences: Sequence[Record]) -> Attacked:
    """Attack sentences by TextAttack, one at a time, as it does; built anew, as it remembers what it asked."""
    from textattack.attack_results import SuccessfulAttackResult

    recipe = build()
    results = [recipe.attack(record["text"], int(record["label"])) for record in sentences]
    turned = [number for number, result in enumerate(results) if isinstance(result, SuccessfulAttackResult)]
    return frozenset(turned), statistics.mean(result.num_queries - 1 for result in results)


def without_insertion(build: Callable[[], Any]) -> Any:
    """Return a recipe of TextAttack of operators that draw nothing."""
    from textattack.transformations import CompositeTransformation, WordSwapRandomCharacterInsertion

    recipe = build()
    operators = recipe.transformation.transformations
    kept = [operator for operator in operators if not isinstance(operator, WordSwapRandomCharacterInsertion)]
    recipe.transformation = CompositeTransformation(kept)
    return recipe


def their_contestants(model: Any, tokenizer: Any, sentences: Sequence[Record], few: int) -> list[Contestant]:
    """Return TextAttack's side."""
    from textattack.attack_recipes import DeepWordBugGao2018, Pruthi2019
    from textattack.models.wrappers import HuggingFaceModelWrapper

    lean, shipped = padded_to_longest(model, tokenizer), HuggingFaceModelWrapper(model, tokenizer)
    plan: list[tuple[str, str, Callable[[], Any], int]] = []
    for words, block in BLOCKS.items():
        full = partial(Pruthi2019.build, lean, max_num_word_swaps=words)
        plan.append(("Pruthi2019", f"{block}, no insertion", partial(without_insertion, full), len(sentences)))
        plan.append(("Pruthi2019", block, full, len(sentences)))
    plan.append(("Pruthi2019, its own wrapper", BLOCKS[1], partial(Pruthi2019.build, shipped), few))
    plan.append(("DeepWordBug", ANYWHERE, partial(DeepWordBugGao2018.build, lean), len(sentences)))
    return [
        Contestant(f"TextAttack {name}", block, count, partial(textattack, build, sentences[:count]))
        for name, block, build, count in plan
    ]


def ours(system: System, data: DataSet, attack: Attack, name: str, edits: int) -> Attacked:
    """Attack sentences by a search of ours, all together."""
    from charrobust.search import search

    outcomes = search(system, data, attack, search=name, edits=edits).outcomes
    turned = [number for number, outcome in enumerate(outcomes) if outcome.success]
    return frozenset(turned), statistics.mean(outcome.queries for outcome in outcomes)


def our_contestants(model: str, sentences: Sequence[Record], folder: Path) -> list[Contestant]:
    """Return our side, in full precision and screened in half precision."""
    file = folder / "right.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in sentences), encoding="utf-8")
    data = load_data(file, task="classification")
    systems = {how: load_system(model, SystemOptions(screen=bool(how))) for how in ("", ", screened")}
    same, full, anywhere = write_recipes(folder)
    plan = []
    for words, block in BLOCKS.items():
        last = "exhaustive" if words == 1 else "beam"
        for recipe, constraints in ((same, f"{block}, no insertion"), (full, block)):
            plan += [(name, constraints, recipe, words) for name in ("pruthi", "greedy", "charmer", last)]
    plan += [(name, ANYWHERE, anywhere, edits) for name in ("greedy", "charmer") for edits in (2, 5)]
    return [
        Contestant(
            f"charrobust {name}, {edits} edit{'s' * (edits > 1)}{how}",
            block,
            len(sentences),
            partial(ours, system, data, Attack.load(recipe), name, edits),
        )
        for name, block, recipe, edits in plan
        for how, system in systems.items()
    ]


def write_recipes(folder: Path) -> list[Path]:
    """Write our recipes: without insertion, with it, and that of DeepWordBug; return their paths."""
    from textattack.transformations import WordSwapQWERTY

    keys = WordSwapQWERTY()._keyboard_adjacency
    forms = "".join(f'{letter} = "{"".join(written)}"\n' for letter, written in keys.items())
    table = folder / "keys.toml"
    table.write_text(f'summary = "Keys"\nsource = "TextAttack 0.3.11"\n[forms]\n{forms}', encoding="utf-8")
    inner = INNER_RECIPE.format(table=table)
    texts = {"same": inner, "full": inner + INSERTION, "anywhere": ANYWHERE_RECIPE}
    paths = [folder / f"{name}.toml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def print_table(rounds: dict[Contestant, list[Outcome]]) -> None:
    """Print a line a contestant: medians over rounds."""
    print("| constraints | attacker | sentences | success | queries | seconds a sentence | CPU seconds |")
    print("|---|---|---|---|---|---|---|")
    for contestant in sorted(rounds, key=lambda contestant: contestant.block):
        runs = rounds[contestant]
        success = statistics.median(len(run.turned) for run in runs) / contestant.count
        queries = statistics.median(run.queries for run in runs)
        seconds = statistics.median(run.seconds for run in runs) / contestant.count
        cpu = statistics.median(run.cpu for run in runs) / contestant.count
        print(
            f"| {contestant.block} | {contestant.name} | {contestant.count} | {100 * success:.1f} % | {queries:.1f} "
            f"| {seconds:.4f} | {cpu:.4f} |"
        )


def keep(rounds: dict[Contestant, list[Outcome]], path: Path) -> None:
    """Write all rounds as JSON: which sentences each attacker turned, and what that took."""
    lines = []
    for contestant, runs in rounds.items():
        for run in runs:
            about = {"attacker": contestant.name, "constraints": contestant.block, "sentences": contestant.count}
            lines.append({**about, **asdict(run), "turned": sorted(run.turned)})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of a model fine-tuned on SST-2")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--few", type=int, default=3, help="sentences for TextAttack with its own wrapper")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="contestants whose names or constraints match this pattern")
    parser.add_argument("--output", type=Path, help="a JSON Lines file of all rounds")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    model = AutoModelForSequenceClassification.from_pretrained(options.model).eval()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    sentences = right_sentences(model, tokenizer, options.examples)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        give_stop_words(folder / "nltk")
        contestants = their_contestants(model, tokenizer, sentences, options.few)
        contestants += our_contestants(options.model, sentences, folder)
        chosen = [one for one in contestants if re.search(options.only, f"{one.name}, {one.block}")]
        rounds: dict[Contestant, list[Outcome]] = {contestant: [] for contestant in chosen}
        for number in range(options.rounds):
            for contestant in chosen:
                rounds[contestant].append(contestant.run())
                print(number, contestant.name, contestant.block, rounds[contestant][-1], file=sys.stderr, flush=True)
                if options.output:
                    keep(rounds, options.output)
    print_table(rounds)


if __name__ == "__main__":
    main()
