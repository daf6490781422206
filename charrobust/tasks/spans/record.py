"""Spans of a text: named entities, aspect terms. Their offsets follow the edits, wherever a record writes them down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Any, ClassVar, Self

import numpy as np

from charrobust.errors import DataError, UserError, hint
from charrobust.perturb import Attack, Edit, EditedText
from charrobust.perturb.distance import Change, changes
from charrobust.perturb.edits import undone
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.labels import sorted_labels
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.offsets import by_words, cut_words, outside
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record, by_field, entries_of, names_of
from charrobust.tasks.spans.answers import spans_in
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
from charrobust.tasks.spans.metrics import Span, spans_metrics, text_f1
from charrobust.tasks.spans.slots import Slot, SlotFinder, move_slots, mutable
from charrobust.tasks.spans.tags import nested, tags_of, type_of

TEXT, ENTITIES = "text", "entities"  # what may be attacked
_NOTHING = "no span"


@dataclass(frozen=True, kw_only=True)
class Spans(LabelledTask):
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

    name: ClassVar[str] = "spans"
    head: ClassVar[str] = "charrobust.tasks.spans.head:SpansHead"
    pipeline: ClassVar[str] = "token-classification"
    label_word: ClassVar[str] = "tags"
    target_word: ClassVar[str] = "spans"
    tells_places: ClassVar[bool] = True
    asks: ClassVar[tuple[str, ...]] = ("tagging",)

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

    # Records: reading, perturbing, writing back.

    def examples(self, batch: Batch) -> Iterator[Example]:
        """See the base class."""
        ids = names_of(batch, self.id_column) or [str(row) for row, _, _ in batch.rows()]
        for name, (_, record, place) in zip(ids, batch.rows(), strict=True):
            copied = mutable(record)
            target = self._target(copied, self._slots(copied, place), place)
            places = []
            for start, end, _ in target or ():
                places.append((start, end))
            yield Example(name, (self._text(copied, place),), target, tuple(places))

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """See the base class."""
        ids = names_of(batch, self.id_column)
        # Slots point into these copies: text and offsets are written there, and the batch stays as it was read.
        perturbed = Perturbation(list(map(mutable, batch.records)))
        slots, texts, protected = [], [], []
        for record, place in zip(perturbed.records, batch.places, strict=True):
            record_slots = self._slots(record, place)
            target = self._target(record, record_slots, place)
            slots.append(record_slots)
            texts.append(self._text(record, place))
            protected.append(self._protected(texts[-1], record_slots, target, place=place))
            if attack.recipe.moves_words:
                protected[-1] += [slot.span for slot in record_slots]
        edited_texts = attack.texts(texts, ids=ids, protect=protected, field=self.texts[0])
        for record, record_slots, edited in zip(perturbed.records, slots, edited_texts, strict=True):
            self._write(record, edited.text)
            # By words: the start of an edited word is still the start of its span, whichever letter was hit.
            move_slots(record_slots, by_words(edited))
        perturbed.note(entries_of(batch, ids, self.texts[0]), edited_texts.edits, edited_texts.tally)
        return perturbed

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """See the base class."""
        restored: Record = mutable(record)
        fields = by_field(edits)
        if not fields:
            return record
        # The slots must be found before the text is written: their copies are checked against what they cover.
        slots = self._slots(restored, place)
        attacked = self._text(restored, place)
        for field, field_edits in fields.items():
            if field != self.texts[0]:
                raise place.error(f"the edit log names {field!r}, expected {self.texts[0]!r}")
            try:
                edited = by_words(undone(attacked, field_edits))
            except DataError as error:
                raise place.error(str(error)) from error
            self._write(restored, edited.source)
            move_slots(slots, edited, back=True)
        return restored

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

    def _protected(
        self, text: str, slots: Sequence[Slot], target: Sequence[Span] | None, *, place: Place
    ) -> list[tuple[int, int]]:
        """Return the stretches of a text that stay: words that borders cut, and what is not to be attacked."""
        # All offsets of the record count, also those that are no targets: each of them has to be moved.
        spans = [slot.span for slot in slots]
        protected = cut_words(text, spans)
        if not self.protect_entities and ENTITIES not in self.attacked:
            return protected
        if target is None:
            raise place.error(
                f"has no spans (column {self.label!r}), so that nothing says what is an entity; give [] where there is "
                "none"
            )
        entities = [(start, end) for start, end, _ in target]
        # Either entities are kept, or they alone are attacked, so that all else is kept.
        stays = entities if self.protect_entities else outside(text, entities)
        return protected + stays

    # Examples, edits and versions.

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class."""
        texts = [example.texts[0] for example in examples]
        protected = list(map(self._protected_in, examples))
        if attack.recipe.moves_words:
            protected = [stays + list(example.spans) for stays, example in zip(protected, examples, strict=True)]
        perturbed = []
        edited_texts = attack.texts(texts, ids=ids, protect=protected, field=self.texts[0])
        for example, edited in zip(examples, edited_texts, strict=True):
            edited_words = by_words(edited)
            target = None
            if example.target is not None:
                target = _moved_spans(example.target, edited_words)
            places = tuple(starmap(edited_words.moved, example.spans))
            perturbed.append(replace(example, texts=(edited.text,), target=target, spans=places))
        return perturbed

    def _protected_in(self, example: Example) -> list[tuple[int, int]]:
        """Return the stretches of an example's text that stay."""
        text, entities = example.texts[0], example.spans
        protected = cut_words(text, entities)
        if self.protect_entities:
            return [*protected, *entities]
        if ENTITIES in self.attacked:
            return protected + outside(text, entities)
        return protected

    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """See the base class: the texts."""
        return {self.texts[0]: [example.texts[0] for example in examples]}

    def protected(self, examples: Sequence[Example]) -> list[Any] | None:
        """See the base class: by the spans of the targets; other offsets of a record are not known of its example."""
        return list(map(self._protected_in, examples))

    def common_facts(self, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
        """See the base class; offsets move with the edits, number and types of the spans stay."""
        return [
            ("the id", clean.id, attacked.id),
            ("this number of spans:", len(clean.target or ()), len(attacked.target or ())),
            ("the types of the spans", _types_in(clean), _types_in(attacked)),
        ]

    @classmethod
    def carried_back(cls, prediction: Prediction, read: Example, example: Example) -> Prediction:
        """See the base class: the places in the text that was given of those in the text that was read."""
        if read.texts == example.texts:
            return prediction
        restored = _restored(example, read)
        carried: set[Span] = set()
        for start, end, name in prediction:
            source_start, source_end = restored.original(start, end)
            # A span of nothing but inserted letters is nowhere in the source.
            if source_start < source_end:
                carried.add((source_start, source_end, name))
        return tuple(sorted(carried))

    @classmethod
    def carried_on(cls, target: Target, example: Example, read: Example) -> Target:
        """See the base class: the places in the text that is read."""
        if target is None or read.texts == example.texts:
            return target
        restored = _restored(example, read)
        return tuple((*restored.moved(start, end), name) for start, end, name in target)

    def remarks(self, examples: Sequence[Example]) -> list[str]:
        """See the base class: spans that overlap others, which models of tags cannot say."""
        targets = [example.target or () for example in examples]
        count = sum(map(len, map(nested, targets)))
        if not count:
            return []
        total = sum(map(len, targets))
        return [
            f"{count:,} of {total:,} spans overlap longer ones: a model that tags words cannot say them; they are left "
            "out of training and count in scoring"
        ]

    # Targets, predictions and metrics.

    def labels_in(self, target: Target) -> Iterable[str]:
        """See the base class: the tags that the types of the spans are written with."""
        types = [span_type for _, _, span_type in target or ()]
        return tags_of(types)

    def labels_suffice(self, known: Iterable[str], wanted: Iterable[str]) -> bool:
        """See the base class: rare types may be missing, but most must be known, in whatever scheme of tags."""
        # The type of the tag outside of all spans is None in both.
        known_types, wanted_types = set(map(type_of, known)), set(map(type_of, wanted))
        return 2 * len(known_types & wanted_types) > len(wanted_types)

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: F1 of spans, and of their places whatever the type."""
        return spans_metrics()

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: F1 of the text's spans; 1 for none where there are none."""
        check_paired(targets, predictions)
        return text_f1(targets, predictions)

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: all spans are right, and none is missing."""
        check_paired(targets, predictions)
        # Exact: 2n / (n + n) is 1 without rounding, and F1 is 1 only where both sets are equal.
        return np.asarray(text_f1(targets, predictions) == 1)

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: (start, end, type) of each span."""
        return spans_in(answer, len(example.texts[0]))

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: (start, end, type) of each span, inside of the text."""
        length = len(example.texts[0])
        return isinstance(value, tuple) and all(_is_span(span, length) for span in value)

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """See the base class; the names are those of tags."""
        # B-LOC and I-LOC become B-place and I-place: a span's type is renamed as its tags are.
        types = dict(zip(map(type_of, names), map(type_of, names.values()), strict=True))
        renamed: list[Span] = []
        for start, end, span_type in prediction:
            renamed.append((start, end, types.get(span_type) or span_type))
        return tuple(renamed)

    def prediction_text(self, prediction: Prediction) -> str:
        """See the base class: places and types."""
        spans = [f"{start}-{end} {span_type}" for start, end, span_type in prediction]
        return "; ".join(spans) or _NOTHING

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class: the types."""
        if target_text in ("", _NOTHING):
            return [_NOTHING]
        # A target as text is "0-5 PER; 9-14 LOC", as `prediction_text` writes it.
        return sorted({span.partition(" ")[2] for span in target_text.split("; ")})


def _restored(example: Example, read: Example) -> EditedText:
    """Return the edits by which a defence has restored a text: it tells the text alone, and they are what differs."""
    source, text = example.texts[0], read.texts[0]
    edits = [_replacement(source, text, change) for change in changes(source, text)]
    return EditedText(source, text, tuple(edits))


def _replacement(source: str, text: str, change: Change) -> Edit:
    """Return a change between two texts as an edit."""
    # Word and operator are not known, and not read: to map spans back only the places of edits are asked for.
    return Edit(0, "", change.old, change.new, source[slice(*change.old)], text[slice(*change.new)])


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


def _moved_spans(spans: Iterable[Span], edited: EditedText) -> tuple[Span, ...]:
    """Return where spans are after the edits of their text."""
    moved: list[Span] = []
    for start, end, span_type in spans:
        new_start, new_end = edited.moved(start, end)
        moved.append((new_start, new_end, span_type))
    return tuple(moved)


def _types_in(example: Example) -> dict[str, int]:
    """Return how many spans of each type an example has."""
    counts = Counter(name for _, _, name in example.target or ())
    # Sorted for the eye: the counts of two versions are compared as dicts, and shown in a message if they differ.
    return {name: counts[name] for name in sorted_labels(counts)}


def _is_span(value: object, length: int) -> bool:
    """Tell whether a value is (start, end, type) of a span in a text of some length."""
    if not isinstance(value, tuple) or len(value) != 3:
        return False
    start, end, name = value
    is_typed = isinstance(start, int) and isinstance(end, int) and isinstance(name, str)
    return is_typed and 0 <= start < end <= length
