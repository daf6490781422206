"""Collections for retrieval in the layout of BEIR: a folder with a corpus, queries, and relevance judgements.

::

    corpus.jsonl        {"_id": "d1", "title": "Rhine", "text": "A river in Europe."}
    queries.jsonl       {"_id": "q1", "text": "where is the rhine"}
    qrels/test.tsv      query-id, corpus-id, score (with a header)

Each file may end in ``.gz``. The records are first the documents, then the queries. An attack writes such a folder;
lines of what is not attacked, judgements and all other files are copied byte for byte.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, ClassVar

from charrobust.datasets.formats.base import Block, Format, Writer, decode, line_blocks, open_bytes
from charrobust.datasets.formats.json_stream import Style
from charrobust.datasets.formats.jsonl import JsonLines, count_records
from charrobust.datasets.formats.limits import RECORD_BYTES, lines_of
from charrobust.errors import DataError, UserError, hint
from charrobust.files import final_path
from charrobust.tasks.records import Batch, Place, Record
from charrobust.tasks.retrieval.corpus import Collection, Passages, Relevant, document_of
from charrobust.tasks.retrieval.record import COLLECTION, DOCUMENT

CORPUS, QUERIES, QRELS = "corpus", "queries", "qrels"
_DEFAULT_SPLIT = "test"
_COLUMNS = 3  # of judgements
_KEPT = 4  # files whose ids, and corpora whose texts, are kept in memory

# A file with its size and the time it was changed: content that was read once is read again when one of them differs.
Stamp = tuple[Path, int, int]


@dataclass(frozen=True)
class Beir(Format):
    """A BEIR folder.

    Attributes:
        path: The folder.
        split: Which judgements are read; None for ``test``, or else the only ones there are.
        max_record_bytes: The most bytes of a line.
    """

    split: str | None = None
    max_record_bytes: int = field(default=RECORD_BYTES, kw_only=True)

    is_folder: ClassVar[bool] = True

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is the part (``corpus`` or ``queries``) and bytes of whole lines."""
        first = position = 0
        for part in (CORPUS, QUERIES):
            # Ids that are missing or not distinct are refused at once.
            _identities(_stamp(self._file(part)), self.max_record_bytes)
            count = 0
            for block in self._lines(part).blocks():
                count = block.first + count_records(block.payload)
                # Records and bytes count on from the corpus to the queries, lines begin anew in each file.
                yield Block(first + block.first, block.line, (part, block.payload), position + block.position)
            first += count
            position += self._file(part).stat().st_size

    def parse(self, block: Block) -> Batch:
        """See the base class; a document and a query are marked as such."""
        part, content = block.payload
        batch = self._lines(part).parse(Block(block.first, block.line, content, block.position))
        for record in batch.records:
            if part == CORPUS:
                record[DOCUMENT] = True
            else:
                record[COLLECTION] = _collection(self.path, self.split, self.max_record_bytes)
        return batch

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> _Rendered:
        """See the base class; what stayed is written as it was."""
        part, content = block.payload
        lines = lines_of(content)
        escaped = _identities(_stamp(self._file(part)), self.max_record_bytes).escaped
        # Read once more, since a block carries its lines alone: what a line held tells which values are new.
        pairs = zip(self.parse(block).records, records, strict=True)
        written: list[bytes] = []
        for line in lines:
            if not line.strip():
                written.append(line)
                continue
            old, new = next(pairs)
            values = {name: new[name] for name in changed if name in old and old[name] != new[name]}
            if values:
                line = _with_values(line, old, values, escaped=escaped)
            written.append(line)
        return _Rendered(part, b"".join(written), touched=written != lines)

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; makes a folder.

        Args:
            path: The folder to write.

        Yields:
            What takes the rendered blocks.

        Raises:
            UserError: It lies in the folder that is read.
        """
        if self.path.resolve() in path.resolve().parents:
            final = final_path(path)
            raise UserError(f"cannot write {final}: it is in the folder {self.path} that is read; name another")
        rewritten = {part: self._file(part) for part in (CORPUS, QUERIES)}
        names = {file.name for file in rewritten.values()}
        # In the folder itself alone: files of these names in its subfolders are others, and copied.
        shutil.copytree(self.path, path, ignore=lambda folder, _: names if Path(folder) == self.path else ())
        with ExitStack() as stack:
            files = {}
            for part, file in rewritten.items():
                files[part] = stack.enter_context(open_bytes(path / file.name, "wb"))
            folder = _FolderWriter(files)
            yield folder
        # A file none of whose lines changed is copied, so that also a compressed one stays byte for byte.
        for part in set(rewritten) - folder.touched:
            shutil.copyfile(rewritten[part], path / rewritten[part].name)

    def total(self) -> int:
        """See the base class."""
        return self._file(CORPUS).stat().st_size + self._file(QUERIES).stat().st_size

    def _file(self, part: str) -> Path:
        return _file_of(self.path, part)

    def _lines(self, part: str) -> JsonLines:
        return JsonLines(self._file(part), max_record_bytes=self.max_record_bytes)


def is_beir(folder: Path) -> bool:
    """Tell a BEIR folder by its files: two of corpus, queries and qrels (so that a missing third one is told)."""
    names = [part for part in (CORPUS, QUERIES) if _candidates(folder, part)]
    if (folder / QRELS).is_dir():
        names.append(QRELS)
    return len(names) > 1


def _candidates(folder: Path, part: str) -> list[Path]:
    """Return the files of a part that there are."""
    paths = [folder / f"{part}.jsonl", folder / f"{part}.jsonl.gz"]
    return [path for path in paths if path.is_file()]


def _file_of(folder: Path, part: str) -> Path:
    """Return the file of a part.

    Raises:
        DataError: There is none, or two.
    """
    candidates = _candidates(folder, part)
    if not candidates:
        raise DataError(f"{folder} holds no {part}.jsonl (or {part}.jsonl.gz), which a BEIR folder has")
    if len(candidates) > 1:
        raise DataError(f"{folder} holds both {candidates[0].name} and {candidates[1].name}; remove one of them")
    return candidates[0]


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, eq=False)
class _Identities:
    """What is known of a file after one pass over it.

    Attributes:
        names: The ids.
        escaped: Whether characters beyond ASCII are escaped in it.
    """

    names: frozenset[str]
    escaped: bool


@lru_cache(maxsize=_KEPT)
def _identities(stamp: Stamp, limit: int) -> _Identities:
    """Return the ids of a file.

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
    return _Identities(frozenset(lines_of), ascii_only and escapes)


