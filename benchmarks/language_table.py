"""The table of languages: clean fine-tuning alone, and what noise of each language's keyboard then takes.

Part-of-speech tagging on Universal Dependencies, named entities on German WikiANN; e5-small, the same behind SymSpell
with the words of wordfreq, and the channel. `charbert` and `any-letter@1` in the language, German also misspellings
that people made. Beside them the share of attacked words none of whose tokens is left. What is finished is not run
again.

    python benchmarks/language_table.py OUTPUT [--channel charbert-e5-small] [--language fi tr ...] [--use mix]
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from channel_table import misspelt
from real_data import SHARED, records
from robustness_table import file, run
from symspellpy import SymSpell
from word_list import frequencies

from charrobust import load_data
from charrobust.models.tokenizers import tokenizer_of
from charrobust.perturb import Attack
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.defended import Defended
from charrobust.systems.spelling import Spelling
from charrobust.systems.system import System

PLAIN, SPELLING = "e5-small", "spelling+e5-small"
WORDS = 60_000  # of the spelling corrector's dictionary
MISSPELT_SHARE, SEED = 0.5, 11


@dataclass(frozen=True)
class Row:
    """A data set: the code of its language, what models are fine-tuned on, and what they are scored on."""

    language: str
    train: str
    test: str


ROWS = {
    "fi": Row("fi", "ud_fi_tdt/dev", "ud_fi_tdt/test"),
    "tr": Row("tr", "ud_tr_imst/train", "ud_tr_imst/test"),
    "ru": Row("ru", "ud_ru_taiga_v2.6/train", "ud_ru_taiga_v2.6/test"),
    "el": Row("el", "ud_el_gdt/train", "ud_el_gdt/test"),
    "de": Row("de", "ud_de_gsd/dev", "ud_de_gsd/test"),
    "en": Row("en", "ud_en_ewt/train", "ud_en_ewt/test"),
    "de-ner": Row("de", "wikiann_de/train", "wikiann_de/test"),
}


def trained(row: Row, output: Path, model: str, options: argparse.Namespace) -> Path:
    """Fine-tune a model, unless that is done; return its folder."""
    if not (output / "README.md").exists():
        run(
            "finetune", "--model", model, "--task", "tagging", "--train", file(row.train), "--eval", file(row.test),
            "--limit", str(options.examples), "--eval-limit", "200", "--epochs", str(options.epochs),
            "--use", options.use, "--seed", str(options.seed), "--set", "training.keep=last", "--output", str(output),
            *(["--resume"] if output.exists() else []),
        )  # fmt: skip
    return output


def corrector(language: str) -> Spelling:
    """Return SymSpell with the frequent words of a language."""
    checker = SymSpell(max_dictionary_edit_distance=2)
    for number, (word, frequency) in enumerate(frequencies(language)):
        if number == WORDS:
            break
        checker.create_dictionary_entry(word, max(1, round(frequency * 1e9)))
    return Spelling(checker, f"wordfreq {language} {WORDS}")


def misspellings_of(language: str) -> dict[str, list[str]]:
    """Return the misspellings of each word that Belinkov and Bisk list; none where there is no list."""
    name = f"misspellings/belinkov_bisk_{language}"
    table: dict[str, list[str]] = {}
    for entry in records(name) if (SHARED / f"{name}.jsonl.gz").is_file() else ():
        table.setdefault(entry["correct"].lower(), []).append(entry["misspelt"])
    return table


def real(row: Row, path: Path) -> Path | None:
    """Write the test set with misspellings that people made; None where there is no list."""
    table = {} if row.language == "en" else misspellings_of(row.language)
    if not table:
        return None
    with path.open("w", encoding="utf-8") as lines:
        for number, record in enumerate(records(row.test)):
            rng = random.Random(f"{SEED} {number}")
            record["tokens"] = [misspelt(token, table, rng) for token in record["tokens"]]
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def broken(row: Row, attack: str, limit: int) -> float:
    """Return the share of attacked words of which no token of e5-small is left."""
    tokenizer = tokenizer_of(PLAIN)
    sentences = [record["tokens"] for record in records(row.test)[:limit]]
    attacked = Attack.load(attack, language=row.language).tokens(sentences).sentences
    gone = changed = 0
    for before, after in zip(sentences, attacked, strict=True):
        for word, form in zip(before, after, strict=True):
            if word != form:
                changed += 1
                gone += set(tokenizer.tokenize(word)).isdisjoint(tokenizer.tokenize(form))
    return gone / changed


def systems_of(row: Row, folder: Path, options: argparse.Namespace) -> list[System]:
    """Fine-tune the models of a data set, unless that is done, and return the systems."""
    folder.mkdir(parents=True, exist_ok=True)
    systems: list[System] = []
    for title, model in ((PLAIN, options.backbone), (Path(options.channel).name, options.channel)):
        place = trained(row, folder / f"{title}-{options.use}-{options.seed}", model, options)
        systems.append(Defended(title, System.of(str(place), task="tagging")))
    return systems


def scores_of(name: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Train and score the systems of a data set; yield a line for each score."""
    row, folder = ROWS[name], options.output / name
    # Read in a language that they were not fine-tuned on, or in their own.
    plain, channel = (
        systems_of(ROWS["en"], options.output / "en", options) if options.transfer else systems_of(row, folder, options)
    )
    folder.mkdir(parents=True, exist_ok=True)
    systems = [plain, Defended(SPELLING, plain, [corrector(row.language)]), channel]
    data = load_data(file(row.test), task="tagging", limit=options.limit)
    attacks: list[Any] = [f"charbert:{row.language}", f"any-letter:{row.language}@1"]
    misspelt_file = real(row, folder / "real.jsonl")
    if misspelt_file:
        attacks.append(str(misspelt_file))
    kind = f"{'transfer' if options.transfer else 'scores'}-{options.use}-{options.seed}"
    results = evaluate(systems, data, attacks, output=folder / kind)
    fragile = broken(row, "charbert", options.limit)
    for score in results.scores:
        line = {"system": score.system, "attack": score.attack, "metric": score.metric}
        interval = {"value": score.value.value, "low": score.value.low, "high": score.value.high}
        yield {"data": name, "fragile": fragile, **line, **interval}


def main() -> None:
    """Train, score, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--channel", default="charbert-e5-small")
    parser.add_argument("--backbone", default=PLAIN)
    parser.add_argument("--language", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--use", choices=("finetuned", "mix"), default="finetuned")
    parser.add_argument("--examples", type=int, default=1_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--limit", type=int, default=400, help="sentences that are scored")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--transfer", action="store_true", help="score the models that were fine-tuned on English")
    options = parser.parse_args()
    lines: list[dict[str, Any]] = []
    for name in options.language:
        lines += scores_of(name, options)
        table = pd.DataFrame(lines)
        kind = "transfer" if options.transfer else "table"
        table.to_csv(options.output / f"{kind}-{options.use}-{options.seed}.csv", index=False)
        main_metric = table[table.metric == table.metric.iloc[0]]
        print(main_metric.pivot_table(index=["data", "fragile", "system"], columns="attack", values="value").round(3))


if __name__ == "__main__":
    main()
