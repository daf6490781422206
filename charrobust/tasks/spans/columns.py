"""Where a data set has its texts and their spans: how both are found in a record, checked and read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from charrobust.errors import UserError, hint
from charrobust.tasks.base import Task
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.records import Place, Record
from charrobust.tasks.spans.layout import (
    LIST,
    ROW,
    UNTYPED,
    at,
    claims_spans,
    find_layout,
    items_of,
    pair_of,
    steps_of,
    types_of,
)
from charrobust.tasks.spans.metrics import Span
from charrobust.tasks.spans.slots import Slot, SlotFinder, mutable
from charrobust.tasks.spans.tags import tags_of

TEXT, ENTITIES = "text", "entities"  # what may be attacked


@dataclass(frozen=True, kw_only=True)
class SpanColumns(LabelledTask):
    """Where a data set has its texts and their spans.

    Attributes:
        texts: Place of the text: a column, or the way to it with dots (``data.text``).
        label: Place of the list of spans, likewise; for one span a record the column of its type. None where spans
            are not scored.
        shape: ``list`` for a list of spans a text, ``row`` for one span a record.
        columns: The columns that may change with the text.
        attacked: ``text`` for all of it, ``entities`` for the words of spans alone.
        protect_entities: Whether words of spans stay.
        plain_columns: Names that hold no offsets, whatever they look like.
        id_column: Column with the texts' ids; None lets the text identify itself.
    """

    texts: tuple[str, ...] = ("text",)
    label: str | None = "entities"
    shape: str = LIST
    columns: tuple[str, ...] = ()
    attacked: tuple[str, ...] = (TEXT,)
    protect_entities: bool = False
    plain_columns: tuple[str, ...] = ()
    id_column: str | None = None

    def __post_init__(self) -> None:
        """Check what is attacked and protected."""
        if len(self.texts) != 1:
            raise UserError(f"spans are of one text, got the columns {', '.join(self.texts)}; name one `text_column`")
        for field in self.attacked:
            if field not in (TEXT, ENTITIES):
                raise UserError(f"unknown field {field!r} of spans; {hint(field, (TEXT, ENTITIES))}")
        if self.protect_entities and ENTITIES in self.attacked:
            raise UserError("entities cannot be both attacked (`field` = entities) and kept (`protect` = entities)")

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class; the shape is told by the record."""
        layout = find_layout(mutable(record), place, named=named, target=target)
        return cls(texts=(layout.text,), label=layout.label, shape=layout.shape, columns=layout.columns)

    @classmethod
    def claims(cls, record: Record, target: str | None) -> bool:
        """See the base class: a record with offsets into its text, which would go stale."""
        return claims_spans(mutable(record))

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; an input is a text."""
        return cls(columns=("text", "entities"))

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class; a target is a list of (start, end, type)."""
        if not isinstance(texts, str):
            raise place.error(f"expected a text, got {texts!r}")
        if isinstance(target, Iterable) and not isinstance(target, str):
            target = _listed(target, place)
        if isinstance(target, str) or not (target is None or isinstance(target, Iterable)):
            raise place.error(f"expected a list of (start, end, type), got {target!r}; write [] for no span")
        if any(not isinstance(span, list | tuple) for span in target or ()):
            raise place.error(f"expected a list of (start, end, type), got {target!r}")
        entities = None
        if target is not None:
            # Lists, as JSON has them: what is written down must be possible to write anew in its place.
            entities = list(map(list, target))
        return {"text": texts, "entities": entities}

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return self.columns or (self.texts[0],)

    @property
    def target_column(self) -> str | None:
        """The column that holds the spans."""
        if self.label is None:
            return None
        return self.label.partition(".")[0]

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """The tags of the types in the order of their numbers, where the data set tells."""
        names = super().names_in_order
        if not names:
            return ()
        return tags_of(names)

    # Reading and writing.

    def _text(self, record: Record, place: Place) -> str:
        """Return the text of a record.

        Raises:
            DataError: There is none.
        """
        text = at(record, self.texts[0])
        if not isinstance(text, str):
            raise place.error(f"column {self.texts[0]!r} must be text, got {text!r}; name it with `text_column`")
        return text

    def _write(self, record: Record, text: str) -> None:
        """Put another text in the place of that of a record."""
        *way, last = steps_of(record, self.texts[0])
        holder: Any = record
        for step in way:
            if isinstance(holder, dict):
                holder = holder[step]
        holder[last] = text

    def _slots(self, record: Record, place: Place) -> list[Slot]:
        """Return all places where a record writes offsets down.

        Raises:
            DataError: There are some that cannot be right, or cannot be followed.
        """
        text = self._text(record, place)
        label_path = steps_of(record, self.label or "")
        finder = SlotFinder(text, steps_of(record, self.texts[0]), label_path, self.plain_columns, place)
        return finder.slots(record)

    def _target(self, record: Record, slots: Sequence[Slot], place: Place) -> tuple[Span, ...] | None:
        """Return the spans of a record in order; None where they are missing.

        Raises:
            DataError: They are of no known shape, or one has no type.
        """
        if self.label is None and self.shape == LIST:
            return None
        written = record if self.shape == ROW else at(record, self.label or "")
        if written is None or (self.shape == ROW and pair_of(record) is None):
            return None
        if self.shape == ROW and self.label is not None and self.is_missing(record.get(self.label)):
            return None
        if not isinstance(written, list | dict):
            raise place.error(f"column {self.label!r} must be a list of spans, got {written!r}")
        if self.shape == ROW:
            # A term that is not in the text has no place there.
            return self._spans_at(slots[0], record, place) if slots else ()
        # Two rows of equal numbers are equal, but not the same: only identity tells which of them a slot is in.
        slot_at = {(id(slot.start.holder), slot.start.key): slot for slot in slots}
        spans: set[Span] = set()
        for item, cell in items_of(written):
            slot = slot_at.get((id(cell.holder), cell.key))
            # A term that is not in the text has no place there.
            if slot is not None:
                spans.update(self._spans_at(slot, item, place))
        return tuple(sorted(spans))

    def _spans_at(self, slot: Slot, item: Any, place: Place) -> tuple[Span, ...]:
        """Return the spans of a slot, one for each of its types, in order."""
        start, end = slot.span
        types = sorted(set(self._types(item, place)))
        return tuple((start, end, span_type) for span_type in types)

    def _types(self, item: Any, place: Place) -> list[str]:
        """Return the types of a span.

        Raises:
            DataError: It has none.
        """
        if self.shape == LIST:
            written = types_of(item)
        elif self.label is None:
            written = [UNTYPED]
        else:
            written = [item.get(self.label)]
        types = []
        # An empty list of types is one type that is missing, and refused as such.
        for label in written or [None]:
            name = self.label_at(label, place)
            if name is None:
                raise place.error(f"the span {item!r} has no type; leave it out, or give it one")
            types.append(name)
        return types


def _listed(target: Iterable[Any], place: Place) -> list[list[Any]]:
    """Return spans as lists.

    Raises:
        DataError: One of them is no (start, end, type).
    """
    spans = []
    for span in target:
        if isinstance(span, str | bytes) or not isinstance(span, Iterable):
            raise place.error(f"expected a span (start, end, type), got {span!r}")
        spans.append(list(span))
    return spans
