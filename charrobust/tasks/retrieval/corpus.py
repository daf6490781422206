"""What is searched: the documents of a corpus, and which of them are relevant to a query."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from charrobust.perturb import Attack
from charrobust.tasks.records import Place, Record

# The document ids that are relevant to a query, each with its gain, in the order of the judgements.
Relevant = tuple[tuple[str, int], ...]


# Compared by identity: field by field, two large corpora would be compared letter by letter. The digest is for that.
@dataclass(frozen=True, eq=False)
class Passages:
    """The documents of a corpus, in order.

    Attributes:
        ids: Their ids.
        titles: Their titles, empty where they have none.
        texts: Their texts.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """A hash of ids, titles and texts."""
        digest = hashlib.sha256()
        for parts in zip(self.ids, self.titles, self.texts, strict=True):
            # Quotes and commas of `repr` keep the parts apart: "ab" and "c" must not hash as "a" and "bc". Halves of
            # surrogate pairs, which JSON may hold, cannot be encoded as they are.
            digest.update(repr(parts).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each document in the corpus, by its id."""
        return {name: number for number, name in enumerate(self.ids)}

    def full_text(self, number: int) -> str:
        """Return what is read of a document: its title, a blank and its text, as in BEIR."""
        return f"{self.titles[number]} {self.texts[number]}".strip()

    def attacked(self, attack: Attack) -> Passages:
        """Return the documents with attacked titles and texts."""
        titles = attack.texts(self.titles, ids=self.ids, field="title").texts
        texts = attack.texts(self.texts, ids=self.ids, field="text").texts
        return replace(self, titles=tuple(titles), texts=tuple(texts))


@dataclass(frozen=True, eq=False)
class SearchedPassages:
    """The documents that a query is compared with: all of a corpus, or all but one.

    As in BEIR a document is no answer to the query that has the same id: there the corpus holds the queries themselves.

    Attributes:
        passages: The corpus.
        excluded: The id of the document that is no answer; None for none.
    """

    passages: Passages
    excluded: str | None = None

    @cached_property
    def digest(self) -> str:
        """A hash of what is searched."""
        whole = self.passages.digest
        if self.excluded is None:
            return whole
        return hashlib.sha256(f"{whole} without {self.excluded}".encode("utf-8", "backslashreplace")).hexdigest()


class Collection:
    """A corpus and the judgements of queries, read when they are asked for."""

    def __init__(
        self, load_passages: Callable[[], Passages], load_relevant: Callable[[], Mapping[str, Relevant]]
    ) -> None:
        """Make a collection.

        Args:
            load_passages: Reads the corpus.
            load_relevant: Reads the relevant documents of each query, by its id.
        """
        self._load_passages, self._load_relevant = load_passages, load_relevant
        self._attacked: tuple[Attack, Collection] | None = None

    @cached_property
    def passages(self) -> Passages:
        """The corpus."""
        return self._load_passages()

    @cached_property
    def _whole(self) -> SearchedPassages:
        return SearchedPassages(self.passages)

    @cached_property
    def _relevant(self) -> Mapping[str, Relevant]:
        return self._load_relevant()

    def relevant(self, query: str) -> Relevant | None:
        """Return the relevant documents of a query, by its id; None where none is known."""
        return self._relevant.get(query)

    def searched_by(self, query: str) -> SearchedPassages:
        """Return what a query is compared with; all queries but those of a document's id share one object."""
        if query in self.passages.numbers:
            return SearchedPassages(self.passages, query)
        return self._whole

    def attacked(self, attack: Attack) -> Collection:
        """Return the collection with an attacked corpus; the last one is kept, as its records are asked one by one."""
        if self._attacked is None or self._attacked[0] != attack:
            # Nothing is read or attacked yet: records are perturbed also where nobody searches.
            self._attacked = attack, Collection(lambda: self.passages.attacked(attack), lambda: self._relevant)
        return self._attacked[1]


@dataclass(frozen=True)
class Document:
    """A document as it is written.

    Attributes:
        id: Its id.
        title: Its title, empty where it has none.
        text: Its text.
    """

    id: str
    title: str
    text: str


def document_of(record: Record, place: Place) -> Document:
    """Return the document, or the query, that a record holds.

    Args:
        record: A record with ``_id``, ``text`` and, if the document has one, ``title``.
        place: Where it stands.

    Returns:
        The document, whose id is text and whose title is empty where there is none.

    Raises:
        DataError: A field is missing or of another type.
    """
    for name in ("_id", "text"):
        if name not in record:
            raise place.error(f"expected the fields _id and text, got {', '.join(map(str, record)) or 'none'}")
    name, title, text = record["_id"], record.get("title"), record["text"]
    # For Python a bool is an int.
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        raise place.error(f"_id must be a text or a whole number, got {name!r}")
    if not isinstance(text, str):
        raise place.error(f"text must be a text, got {text!r}")
    if title is not None and not isinstance(title, str):
        raise place.error(f"title must be a text, got {title!r}")
    return Document(str(name), title or "", text)
