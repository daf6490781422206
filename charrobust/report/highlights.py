"""Texts cut into fragments, those that an attack touched marked with its operator."""

from __future__ import annotations

from collections.abc import Iterable

from charrobust.scoring.evaluation.results import ShownExample

# A piece of text, and what touched it: an operator's name, or nothing.
Fragment = tuple[str, str]
OperatorSpan = tuple[int, int, str]


def highlighted(example: ShownExample, field: int) -> tuple[list[Fragment], list[Fragment]]:
    """Return one field of an example in fragments, clean and attacked.

    Args:
        example: The example.
        field: Number of the text or token.
    """
    edits = [edit for edit in example.edits if edit.field == field]
    clean, attacked = (texts[field] if field < len(texts) else "" for texts in (example.clean, example.attacked))
    return (
        fragments(clean, ((*edit.old, edit.operator) for edit in edits)),
        fragments(attacked, ((*edit.new, edit.operator) for edit in edits)),
    )


def fragments(text: str, spans: Iterable[OperatorSpan]) -> list[Fragment]:
    """Cut a text at spans; what overlaps or lies outside is cut off."""
    found: list[Fragment] = []
    position = 0
    for start, end, operator in sorted(spans):
        start = min(max(start, position), len(text))
        end = min(max(end, start), len(text))
        found += [(text[position:start], ""), (text[start:end], operator)]
        position = end
    return [piece for piece in [*found, (text[position:], "")] if piece[0]]
