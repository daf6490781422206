"""Tasks of MTEB: for each version a folder that the hub's loader reads, and one Python file that declares all.

The folders are in the layout of BEIR, too, so that this package reads them as it reads any collection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import cast

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.scoring.exchange.draws import Draw, write_lines
from charrobust.tasks.examples import Example
from charrobust.tasks.retrieval.corpus import Passages, SearchedPassages

FILE = "tasks.py"
_SPLIT = "test"
_COLUMNS = ("query-id", "corpus-id", "score")
_CORPUS, _QUERIES, _QRELS = "corpus.jsonl", "queries.jsonl", f"qrels/{_SPLIT}"
# The hub's loader reads all configurations by one format, so that it cannot be given the table of BEIR.
_CONFIGS = {"corpus": _CORPUS, "queries": _QUERIES, "default": f"{_QRELS}.jsonl"}
_TASKS = '''"""Tasks of MTEB, which charrobust export wrote: one for each version of the collection."""

from pathlib import Path

from mteb.abstasks.retrieval import AbsTaskRetrieval
from mteb.abstasks.task_metadata import TaskMetadata

LANGUAGE = "eng-Latn"  # of the texts; the harness wants one
NAMES = {names}


def of_folder(name):
    """Return the task of a collection beside this file."""
    place = {{"path": str(Path(__file__).resolve().parent / name), "revision": "main"}}
    metadata = TaskMetadata(
        name=name, description=name, type="Retrieval", dataset=place, eval_langs=[LANGUAGE], main_score="ndcg_at_10"
    )
    return type(name, (AbsTaskRetrieval,), {{"metadata": metadata}})()


TASKS = [of_folder(name) for name in NAMES]
'''


def write(data: DataSet, draws: Sequence[Draw], folder: Path) -> str:
    """Write the tasks.

    Args:
        data: The clean data set.
        draws: What becomes a task each.
        folder: An empty folder.

    Returns:
        What runs them, ``{folder}`` standing for where they are.

    Raises:
        UserError: The data are no collection for retrieval.
    """
    if not isinstance(data.examples[0].corpus, SearchedPassages):
        raise UserError("`to` mteb takes collections for retrieval: a corpus, queries and judgements")
    for draw in draws:
        _write_collection(draw.examples, folder / draw.name)
    names = json.dumps([draw.name for draw in draws])
    (folder / FILE).write_text(_TASKS.format(names=names), encoding="utf-8")
    return "cd {folder} && python -c 'import mteb, tasks; mteb.evaluate(mteb.get_model(\"MODEL\"), tasks.TASKS)'"


def _write_collection(queries: Sequence[Example], folder: Path) -> None:
    """Write queries with their corpus and judgements, as MTEB and BEIR have them."""
    passages = cast("SearchedPassages", queries[0].corpus).passages
    (folder / _QRELS).parent.mkdir(parents=True)
    write_lines(folder / _CORPUS, _documents(passages))
    write_lines(folder / _QUERIES, ({"_id": query.id, "text": query.texts[0]} for query in queries))
    judged = list(chain.from_iterable(map(_judgements, queries)))
    write_lines(folder / f"{_QRELS}.jsonl", (dict(zip(_COLUMNS, row, strict=True)) for row in judged))
    lines = ["\t".join(map(str, row)) + "\n" for row in (_COLUMNS, *judged)]
    (folder / f"{_QRELS}.tsv").write_text("".join(lines), encoding="utf-8", errors="backslashreplace")
    (folder / "README.md").write_text(_card(), encoding="utf-8")


def _documents(passages: Passages) -> list[dict[str, str]]:
    """Return the documents of a corpus as its file holds them."""
    rows = zip(passages.ids, passages.titles, passages.texts, strict=True)
    return [{"_id": name, "title": title, "text": text} for name, title, text in rows]


def _judgements(query: Example) -> list[tuple[str, str, int]]:
    """Return the judgements of a query."""
    return [(query.id, document, gain) for document, gain in query.target]


def _card() -> str:
    """Return the card by which the hub's loader tells the files from each other."""
    configs = []
    for name, file in _CONFIGS.items():
        configs.append({"config_name": name, "data_files": [{"split": _SPLIT, "path": file}]})
    return f"---\nconfigs: {json.dumps(configs)}\n---\n"
