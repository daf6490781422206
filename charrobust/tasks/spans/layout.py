"""In which shape the records of a data set hold spans: where the text is, where the spans, and which are the target's.

Places are written with dots: ``data.text``, ``annotations.result``, ``spans.sc``. Where a list of mappings lies on the
way, as Label Studio's annotations do, the first that nobody cancelled counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from charrobust.tasks.offsets import PAIRS, is_row, looks_like_offsets
from charrobust.tasks.records import Place, Record
from charrobust.tasks.spans.slots import COPIES, LISTS, Cell

LIST, ROW = "list", "row"  # the spans of a text in a list; or one span a record, beside the text
UNTYPED = "span"  # the type of spans whose data set names none

# "1" and "2" name the items of a record that is a list, as spaCy's training data are: [text, {"entities": ...}].
_TEXTS = ("text", "data.text", "sentence", "raw_text", "content", "1")
_COLUMNS = (*LISTS, "aspectTerms", "aspect_terms", "Opinions", "annotations.result", "2", "offsets")
_LABELS = (
    "label", "labels", "label_", "type", "tag", "entity_group", "entity_type", "ner", "hypertextlabels", "category",
    "polarity", "sentiment", "class", "entity", "@category", "@polarity",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where the text and the spans of a record are.

    Attributes:
        text: Place of the text.
        label: Place of the list of spans; for one span a record the column of its type, None where it has none.
        shape: ``list`` or ``row``.
        columns: The columns that change with the text, itself first.
    """

    text: str
    label: str | None
    shape: str
    columns: tuple[str, ...]


def find_layout(record: Record, place: Place, *, named: Sequence[str] = (), target: Sequence[str] = ()) -> Layout:
    """Find the text and the spans of a record by their usual names.

    Args:
        record: The record.
        place: Where it stands.
        named: Place of the text, if it is known.
        target: Place of the spans, or column of the type of a record's one span, if it is known.

    Returns:
        Where they are, and in which shape.

    Raises:
        DataError: There is no text, or there are no spans of any known shape.
    """
    text = named[0] if named else _find_text(record)
    if text is None:
        raise place.error(f"no text found among {', '.join(map(str, record))}; name it with `text_column`")
    label = target[0] if target else _find_list(record)
    top = steps_of(record, text)[0]
    # A target that is named beside one start and one end is the column of their type, and no list.
    if label is not None and not (target and _is_pair(record)):
        return Layout(text, label, LIST, _columns(record, top))
    if _is_pair(record):
        column = target[0] if target else _find_type(record, top)
        return Layout(text, column, ROW, _columns(record, top))
    raise place.error(
        f"no spans found among {', '.join(map(str, record))}; expected a list of [start, end, label] or of objects "
        "with start and end, as in 'entities', or columns start and end; name the list with `label_column`"
    )


def claims_spans(record: Record) -> bool:
    """Tell whether a record has offsets into its text, in a shape that is known."""
    text = _find_text(record)
    if text is None or not looks_like_offsets(record, [at(record, text)]):
        return False
    return _is_pair(record) or _find_list(record, empty=False) is not None


def at(record: Any, path: str) -> Any:
    """Return what stands at a place; None for nothing."""
    value = record
    for step in steps_of(record, path):
        if isinstance(value, list):
            value = _first_valid(value)
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _first_valid(annotations: list[Any]) -> Any:
    """Return the first annotation that was not cancelled; None where there is none."""
    for annotation in annotations:
        if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
            return annotation
    return None


def steps_of(record: Record, path: str) -> tuple[str, ...]:
    """Return the keys that a place is reached by; a column's name may hold dots itself."""
    if path in record:
        return (path,)
    return tuple(path.split("."))


def items_of(value: Any) -> Iterator[tuple[Any, Cell]]:
    """Go through what a list of spans holds, each with where its start is written.

    What is no span, such as a choice beside Label Studio's regions, is passed over.
    """
    if isinstance(value, dict):
        yield from _of_columns(value)
        return
    if not isinstance(value, list):
        return
    for item in value:
        if is_row(item):
            yield item, Cell(item, 0)
        elif isinstance(item, dict):
            names = pair_of(item)
            inner = item.get("value")
            if names is not None:
                yield item, Cell(item, names[0])
            elif isinstance(inner, dict):
                yield from _of_region(str(item.get("type")), inner)


