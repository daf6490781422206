"""Tagging: named entities, parts of speech. Tokens are edited, never split, joined or removed; tags stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack, Edit, revert
from charrobust.tasks.examples import Example
from charrobust.tasks.records import (
    Batch,
    LoggedEdit,
    Perturbation,
    Place,
    Record,
    by_field,
    entries_of,
    names_of,
    require,
)

_TOKENS = ("tokens", "words")
_TAGS = ("tags", "ner_tags", "upos", "pos_tags", "labels", "pos")


@dataclass(frozen=True)
class Tagging:
    """The columns of a tagging data set.

    Attributes:
        tokens: Column with the list of tokens.
        tags: Column with the list of tags, strings or numbers; None where they are not checked.
        protect_entities: Whether tokens with a tag other than ``O`` (or 0) stay.
        id_column: Column with the sentences' ids; None lets the tokens identify themselves.
    """

    name: ClassVar[str] = "tagging"
    tokens: str = "tokens"
    tags: str | None = "tags"
    protect_entities: bool = False
    id_column: str | None = None

    def __post_init__(self) -> None:
        """Check that entities can be told."""
        if self.tokens == self.tags:
            raise UserError(f"column {self.tokens!r} cannot hold both tokens and tags; name another with --tag-column")
        if self.protect_entities and self.tags is None:
            raise UserError("protecting entities needs a tag column; name it with --tag-column")

    @classmethod
    def detect(cls, record: Record, place: Place, named: tuple[str, ...] = ()) -> Tagging:
        """Find the columns of a data set by their usual names.

        Args:
            record: The first record.
            place: Where it stands.
            named: The token column, if it is known.

        Raises:
            DataError: No usual name for the tokens among the record's columns.
        """
        tokens = next((column for column in named or _TOKENS if isinstance(record.get(column), list)), None)
        if tokens is None:
            raise place.error(
                f"no column with lists of tokens found among {', '.join(map(str, record))}; name it with --token-column"
            )
        tags = (column for column in _TAGS if column != tokens and isinstance(record.get(column), list))
        return cls(tokens, next(tags, None))

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return (self.tokens,)

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch.

        Raises:
            DataError: A column is missing, of the wrong type, or has another number of tags than of tokens.
        """
        ids = names_of(batch, self.id_column)
        for _, record, place in batch.rows():
            self._check(record, place)
        sentences = [record[self.tokens] for record in batch.records]
        protect = None
        if self.protect_entities:
            protect = [[tag not in ("O", 0) for tag in record[self.tags or ""]] for record in batch.records]
        made = attack.tokens(sentences, ids=ids, protect=protect)
        out = Perturbation(
            [{**record, self.tokens: tokens} for record, tokens in zip(batch.records, made.sentences, strict=True)]
        )
        out.note(entries_of(batch, ids, self.tokens), made.edits, made.tally)
        return out

    def _check(self, record: Record, place: Place) -> None:
        tokens = require(record, self.tokens, list, place)
        wrong = next((token for token in tokens if not isinstance(token, str)), None)
        if wrong is not None:
            raise place.error(f"column {self.tokens!r} must be a list of text, got the item {wrong!r}")
        if self.tags is None:
            return
        tags = require(record, self.tags, list, place)
        if len(tags) != len(tokens):
            raise place.error(
                f"{len(tokens)} tokens but {len(tags)} tags in column {self.tags!r}; each token needs one"
            )

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a record."""
        tokens = list(require(record, self.tokens, list, place))
        by_token: dict[int, list[Edit]] = {}
        for edit in by_field(edits).get(self.tokens, []):
            by_token.setdefault(edit.word, []).append(edit)
        for number, made in by_token.items():
            if number >= len(tokens):
                raise place.error(f"the edit log names token {number}, the sentence has {len(tokens)}")
            try:
                tokens[number] = revert(tokens[number], made)
            except DataError as error:
                raise place.error(f"token {number}: {error}") from error
        return {**record, self.tokens: tokens}

    def labels_of(self, record: Record) -> Iterable[object]:
        """Return the tags of a record, for the check that all are of one type."""
        return record[self.tags] if self.tags else ()

    def examples(self, batch: Batch) -> Iterator[Example]:
        """Go through the examples of a batch.

        Raises:
            DataError: A column is missing, of the wrong type, or has another number of tags than of tokens.
        """
        ids = names_of(batch, self.id_column) or [str(row) for row, _, _ in batch.rows()]
        for name, (_, record, place) in zip(ids, batch.rows(), strict=True):
            self._check(record, place)
            tags = None if self.tags is None else tuple(map(str, record[self.tags]))
            yield Example(name, tuple(record[self.tokens]), tags)
