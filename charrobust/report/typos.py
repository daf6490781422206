"""An edit of each attack, as an example of what it does."""

from __future__ import annotations

from charrobust.attackers.versions import FieldEdit
from charrobust.scoring.evaluation.results import AttackedExample, Results

_LONGEST = 24  # letters of a word that still says at a glance what was edited
_NOTHING = "(nothing)"


def example_typos(results: Results) -> dict[str, str]:
    """Return an edit of each attack by its name, such as ``movie → moive``; attacks without a short one are left out.

    Args:
        results: What an evaluation found.

    Returns:
        The edits.
    """
    typos: dict[str, str] = {}
    for example in results.shown:
        if example.attack not in typos:
            for edit in example.edits:
                typo = _typo(example, edit)
                if typo:
                    typos[example.attack] = typo
                    break
    return typos


def _typo(example: AttackedExample, edit: FieldEdit) -> str:
    """Return the word of an edit before and after it; empty where that says nothing at a glance."""
    # Edits come from files that anybody may have written.
    if max(edit.field, 0) >= min(len(example.clean), len(example.attacked)):
        return ""
    clean, attacked = example.clean[edit.field], example.attacked[edit.field]
    before, after = _word(clean, *edit.old), _word(attacked, *edit.new)
    if clean[slice(*edit.old)].strip() == before and not attacked[slice(*edit.new)].strip():
        after = _NOTHING
    if before == after or not before or not after or max(len(before), len(after)) > _LONGEST:
        return ""
    return f"{before} → {after}"


def _word(text: str, start: int, end: int) -> str:
    """Return what stands at a place, with the rest of its first and last word."""
    if text[start:end].strip():
        # Blanks about a word belong to no word.
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end -= len(text[start:end]) - len(text[start:end].rstrip())
    while 0 < start <= len(text) and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip()
