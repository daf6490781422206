"""Every shipped recipe on every task: edits, words touched, what breaks (expected: nothing), what is refused and why.

python benchmarks/families.py           all recipes
python benchmarks/families.py ocr asr   these

Reads 300 records a task of the real sets in ../shared/datasets, or else the shipped samples. An example is broken where
the task cannot read its attacked form, or the two forms differ in what they must have in common: label, tags and number
of tokens, answers that stand at their offsets, number and types of spans. All edits are undone, and compared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from real_data import SHARED, records

from charrobust import load_data
from charrobust.datasets.squad_retrieval import write_beir
from charrobust.errors import UserError
from charrobust.perturb import Attack, Recipe, load_recipe, recipe_names
from charrobust.tasks.base import Task
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record

COUNT = 300
PLACE = Place("benchmark", "")


@dataclass(frozen=True)
class Sample:
    """Records of a task.

    Attributes:
        name: The data set.
        task: The task.
        records: Its records.
    """

    name: str
    task: Task
    records: list[Record]


@dataclass(frozen=True)
class Outcome:
    """What a recipe does to a sample.

    Attributes:
        edits: Number of edits.
        touched: Share of the words that have one.
        broken: Examples that cannot be read, or whose target is another.
        different: Records that are not what they were when all edits are undone.
    """

    edits: int
    touched: float
    broken: int
    different: int

    def __str__(self) -> str:
        faults = f", {self.broken} broken, {self.different} not restored" if self.broken or self.different else ""
        return f"{self.edits:,} ({self.touched:.0%}){faults}"


def sample(name: str, found: list[Record], **options: Any) -> Sample:
    """Return the first records of a data set, with the task that fits."""
    some = found[:COUNT]
    return Sample(name, load_data(some, name=name, **options).task, some)


def with_spans(record: Record) -> Record:
    """Return a sentence of tokens with IOB2 tags as a text with typed character offsets."""
    text, spans, start = " ".join(record["tokens"]), [], 0
    for token, tag in zip(record["tokens"], record["tags"], strict=True):
        end = start + len(token)
        if tag.startswith("B-"):
            spans.append({"start": start, "end": end, "label": tag[2:]})
        elif tag.startswith("I-"):
            spans[-1]["end"] = end
        start = end + 1
    return {"text": text, "spans": spans}


def samples() -> list[Sample]:
    """Return a sample of each task."""
    if not SHARED.is_dir():
        return [_shipped(name) for name in ("reviews", "entities", "questions")]
    sst2, conll = records("glue_sst2/dev"), records("conll2003_ner/testb")
    texts = [{"text": record["text"], "label": record["label"]} for record in sst2]
    # Stand-ins for tasks of which there is no data set here.
    labelled = [{"text": row["text"], "labels": [row["label"]]} for row in texts]
    valued = [{"text": row["text"], "label": float(row["label"])} for row in texts]
    tagged = [{"tokens": record["tokens"], "tags": record["tags"]} for record in conll]
    pairs = [{key: record[key] for key in ("text_a", "text_b", "label")} for record in records("glue_mrpc/dev")]
    return [
        sample("SST-2", texts, task="classification"),
        sample("MRPC", pairs, task="classification"),
        sample("SST-2 as labels", labelled, task="multilabel"),
        sample("SST-2 as numbers", valued, task="regression"),
        sample("CoNLL-2003", tagged, task="tagging"),
        _with_tags_carried(sample("CoNLL-2003, tags carried", tagged, task="tagging")),
        sample("CoNLL-2003 as spans", list(map(with_spans, tagged)), task="spans"),
        _with_contexts(sample("SQuAD 1.1", records("squad1/dev"), task="qa")),
        _search(records("squad1/dev")[:COUNT]),
    ]


def _with_contexts(data: Sample) -> Sample:
    """Return questions of which the context is attacked, too, where answers stand at offsets."""
    return replace(data, task=replace(data.task, attacked=("question", "context")))


def _with_tags_carried(data: Sample) -> Sample:
    """Return sentences of which the tags follow tokens that are split, dropped or exchanged."""
    return replace(data, task=replace(data.task, carry_tags=True))


def _search(questions: list[Record]) -> Sample:
    """Return questions as queries, and their paragraphs as documents."""
    with TemporaryDirectory() as folder:
        data = load_data(write_beir(questions, Path(folder) / "beir"))
        return Sample(
            "SQuAD 1.1 as a search", data.task, [record for batch in data.batches for record in batch.records]
        )


def _shipped(name: str) -> Sample:
    data = load_data(name, limit=COUNT)
    found = [record for batch in data.batches for record in batch.records]
    return Sample(name, data.task, found[:COUNT])


def outcome(attack: Attack, data: Sample) -> Outcome:
    """Attack a sample, check its targets, undo, and compare."""
    data.task.doubts(attack)  # refuses what labels would not survive
    batch = Batch(0, data.records, [PLACE] * len(data.records))
    made = data.task.perturb(batch, attack)
    edits = made.edits()
    touched = {(logged.row, logged.example, logged.field, logged.edit.word) for logged in edits}
    broken = sum(map(_is_broken, [data.task] * len(data.records), data.records, made.records))
    different = sum(old != new for old, new in zip(data.records, restored(data.task, made, edits), strict=True))
    return Outcome(len(edits), len(touched) / made.tally.words, broken, different)


def _is_broken(task: Task, old: Record, new: Record) -> bool:
    """Tell whether an attacked record cannot be read, or says something else."""
    try:
        clean, attacked = (list(task.examples(Batch(0, [record], [PLACE]))) for record in (old, new))
    except UserError:
        return True
    if len(clean) != len(attacked):
        return True
    for pair in zip(clean, attacked, strict=True):
        if any(before != after for _, before, after in task.common_facts(*pair)):
            return True
    if getattr(task, "carry_tags", False):
        return len(new["tokens"]) != len(new["tags"]) or not all(new["tokens"])
    return not _tokens_are_whole(old, new)


def _tokens_are_whole(old: Record, new: Record) -> bool:
    """Tell whether all tokens are still one, where there are any."""
    for before, after in zip(old.get("tokens", ()), new.get("tokens", ()), strict=True):
        if not after or len(before.split()) != len(after.split()):
            return False
    return True


def restored(task: Task, made: Perturbation, edits: Iterable[LoggedEdit]) -> list[Record]:
    """Undo all edits."""
    by_row: dict[int, list[LoggedEdit]] = {}
    for logged in edits:
        by_row.setdefault(logged.row, []).append(logged)
    return [task.restore(record, by_row.get(row, []), PLACE) for row, record in enumerate(made.records)]


def _reason(error: UserError, recipe: Recipe) -> str:
    """Return why a recipe is refused, without its name, so that the same reason is listed once."""
    reason = str(error).partition("\n")[0].replace(f"recipe {recipe.name!r}", "the recipe")
    for operator in recipe.operators:
        reason = reason.replace(f" ({operator.label})", "")
    return reason


def main() -> None:
    """Print the table, and behind it why combinations are refused."""
    data = samples()
    print("| level | recipe | " + " | ".join(f"{one.task.name}: {one.name}" for one in data) + " |")
    print("|---" * (len(data) + 2) + "|")
    reasons: dict[str, str] = {}
    rows = []
    for name in sys.argv[1:] or recipe_names():
        recipe = load_recipe(name)
        cells = []
        for one in data:
            try:
                cells.append(str(outcome(Attack(recipe, recipe.seed), one)))
            except UserError as error:
                reason = _reason(error, recipe)
                cells.append(f"refused ({reasons.setdefault(reason, str(len(reasons) + 1))})")
        rows.append((recipe.operators[0].level, name, cells))
        print(f"{name} done", file=sys.stderr)
    for level, name, cells in sorted(rows):
        print(f"| {level} | `{name}` | " + " | ".join(cells) + " |")
    for reason, number in reasons.items():
        print(f"\n({number}) {reason}")


if __name__ == "__main__":
    main()
