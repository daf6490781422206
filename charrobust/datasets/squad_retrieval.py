"""A collection for retrieval from question answering data: paragraphs are the documents, questions the queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from charrobust.datasets.load import load_data
from charrobust.files import replacing
from charrobust.tasks.qa.record import QuestionAnswering

_HEADER = "query-id\tcorpus-id\tscore\n"
_SEED = 20  # of the choice of questions


def write_beir(data: Any, folder: str | Path, *, questions: int | None = None, split: str = "test") -> Path:
    """Write the distinct paragraphs of question answering data as a corpus, their questions as queries.

    The paragraph that a question was asked of is its only relevant document. Documents have no titles; they are called
    ``p0``, ``p1``, ... in the order of the data.

    Args:
        data: What :func:`~charrobust.datasets.load.load_data` reads as the task ``qa``: a SQuAD file, a card, ...
        folder: The BEIR folder to write.
        questions: No more than this many questions, drawn at random, in order; None for all. All paragraphs stay.
        split: The name of the judgements.

    Returns:
        The folder.

    Raises:
        UserError: There is something of its name.
        DataError: The data are not for question answering.
    """
    examples = load_data(data, task=QuestionAnswering.name, labelled=False).examples
    numbers: dict[str, int] = {}
    for example in examples:
        # Equal paragraphs are one document, numbered where it is first met.
        numbers.setdefault(example.texts[1], len(numbers))
    chosen = list(range(len(examples)))
    if questions is not None and questions < len(examples):
        chosen = np.sort(np.random.default_rng(_SEED).permutation(len(examples))[:questions]).tolist()
    asked = [examples[number] for number in chosen]
    judged = [f"{example.id}\tp{numbers[example.texts[1]]}\t1\n" for example in asked]
    folder = Path(folder)
    with replacing(folder) as temporary:
        (temporary / "qrels").mkdir(parents=True)
        documents = ({"_id": f"p{number}", "title": "", "text": text} for text, number in numbers.items())
        _write_lines(temporary / "corpus.jsonl", documents)
        queries = ({"_id": example.id, "text": example.texts[0]} for example in asked)
        _write_lines(temporary / "queries.jsonl", queries)
        (temporary / "qrels" / f"{split}.tsv").write_text(_HEADER + "".join(judged), encoding="utf-8")
    return folder


def _write_lines(path: Path, records: Iterable[Mapping[str, str]]) -> None:
    """Write records as JSON Lines."""
    with path.open("w", encoding="utf-8") as handle:
        for record in records:
            handle.write(json.dumps(record, ensure_ascii=False) + "\n")
