"""Every recipe on all of three real data sets: how many tags or answer spans break? Expected: none.

python benchmarks/alignment.py
"""

from __future__ import annotations

import time

from real_data import records

from charrobust.perturb import Attack, recipe_names
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.records import Batch, Place, Record
from charrobust.tasks.tagging.record import Tagging

PLACE = Place("benchmark", "")


def broken_tags(old: list[Record], new: list[Record]) -> int:
    """Count sentences whose tags changed or whose tokens no longer match their tags."""
    return sum(
        before["tags"] != after["tags"]
        or len(after["tokens"]) != len(after["tags"])
        or not all(
            token and len(token.split()) == len(word.split())
            for token, word in zip(after["tokens"], before["tokens"], strict=True)
        )
        for before, after in zip(old, new, strict=True)
    )


def broken_spans(old: list[Record], new: list[Record]) -> int:
    """Count answers that are empty, lost or not at their offset, and questions whose answerability changed."""
    broken = 0
    for before, after in zip(old, new, strict=True):
        broken += before["is_impossible"] != after["is_impossible"] or len(before["answers"]) != len(after["answers"])
        for answer in after["answers"]:
            start, text = answer["start"], answer["text"]
            broken += not text or after["context"][start : start + len(text)] != text
    return broken


def main() -> None:
    """Attack, check labels, undo, and compare."""
    ner, pos, squad = records("conll2003_ner/testb"), records("ud_en_ewt/test"), records("squad2/dev")
    print(f"CoNLL-2003 testb {len(ner):,} sentences, UD EWT test {len(pos):,}, SQuAD 2.0 dev {len(squad):,} questions")
    for name in recipe_names():
        attack, start = Attack.load(name), time.perf_counter()
        counts = []
        for task, data, check in (
            (Tagging(), ner, broken_tags),
            (Tagging(), pos, broken_tags),
            (QuestionAnswering(("question", "context")), squad, broken_spans),
        ):
            made = task.perturb(Batch(0, data, [PLACE] * len(data)), attack)
            edits: dict[int, list] = {}
            for logged in made.edits():
                edits.setdefault(logged.row, []).append(logged)
            undone = [task.restore(record, edits.get(row, []), PLACE) for row, record in enumerate(made.records)]
            different = sum(before != after for before, after in zip(data, undone, strict=True))
            counts.append(
                f"{check(data, made.records)} broken, {different} not restored, {sum(map(len, edits.values())):,} edits"
            )
        print(f"{name:<14}" + " | ".join(counts) + f" | {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