def _of_region(sort: str, region: Record) -> Iterator[tuple[Any, Cell]]:
    """Go through the spans of a region of Label Studio: itself, or none where it is no stretch of text."""
    names = pair_of(region)
    if names is not None:
        # The list of types is named as the sort of region is: "labels", "hypertextlabels".
        yield {"label": region.get(sort), **region}, Cell(region, names[0])


def _of_columns(columns: Record) -> Iterator[tuple[Any, Cell]]:
    """Go through the spans of a mapping of lists."""
    names = pair_of(columns)
    if names is None or not isinstance(columns[names[0]], list):
        return
    lists = {name: column for name, column in columns.items() if isinstance(column, list)}
    # Rows end with the shortest list. That there are as many starts as ends is checked where slots are looked for.
    for number, row in enumerate(zip(*lists.values(), strict=False)):
        yield dict(zip(lists, row, strict=True)), Cell(columns[names[0]], number)


def pair_of(item: Record) -> tuple[str, str] | None:
    """Return the names of the start and the end of a mapping; None where it has none."""
    for start, end in PAIRS:
        if item.get(start) is not None and item.get(end) is not None:
            return start, end
    return None


def types_of(item: Any) -> list[object]:
    """Return the types of a span, as they are written; none where nothing is written.

    Args:
        item: A list ``[start, end, label]`` or a mapping.

    Returns:
        The types; several where a span has several labels.
    """
    if isinstance(item, list | tuple):
        if len(item) < 3:
            return [UNTYPED]
        return [item[2]]
    is_typed = False
    for name in _LABELS:
        types = item.get(name)
        if isinstance(types, list):
            return list(types)
        if types is not None:
            return [types]
        is_typed = is_typed or name in item
    # A name without a value is a type that is missing; without any name, the data set has no types at all.
    if is_typed:
        return []
    return [UNTYPED]


def _find_type(record: Record, text: str) -> str | None:
    """Return the column of the type of a record's one span; None where there is none."""
    for name in _LABELS:
        if name in record and name != text:
            return name
    return None


def _find_text(record: Record) -> str | None:
    """Return where the text is; None where it has no usual name."""
    for path in _TEXTS:
        if isinstance(at(record, path), str):
            return path
    data = record.get("data")
    if not isinstance(data, dict):
        return None
    # Label Studio lets users name the text; where it is the only one, its name does not matter.
    texts = [name for name, value in data.items() if isinstance(value, str)]
    if len(texts) != 1:
        return None
    return f"data.{texts[0]}"


def _find_list(record: Record, *, empty: bool = True) -> str | None:
    """Return where the list of spans is: one that holds some, or else one that may.

    Args:
        record: The record.
        empty: Whether a list without spans will do.
    """
    first = None
    for column in _COLUMNS:
        for path in _paths(record, column):
            # A text without any span has an empty list, where another column may hold the spans of this record.
            first = first or path
            if next(items_of(at(record, path)), None) is not None:
                return path
    if not empty:
        return None
    return first


def _paths(record: Record, column: str) -> Iterator[str]:
    """Go through the places of lists at a column: itself, the lists of a mapping, a mapping of lists."""
    value = at(record, column)
    if isinstance(value, list):
        if all(map(_may_be_span, value)):
            yield column
    elif isinstance(value, dict) and next(_of_columns(value), None) is not None:
        yield column
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, list):
                yield f"{column}.{name}"


def _may_be_span(item: Any) -> bool:
    """Tell a span from a plain value, and from Label Studio's annotations, which hold spans under "result"."""
    return isinstance(item, list | dict) and "result" not in item


def _is_pair(record: Record) -> bool:
    """Tell whether a record has columns for one start and one end."""
    for start, end in PAIRS:
        if start in record and end in record:
            # Lists of starts and ends are several spans.
            return not isinstance(record[start], list)
    return False


def _columns(record: Record, text: str) -> tuple[str, ...]:
    """Return the columns that may change with the text: offsets, copies, and whatever holds other values."""
    names = {*chain.from_iterable(PAIRS), *COPIES}
    others = []
    for column, value in record.items():
        is_plain = isinstance(value, str | int | float) and column not in names
        if column != text and not is_plain:
            others.append(column)
    return (text, *others)
