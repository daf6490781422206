"""Where a record writes down offsets into its text: found wherever they stand, so that all of them follow an edit.

A stretch is written as a list (``[0, 6, "PER"]``), as a mapping with a start and an end under one of several pairs of
names, or as such a mapping of lists. Copies of the words that it covers stand beside it in many exports; they must be
what stands in the text, and say whether the end is that of a slice or the last letter. Everything else whose name
speaks of offsets is refused: nobody knows how it would have to move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.errors import DataError
from charrobust.perturb import EditedText
from charrobust.tasks.offsets import PAIRS, holds_numbers, is_row, speaks_of_offsets, whole_number
from charrobust.tasks.records import Place, Record

Path = tuple[str, ...]

# Names of copies of the covered words: those that can be nothing else, and those that are one if they read the same.
_SURE_COPIES = ("text", "term", "surface", "surface_form", "mention", "span_text", "@term")
_LIKELY_COPIES = ("@target", "aspect", "entity", "name", "phrase", "quote", "span", "target", "token", "value", "word")
COPIES = (*_SURE_COPIES, *_LIKELY_COPIES)
LISTS = ("entities", "label", "labels", "ents", "spans", "ner", "annotations", "aspects", "opinions")
_TOKEN_NUMBERS = frozenset({"token_start", "token_end"})
_REMEDY = "if it holds no offsets into the text, name it with `plain_columns`"


@dataclass(frozen=True, eq=False)
class Cell:
    """One value of a record, to be read and written in place.

    Attributes:
        holder: The mapping or list that holds it.
        key: Its key or number there.
    """

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        """What is written there."""
        return self.holder[self.key]

    def write(self, number: int) -> None:
        """Write a number, as text where there was text, as a decimal fraction where there was one."""
        # "17" stays a text and 17.0 a fraction: the file must keep the types of its columns.
        written = self.value
        self.holder[self.key] = type(written)(number)


@dataclass(frozen=True)
class Slot:
    """A stretch of the text, as a record writes it down.

    Attributes:
        start: Where its start is written.
        end: Where its end is written.
        copies: Where the words that it covers are written once more.
        last: 1 if the written end is the last letter, 0 if it is the place behind it.
    """

    start: Cell
    end: Cell
    copies: tuple[Cell, ...] = ()
    last: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """(start, end) in the text, the end being behind the last letter."""
        # Slots are made of cells with whole numbers alone: `or 0` is there for the type checker.
        return whole_number(self.start.value) or 0, (whole_number(self.end.value) or 0) + self.last

    def move(self, span: tuple[int, int], text: str) -> None:
        """Write another place.

        Args:
            span: The place.
            text: The text that it is in.
        """
        start, end = span
        self.start.write(start)
        self.end.write(end - self.last)
        for copy in self.copies:
            copy.holder[copy.key] = text[start:end]


@dataclass
class SlotFinder:
    """Finds all slots of a record.

    Attributes:
        text: The text of the record.
        text_path: Where it stands.
        label_path: Where the list of spans stands.
        plain: Columns that hold no offsets, whatever they look like.
        place: Where the record stands.
        token_numbers: Whether numbers of tokens may stand beside offsets: the tokens are listed, and stay as many.
    """

    text: str
    text_path: Path
    label_path: Path
    plain: Sequence[str]
    place: Place
    token_numbers: bool = False

    def slots(self, record: Record) -> list[Slot]:
        """Return all slots of a record.

        Args:
            record: The record.

        Returns:
            The slots, in the order in which they stand in the record.

        Raises:
            DataError: Offsets are outside the text, do not fit their copy, or cannot be followed.
        """
        # As Prodigy writes them: mappings, by whose numbers spans are named too. Words stay as many under edits.
        tokens = record.get("tokens")
        self.token_numbers = isinstance(tokens, list) and all(isinstance(token, dict) for token in tokens)
        slots = list(self._in_mapping(record, ()))
        # One end is meant the same way in all of a record; a copy that fits by chance would show here.
        if len({slot.last for slot in slots}) > 1:
            raise self.place.error(
                "some spans end at their last letter and others behind it, as far as the copies of their words tell; "
                "make them one kind"
            )
        return slots

    def _inside(self, value: Any, path: Path) -> Iterator[Slot]:
        """Go through the slots of a value."""
        if isinstance(value, dict):
            yield from self._in_mapping(value, path)
        elif isinstance(value, list) and (any(map(is_row, value)) or self._must_be_rows(value, path)):
            yield from self._in_rows(value, path)
        elif isinstance(value, list):
            for item in value:
                yield from self._inside(item, path)

    def _must_be_rows(self, value: list[Any], path: Path) -> bool:
        """Tell whether the lists in a list can only be spans, in whatever way they are written."""
        is_of_spans = path == self.label_path or path[-1:] == ("entities",)
        return is_of_spans and any(isinstance(item, list) for item in value)

    def _in_mapping(self, holder: dict[str, Any], path: Path) -> Iterator[Slot]:
        yield from self._own(holder, path)
        for key, value in holder.items():
            if str(key) not in self.plain and (*path, key) != self.text_path:
                yield from self._inside(value, (*path, str(key)))

    def _own(self, holder: dict[str, Any], path: Path) -> Iterator[Slot]:
        """Go through the slots that a mapping is itself."""
        slots: list[Slot] = []
        used: set[str] = set()
        for names in PAIRS:
            if any(name not in holder or name in self.plain for name in names):
                continue
            of_names = list(self._of_pair(holder, names, path))
            # Two pairs of names (start and end, begin and stop) are two notations of one place, and both must move.
            if slots and of_names and _places(slots) != _places(of_names):
                raise self._error(path, f"has several starts and ends that differ; {_REMEDY}")
            slots += of_names
            used.update(names)
        for key, value in holder.items():
            if key not in used and str(key) not in self.plain:
                self._check_name(key, value, path)
        yield from slots

    def _of_pair(self, holder: dict[str, Any], names: tuple[str, str], path: Path) -> Iterator[Slot]:
        """Go through the slots that two names of a mapping hold: one, several where they hold lists, or none."""
        start, end = holder[names[0]], holder[names[1]]
        cells = Cell(holder, names[0]), Cell(holder, names[1])
        if start is None and end is None:
            return
        if isinstance(start, list) and isinstance(end, list):
            yield from self._of_columns(holder, names, path)
        elif whole_number(start) is not None and whole_number(end) is not None:
            copies = [Cell(holder, name) for name in COPIES if self._is_copy(holder, name, path)]
            yield from self._checked(*cells, copies, path)
        elif whole_number(start) is not None or whole_number(end) is not None or str(start).startswith("/"):
            # A path into a page, as Label Studio writes it for HTML, begins with a slash.
            raise self._error(path, f"has {names[0]} {start!r} and {names[1]} {end!r}; expected two numbers; {_REMEDY}")

    def _is_copy(self, holder: dict[str, Any], name: str, path: Path) -> bool:
        is_text = isinstance(holder.get(name), str)
        return is_text and (*path, name) != self.text_path and name not in self.plain

    def _of_columns(self, holder: dict[str, Any], names: tuple[str, str], path: Path) -> Iterator[Slot]:
        """Go through the slots of a mapping of lists, as the ``datasets`` library writes a list of mappings."""
        starts, ends = holder[names[0]], holder[names[1]]
        columns = [holder[name] for name in COPIES if isinstance(holder.get(name), list)]
        if len(starts) != len(ends):
            raise self._error(path, f"has {len(starts)} starts and {len(ends)} ends; expected as many")
        for number in range(len(starts)):
            # What is named as copies are may be something else: a shorter list, or one of numbers.
            cells = [Cell(column, number) for column in columns if number < len(column)]
            copies = [cell for cell in cells if isinstance(cell.value, str)]
            if whole_number(starts[number]) is None or whole_number(ends[number]) is None:
                raise self._error(path, f"has the start {starts[number]!r} and the end {ends[number]!r}; {_REMEDY}")
            yield from self._checked(Cell(starts, number), Cell(ends, number), copies, path)

    def _in_rows(self, rows: list[Any], path: Path) -> Iterator[Slot]:
        """Go through the slots of a list of ``[start, end, label]``."""
        if path != self.label_path and path[-1] not in LISTS:
            # A list of another name may hold any numbers; if they are places in the text, nobody can tell.
            if any(map(self._is_inside, rows)):
                raise self._error(path, f"holds what may be offsets ({rows[0]!r}); {_REMEDY}")
            return
        for row in rows:
            if not is_row(row) or any(isinstance(value, int) for value in row[2:]):
                raise self._error(path, f"must hold lists [start, end, label], got {row!r}")
            # The third item is the type, also where it reads as the covered word does.
            copies = [Cell(row, number) for number in range(3, len(row)) if isinstance(row[number], str)]
            yield from self._checked(Cell(row, 0), Cell(row, 1), copies, path)

    def _is_inside(self, row: Any) -> bool:
        return is_row(row) and 0 <= row[0] < row[1] <= len(self.text)

    def _checked(self, start: Cell, end: Cell, copies: list[Cell], path: Path) -> Iterator[Slot]:
        """Yield a slot, if its offsets are in the text; none for a term that is not in the text, at 0 to 0.

        Raises:
            DataError: They are not in the text, or something else than a copy stands there.
        """
        # Cells are equal only to themselves: `in alike` below asks for this very cell, not for one that reads the same.
        sure = [copy for copy in copies if copy.key in _SURE_COPIES and copy.value]
        slot, inclusive = Slot(start, end), Slot(start, end, last=1)
        alike = self._alike(copies, slot)
        if not alike:
            # A copy that reads on by one letter says that the end is the last letter.
            alike = self._alike(copies, inclusive)
            if alike:
                slot = inclusive
        if self._covered(slot) and all(copy in alike for copy in sure):
            yield Slot(start, end, tuple(alike), slot.last)
            return
        first, behind = slot.span
        # SemEval marks an aspect that no word of the text names with 0 to 0, and a term such as NULL.
        if first == behind == 0 and copies and not any(map(self._occurs, copies)):
            return
        if not 0 <= first < behind <= len(self.text):
            raise self._error(
                path,
                f"holds the offsets {first} to {behind}; expected 0 <= start < end <= {len(self.text)}, "
                f"the length of the text; {_REMEDY}",
            )
        raise self._error(path, self._mismatch(sure, slot))

    def _mismatch(self, sure: list[Cell], slot: Slot) -> str:
        """Say what stands where a copy should."""
        start, end = slot.span
        covered = self._covered(slot)
        # There is one: the offsets are in the text, so that only a sure copy can have been refused.
        copy = next(copy for copy in sure if copy.value != covered)
        where = self.text.find(copy.value)
        remedy = "it does not occur in the text"
        if where >= 0:
            remedy = f"it does occur at {where}: correct the offset"
        return f"expected {copy.value!r} at {start} to {end}, found {self.text[start:end]!r}; {remedy}"

    def _alike(self, copies: list[Cell], slot: Slot) -> list[Cell]:
        """Return the copies that read as what a slot covers."""
        covered = self._covered(slot)
        # Else an empty copy would be one of a slot that covers nothing.
        if not covered:
            return []
        return [copy for copy in copies if copy.value == covered]

    def _occurs(self, copy: Cell) -> bool:
        """Tell whether a copy is anywhere in the text."""
        return bool(copy.value) and copy.value in self.text

    def _covered(self, slot: Slot) -> str:
        """Return the words that a slot covers; nothing if it is not in the text."""
        start, end = slot.span
        # A slice would count a negative offset from the end of the text, and cut one that is too large.
        if not 0 <= start < end <= len(self.text):
            return ""
        return self.text[start:end]

    def _check_name(self, key: str, value: Any, path: Path) -> None:
        """Refuse numbers whose name speaks of offsets, where nobody knows how they move.

        Raises:
            DataError: With the name.
        """
        if not speaks_of_offsets(key) or not holds_numbers(value):
            return
        if key in _TOKEN_NUMBERS and self.token_numbers:
            return
        where = ".".join(map(str, (*path, key)))
        raise self.place.error(
            f"{where} is {value!r}: it may be an offset, but how it would have to follow the edits of the text is not "
            f"known; leave it out, or {_REMEDY}"
        )

    def _error(self, path: Path, problem: str) -> DataError:
        """Return an error of what stands at a path."""
        return self.place.error(f"{'.'.join(path) or 'the record'} {problem}")


def _places(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Return the places of slots."""
    return [slot.span for slot in slots]


def move_slots(slots: Sequence[Slot], edited: EditedText, *, back: bool = False) -> None:
    """Let slots follow the edits of their text.

    Args:
        slots: The slots.
        edited: The edits, each a whole word.
        back: Whether the edits are undone.
    """
    text, follow = edited.text, edited.moved
    if back:
        text, follow = edited.source, edited.original
    for slot in slots:
        slot.move(follow(*slot.span), text)


def mutable(value: Any) -> Any:
    """Return a copy of a record whose inner values can be written: tuples and arrays become lists."""
    if isinstance(value, dict):
        return {key: mutable(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):  # arrays and numbers of numpy, as pandas hands them out
        value = value.tolist()
    if isinstance(value, list | tuple):
        return list(map(mutable, value))
    return value
