"""What a BEIR folder holds: its files, the ids in them, the corpus, and what is relevant to each query.

What was read once is kept for as long as its file stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from charrobust.datasets.formats.beir_judgements import judgement_rows
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.errors import DataError, UserError, hint
from charrobust.tasks.retrieval.corpus import Collection, Passages, Relevant, document_of

CORPUS, QUERIES, QRELS = "corpus", "queries", "qrels"
_DEFAULT_SPLIT = "test"
_KEPT = 4  # files whose ids, and corpora whose texts, are kept in memory

# A file with its size and the time it was changed: content that was read once is read again when one of them differs.
Stamp = tuple[Path, int, int]


def candidates(folder: Path, part: str) -> list[Path]:
    """Return the files of a part that there are.

    Args:
        folder: The folder.
        part: ``corpus`` or ``queries``.

    Returns:
        The files, two where a compressed one lies beside one that is not.
    """
    paths = [folder / f"{part}.jsonl", folder / f"{part}.jsonl.gz"]
    return [path for path in paths if path.is_file()]


def file_of(folder: Path, part: str) -> Path:
    """Return the file of a part.

    Args:
        folder: The folder.
        part: ``corpus`` or ``queries``.

    Returns:
        The file.

    Raises:
        DataError: There is none, or two.
    """
    found = candidates(folder, part)
    if not found:
        raise DataError(f"{folder} holds no {part}.jsonl (or {part}.jsonl.gz), which a BEIR folder has")
    if len(found) > 1:
        raise DataError(f"{folder} holds both {found[0].name} and {found[1].name}; remove one of them")
    return found[0]


def stamp_of(path: Path) -> Stamp:
    """Return a file with its size and the time it was changed."""
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, eq=False)
class Identities:
    """What is known of a file after one pass over it.

    Attributes:
        names: The ids.
        escaped: Whether characters beyond ASCII are escaped in it.
    """

    names: frozenset[str]
    escaped: bool


@lru_cache(maxsize=_KEPT)
def identities(stamp: Stamp, limit: int) -> Identities:
    """Return the ids of a file.

    Args:
        stamp: The state of the file.
        limit: The most bytes of a line.

    Returns:
        What one pass over it tells.

    Raises:
        DataError: It holds none, or one twice.
    """
    # Size and time are no more than part of the cache's key: a file that changed is read again.
    path = stamp[0]
    lines_of: dict[str, str] = {}
    ascii_only, escapes = True, False
    file = JsonLines(path, max_record_bytes=limit)
    for block in file.blocks():
        content = block.payload
        ascii_only, escapes = ascii_only and content.isascii(), escapes or b"\\u" in content
        for _, record, place in file.parse(block).rows():
            name = document_of(record, place).id
            if name in lines_of:
                raise place.error(f"the _id {name!r} stands in {lines_of[name]} already; ids must be distinct")
            lines_of[name] = place.line
    if not lines_of:
        raise DataError(f"{path} holds no records; expected at least one")
    return Identities(frozenset(lines_of), ascii_only and escapes)


def collection_of(folder: Path, split: str | None, limit: int) -> Collection:
    """Return the collection of a folder; as long as its files stay the same it is the same object.

    Args:
        folder: The folder.
        split: Which judgements; None for ``test``, or else the only ones there are.
        limit: The most bytes of a line.

    Returns:
        The collection, whose files are read when they are asked for.
    """
    # All queries share the object, so that the corpus behind it is read once and not for every batch.
    stamps = [stamp_of(file_of(folder, part)) for part in (CORPUS, QUERIES)]
    judgements = [stamp_of(path) for path in _splits(folder).values()]
    return _kept_collection(folder, split, (*stamps, *judgements), limit)


@lru_cache(maxsize=_KEPT)
def _kept_collection(folder: Path, split: str | None, stamps: tuple[Stamp, ...], limit: int) -> Collection:
    """Return a collection that reads its files when they are asked for.

    Args:
        folder: The folder.
        split: Which judgements.
        stamps: The state of its files.
        limit: The most bytes of a line.
    """
    return Collection(partial(_passages, stamps[0][0], limit), partial(_judgements, folder, split, limit))


def _passages(path: Path, limit: int) -> Passages:
    """Read a corpus."""
    names: list[str] = []
    titles: list[str] = []
    texts: list[str] = []
    file = JsonLines(path, max_record_bytes=limit)
    for block in file.blocks():
        for _, record, place in file.parse(block).rows():
            document = document_of(record, place)
            names.append(document.id)
            titles.append(document.title)
            texts.append(document.text)
    return Passages(tuple(names), titles=tuple(titles), texts=tuple(texts))


def _splits(folder: Path) -> dict[str, Path]:
    """Return the judgements that there are, by split."""
    splits: dict[str, Path] = {}
    # BEIR's tables come last: where both are there, they count.
    for suffix in (".jsonl", ".tsv"):
        for path in sorted((folder / QRELS).glob(f"*{suffix}*")):
            if path.name.endswith((suffix, f"{suffix}.gz")):
                splits[path.name.removesuffix(".gz").removesuffix(suffix)] = path
    return splits


def _split_file(folder: Path, split: str | None) -> Path:
    """Return the judgements of a split.

    Raises:
        UserError: There is no such split, or it must be named.
    """
    splits = _splits(folder)
    if not splits:
        raise UserError(f"{folder} holds no {QRELS}/SPLIT.tsv (or SPLIT.jsonl), with what is relevant to each query")
    if split is None:
        if _DEFAULT_SPLIT in splits:
            return splits[_DEFAULT_SPLIT]
        if len(splits) > 1:
            raise UserError(f"{folder} has judgements of several splits; name one with `split`: {', '.join(splits)}")
        return next(iter(splits.values()))
    if split not in splits:
        raise UserError(f"{folder} has no judgements of the split {split!r}; {hint(split, splits)}")
    return splits[split]


def _judgements(folder: Path, split: str | None, limit: int) -> Mapping[str, Relevant]:
    """Return the relevant documents of each query that has any, by its id.

    Raises:
        DataError: A line is no judgement, names an id that is not there, or judges a pair for the second time.
    """
    path = _split_file(folder, split)
    queries = identities(stamp_of(file_of(folder, QUERIES)), limit).names
    documents = identities(stamp_of(file_of(folder, CORPUS)), limit).names
    judged: set[tuple[str, str]] = set()
    relevant: dict[str, list[tuple[str, int]]] = {}
    for place, query, document, gain in judgement_rows(path, limit):
        for name, known, file in ((query, queries, QUERIES), (document, documents, CORPUS)):
            if name not in known:
                raise place.error(f"the id {name!r} is not in {file}.jsonl")
        if (query, document) in judged:
            raise place.error(f"document {document!r} is judged for query {query!r} already; give one score a pair")
        judged.add((query, document))
        if gain > 0:
            relevant.setdefault(query, []).append((document, gain))
    if not relevant:
        raise DataError(f"{path} calls no document relevant; expected at least one score above 0")
    return {query: tuple(documents) for query, documents in relevant.items()}
