"""The columns of a tagging data set: how tokens and tags are found in a record, checked and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from charrobust.errors import UserError
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Target
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.records import Batch, Place, Record, check_not_misspelt, require
from charrobust.tasks.tagging.entities import are_entities, check_names_tell, check_tags_tell

_TOKENS = ("tokens", "words")
_TAGS = ("tags", "ner_tags", "upos", "pos_tags", "labels", "pos")


@dataclass(frozen=True)
class TagColumns(LabelledTask):
    """The columns of a tagging data set.

    Attributes:
        tokens: Column with the list of tokens.
        tags: Column with the list of tags, strings or numbers; None where they are not checked.
        protect_entities: Whether tokens with a tag other than ``O`` stay.
        carry_tags: Whether tokens may be split, joined, dropped, doubled or exchanged, and tags follow: both parts of a
            ``B-X`` are ``B-X I-X``. Otherwise a recipe that does so is refused.
        id_column: Column with the sentences' ids; None lets the tokens identify themselves.
    """

    formats: ClassVar[tuple[str, ...]] = ("conll", "conllu")
    target_option: ClassVar[str] = "`tag_column`"

    tokens: str = "tokens"
    tags: str | None = "tags"
    protect_entities: bool = False
    carry_tags: bool = False
    id_column: str | None = None

    def __post_init__(self) -> None:
        """Check that entities can be told."""
        if self.tokens == self.tags:
            raise UserError(f"column {self.tokens!r} cannot hold both tokens and tags; name another with `tag_column`")
        if self.protect_entities and self.tags is None:
            raise UserError("protecting entities needs a tag column; name it with `tag_column`")

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class."""
        lists = [column for column, value in record.items() if isinstance(value, list)]
        tokens = next((column for column in named or _TOKENS if column in lists), None)
        if tokens is None:
            columns = ", ".join(map(str, record))
            raise place.error(f"no column with lists of tokens found among {columns}; name it with `token_column`")
        tags = (column for column in _TAGS if column in lists and column != tokens)
        return cls(tokens, next(tags, None))

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: a list of tokens."""
        return any(isinstance(record.get(column), list) for column in named or _TOKENS)

    @classmethod
    def of_texts(cls, columns: Sequence[str]) -> Self:
        """See the base class; the column of the tokens.

        Args:
            columns: One column.

        Returns:
            The task.

        Raises:
            UserError: There are several.
        """
        if len(columns) != 1:
            raise UserError(f"tagging has one column of tokens, got {', '.join(columns)}")
        return cls(columns[0], None)

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; an input is a list of tokens."""
        return cls()

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class; a target is a list of tags."""
        for what, value in (("tokens", texts), ("tags", target)):
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise place.error(f"expected a list of {what}, got {value!r}")
        return {"tokens": list(texts), "tags": list(target)}

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return (self.tokens,) if self.tags is None or not self.carry_tags else (self.tokens, self.tags)

    @property
    def target_column(self) -> str | None:
        """The tag column."""
        return self.tags

    # Checking and reading.

    def raw_labels(self, record: Record) -> Iterable[object]:
        """See the base class; missing tags are of no type."""
        tags = () if self._has_no_tags(record) else record[self.tags or ""]
        return (tag for tag in tags if not self.is_missing(tag))

    def _check(self, record: Record, place: Place) -> None:
        """Refuse a record that has other than a tag for each token.

        Raises:
            DataError: With its place.
        """
        tokens = require(record, self.tokens, list, place)
        for token in tokens:
            if not isinstance(token, str):
                raise place.error(f"column {self.tokens!r} must be a list of text, got the item {token!r}")
        if self._has_no_tags(record):
            check_not_misspelt(record, self.tags or self.tokens, place)
            return
        tags = require(record, self.tags or "", list, place)
        if len(tags) != len(tokens):
            raise place.error(
                f"{len(tokens)} tokens but {len(tags)} tags in column {self.tags!r}; each token needs one"
            )
        for tag in tags:
            if isinstance(tag, list | dict):
                raise place.error(f"column {self.tags!r} must hold one tag for each token, got {tag!r}")

    def check_followed(self, batch: Batch) -> None:
        """See the base class: a list of as many values as there are tokens is taken for one of them."""
        for _, record, place in batch.rows():
            tokens = require(record, self.tokens, list, place)
            for column in sorted(record.keys() - {self.tokens, self.tags}):
                value = record[column]
                if tokens and isinstance(value, list) and len(value) == len(tokens):
                    raise place.error(
                        f"column {column!r} holds a value for each of the {len(tokens)} tokens, and does not follow "
                        "where the attack splits, joins or moves them; leave it out of the data, or take a recipe that "
                        "edits inside words"
                    )

    def _target(self, record: Record, place: Place) -> Target:
        """Return the tags of a record; None where there are none, or all of them are missing."""
        if self._has_no_tags(record):
            return None
        tags = tuple(self.label_at(tag, place) for tag in record[self.tags or ""])
        return None if tags and all(tag is None for tag in tags) else tags

    def _names(self, record: Record, place: Place) -> list[str | None] | None:
        """Return the names of a record's tags; None where there are none."""
        if self._has_no_tags(record):
            return None
        return [self.label_at(tag, place) for tag in record[self.tags or ""]]

    def _entities(self, record: Record, place: Place) -> list[bool]:
        """Tell which tokens are of entities.

        Raises:
            DataError: There are no tags.
        """
        if self._has_no_tags(record):
            raise place.error(f"column {self.tags!r} holds no tags, so that nothing says what is an entity")
        return are_entities(self.label_at(tag, place) for tag in record[self.tags or ""])

    def _check_outside(self, batch: Batch) -> None:
        """Refuse tags of which nothing says which of them is ``O``.

        Raises:
            DataError: They are numbers without names, names without an ``O``, or words of which none is ``O``.
        """
        if self.class_names:
            check_names_tell(self.class_names, self.names_in_order, batch.places[0])
        else:
            check_tags_tell(self.tags, self._tags_in(batch))

    def _tags_in(self, batch: Batch) -> Iterator[tuple[object, str | None, Place]]:
        """Go through the tags of a batch: each as it is written, with its name and its place."""
        for _, record, place in batch.rows():
            for tag in () if self._has_no_tags(record) else record[self.tags or ""]:
                yield tag, self.label_at(tag, place), place

    def _has_no_tags(self, record: Record) -> bool:
        """Tell whether nobody says what the tags of a record are."""
        return self.tags is None or record.get(self.tags) is None
