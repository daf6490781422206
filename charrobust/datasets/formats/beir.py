"""Collections for retrieval in the layout of BEIR: a folder with a corpus, queries, and relevance judgements.

::

    corpus.jsonl        {"_id": "d1", "title": "Rhine", "text": "A river in Europe."}
    queries.jsonl       {"_id": "q1", "text": "where is the rhine"}
    qrels/test.tsv      query-id, corpus-id, score (with a header); or test.jsonl with these fields, as MTEB has it

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
from pathlib import Path
from typing import IO, ClassVar

from charrobust.datasets.formats.base import Block, Format, Writer, open_bytes
from charrobust.datasets.formats.beir_collection import (
    CORPUS,
    QRELS,
    QUERIES,
    candidates,
    collection_of,
    file_of,
    identities,
    stamp_of,
)
from charrobust.datasets.formats.json_stream import Style
from charrobust.datasets.formats.jsonl import JsonLines, count_records
from charrobust.datasets.formats.limits import RECORD_BYTES, lines_of
from charrobust.errors import UserError
from charrobust.files import final_path
from charrobust.tasks.records import Batch, Record
from charrobust.tasks.retrieval.record import COLLECTION, DOCUMENT


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
            identities(stamp_of(self._file(part)), self.max_record_bytes)
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
                record[COLLECTION] = collection_of(self.path, self.split, self.max_record_bytes)
        return batch

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> _Rendered:
        """See the base class; what stayed is written as it was."""
        part, content = block.payload
        lines = lines_of(content)
        escaped = identities(stamp_of(self._file(part)), self.max_record_bytes).escaped
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
        return file_of(self.path, part)

    def _lines(self, part: str) -> JsonLines:
        return JsonLines(self._file(part), max_record_bytes=self.max_record_bytes)


def is_beir(folder: Path) -> bool:
    """Tell a BEIR folder by its files: two of corpus, queries and qrels (so that a missing third one is told)."""
    names = [part for part in (CORPUS, QUERIES) if candidates(folder, part)]
    if (folder / QRELS).is_dir():
        names.append(QRELS)
    return len(names) > 1


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
