"""Spans of a text: named entities, aspect terms. Their offsets follow the edits, wherever a record writes them down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Any, ClassVar

import numpy as np

from charrobust.errors import DataError
from charrobust.perturb import Attack
from charrobust.perturb.edits import undone
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import sorted_labels
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.offsets import by_words, cut_words, outside
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record, by_field, entries_of, names_of
from charrobust.tasks.spans.answers import spans_in
from charrobust.tasks.spans.carrying import moved_spans, spans_back, spans_on
from charrobust.tasks.spans.columns import ENTITIES, SpanColumns
from charrobust.tasks.spans.metrics import Span, spans_metrics, text_f1
from charrobust.tasks.spans.slots import Slot, move_slots, mutable
from charrobust.tasks.spans.tags import nested, tags_of, type_of

_NOTHING = "no span"


@dataclass(frozen=True, kw_only=True)
class Spans(SpanColumns):
    """Spans of texts, whose offsets follow the edits of the text."""

    name: ClassVar[str] = "spans"
    head: ClassVar[str] = "charrobust.tasks.spans.head:SpansHead"
    pipeline: ClassVar[str] = "token-classification"
    label_word: ClassVar[str] = "tags"
    target_word: ClassVar[str] = "spans"
    tells_places: ClassVar[bool] = True
    asks: ClassVar[tuple[str, ...]] = ("tagging",)

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
                target = moved_spans(example.target, edited_words)
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
        return spans_back(prediction, example.texts[0], read.texts[0])

    @classmethod
    def carried_on(cls, target: Target, example: Example, read: Example) -> Target:
        """See the base class: the places in the text that is read."""
        return None if target is None else spans_on(target, example.texts[0], read.texts[0])

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
