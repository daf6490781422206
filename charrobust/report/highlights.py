"""Texts cut into fragments, those that an attack touched with its operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from charrobust.scoring.evaluation.results import AttackedExample

# A fragment of a text, and what touched it: an operator's name, or nothing. One that was touched may be empty: letters
# were deleted there, or added in the other text.
Fragment = tuple[str, str]
# Where an operator touched a text: start, end, name.
OperatorSpan = tuple[int, int, str]


def highlighted(example: AttackedExample, field: int) -> tuple[list[Fragment], list[Fragment]]:
    """Return one field of an example in fragments, clean and attacked.

    Args:
        example: The example.
        field: Number of the text or token.

    Returns:
        The fragments of the clean text and those of the attacked one.
    """
    clean_spans: list[OperatorSpan] = []
    attacked_spans: list[OperatorSpan] = []
    for edit in example.edits:
        if edit.field == field:
            clean_spans.append((*edit.old, edit.operator))
            attacked_spans.append((*edit.new, edit.operator))
    clean = fragments(_text_of(example.clean, field), clean_spans)
    return clean, fragments(_text_of(example.attacked, field), attacked_spans)


def fragments(text: str, spans: Iterable[OperatorSpan]) -> list[Fragment]:
    """Cut a text at spans; what overlaps or lies outside is cut off.

    Args:
        text: The text.
        spans: Where operators touched it, in any order.

    Returns:
        The fragments in order, none of them empty and untouched; together they are the text.
    """
    parts: list[Fragment] = []
    position = 0
    # In order of their starts, whatever order the edits were noted in.
    for start, end, operator in sorted(spans):
        # Spans come from files that anybody may have written: each begins where the last one ended at the earliest,
        # and ends within the text, so that every letter is shown exactly once.
        is_empty = start == end
        start = min(max(start, position), len(text))
        end = min(max(end, start), len(text))
        parts.append((text[position:start], ""))
        # What was cut off to nothing is not what was deleted.
        if is_empty or start < end:
            parts.append((text[start:end], operator))
        position = end
    parts.append((text[position:], ""))
    return [part for part in parts if any(part)]


def _text_of(texts: Sequence[str], field: int) -> str:
    """Return a text; empty where there are fewer, as where an attacked sentence has lost a token."""
    if field < len(texts):
        return texts[field]
    return ""
