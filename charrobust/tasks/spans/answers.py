"""Spans as functions, services and pipelines of the transformers library answer with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from charrobust.errors import UserError
from charrobust.tasks.answers import list_of, number_in, shortened, text_in
from charrobust.tasks.spans.metrics import Span, Spans
from charrobust.tasks.spans.tags import type_of

# Pipelines say `entity_group`, or `entity` for a tag of a word; spaCy and most tools `label`.
_TYPES = ("entity_group", "entity", "label", "type")


def spans_in(answer: Any, length: int) -> Spans:
    """Return the spans of an answer, in order.

    Args:
        answer: A list of (start, end, type), or of mappings with ``start``, ``end`` and a type.
        length: Characters of the text.

    Returns:
        (start, end, type) of each.

    Raises:
        UserError: It is something else, or a span reaches beyond the text.
    """
    return tuple(sorted(_span_in(item, length) for item in list_of(answer, "(start, end, type)")))


def _span_in(item: Any, length: int) -> Span:
    parts = item
    if isinstance(item, Mapping):
        name = next((item[key] for key in _TYPES if key in item), None)
        parts = [item.get("start"), item.get("end"), name]
    if not isinstance(parts, list | tuple) or len(parts) != 3 or None in parts:
        raise UserError(f"expected (start, end, type) of a span, got {shortened(item)}")
    start, end = map(number_in, parts[:2])
    if not (start.is_integer() and end.is_integer() and 0 <= start < end <= length):
        raise UserError(f"expected a span inside of a text of {length} characters, got {start:g} to {end:g}")
    name = text_in(parts[2])
    return int(start), int(end), type_of(name) or name