def _collection(folder: Path, split: str | None, limit: int) -> Collection:
    """Return the collection of a folder; as long as its files stay the same it is the same object."""
    # All queries share the object, so that the corpus behind it is read once and not for every batch.
    stamps = [_stamp(_file_of(folder, part)) for part in (CORPUS, QUERIES)]
    judgements = [_stamp(path) for path in _splits(folder).values()]
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
    splits = {}
    for path in sorted((folder / QRELS).glob("*.tsv*")):
        if path.name.endswith((".tsv", ".tsv.gz")):
            splits[path.name.removesuffix(".gz").removesuffix(".tsv")] = path
    return splits


def _split_file(folder: Path, split: str | None) -> Path:
    """Return the judgements of a split.

    Raises:
        UserError: There is no such split, or it must be named.
    """
    splits = _splits(folder)
    if not splits:
        raise UserError(f"{folder} holds no {QRELS}/SPLIT.tsv, which says what is relevant to each query")
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
    queries = _identities(_stamp(_file_of(folder, QUERIES)), limit).names
    documents = _identities(_stamp(_file_of(folder, CORPUS)), limit).names
    judged: set[tuple[str, str]] = set()
    relevant: dict[str, list[tuple[str, int]]] = {}
    for place, query, document, gain in _judgement_rows(path):
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


def _judgement_rows(path: Path) -> Iterator[tuple[Place, str, str, int]]:
    """Go through (place, query, document, score).

    Raises:
        DataError: There is no header, or a line is no judgement.
    """
    for first, lines, _ in line_blocks(path, choosable=False):
        for number, line in enumerate(lines, first):
            text = decode(line, path, number).strip("\r\n")
            place = Place(str(path), f"line {number}")
            cells = text.split("\t")
            if number == 1:
                _check_header(cells, place)
            elif text.strip():
                if len(cells) != _COLUMNS:
                    raise place.error(f"expected query-id, corpus-id and score between tabs, got {text!r}")
                yield place, cells[0].strip(), cells[1].strip(), _score(cells[2], place)


def _check_header(cells: list[str], place: Place) -> None:
    """Refuse a first line that is a judgement: it would be taken for the header.

    Raises:
        DataError: It is one, or has another number of columns.
    """
    # A score in the last place is none of a header's names.
    if len(cells) != _COLUMNS or re.fullmatch(r"\s*-?\d+\s*", cells[-1]):
        raise place.error(f"expected the header query-id, corpus-id, score between tabs, got {cells}")


def _score(cell: str, place: Place) -> int:
    """Return a score.

    Raises:
        DataError: It is no whole number.
    """
    try:
        return int(cell)
    except ValueError as error:
        raise place.error(f"the score must be a whole number, got {cell!r}") from error


@dataclass(frozen=True)
class _Rendered:
    """Lines of a file.

    Attributes:
        part: The file.
        content: The lines.
        touched: Whether any of them differs from what was read.
    """

    part: str
    content: bytes
    touched: bool


class _FolderWriter:
    """Writes the files of a folder.

    Attributes:
        touched: The files of which a line differs from what was read.
    """

    def __init__(self, files: Mapping[str, IO[bytes]]) -> None:
        """Take the files of a folder.

        Args:
            files: The open files by their part of the folder.
        """
        self._files = files
        self.touched: set[str] = set()

    def write(self, rendered: _Rendered) -> None:
        """Write lines."""
        self._files[rendered.part].write(rendered.content)
        if rendered.touched:
            self.touched.add(rendered.part)


def _with_values(line: bytes, old: Record, values: dict[str, str], *, escaped: bool) -> bytes:
    """Return a JSON line with other values for some fields; all else stays as it is written.

    Args:
        line: The line.
        old: What it holds.
        values: The new values.
        escaped: Whether the file escapes characters beyond ASCII.
    """
    raw = line.decode("utf-8")
    style = Style.of(raw)
    escapes = style.escaped or (escaped and raw.isascii())
    for name, value in values.items():
        was = re.escape(json.dumps(old[name], ensure_ascii=escapes))
        pattern = re.compile(rf"({re.escape(json.dumps(name))}\s*:\s*){was}")
        if len(pattern.findall(raw)) != 1:  # written with other escapes, or in a nested object too: all is written anew
            kept = {key: value for key, value in old.items() if key not in (DOCUMENT, COLLECTION)}
            ending = raw[len(raw.rstrip("\r\n")) :]
            return (style.dumps(kept | dict(values)) + ending).encode("utf-8")
        written = _dumped(value, escaped=escapes)
        # By a function: in a plain replacement, the backslashes of JSON would be read as those of a pattern.
        raw = pattern.sub(lambda match, written=written: match[1] + written, raw)  # type: ignore[misc]
    return raw.encode("utf-8")


def _dumped(value: str, *, escaped: bool) -> str:
    """Return a text as JSON; half of a surrogate pair, which only an escape can hold, is escaped."""
    text = json.dumps(value, ensure_ascii=escaped)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
