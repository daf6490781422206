"""Finding the edits between a word and a rewritten form of it."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import accumulate

from charrobust.perturb.clusters import clusters
from charrobust.perturb.edits import Span


def changed_runs(old: str, new: str) -> list[tuple[Span, str]]:
    """Align two forms of a word.

    Args:
        old: The word as it was.
        new: The word as it is now.

    Returns:
        ((start, end), text): each run of ``old`` that changed, widened to whole grapheme clusters, and what
        stands there in ``new``. Runs are in order and do not touch; an insertion or deletion at an end of the word
        takes a letter that stays along, so that a span around the word can be moved there and back.
    """
    # A letter with its marks is compared, and replaced, as a whole.
    old_clusters, new_clusters = clusters(old), clusters(new)
    # offsets[i] is the code point at which cluster i of the old form starts; the last one is the word's end.
    offsets = [0, *accumulate(map(len, old_clusters))]
    runs: list[tuple[Span, str]] = []
    # "autojunk" would take letters that are frequent in a long word for noise, and align without them.
    for tag, *bounds in SequenceMatcher(None, old_clusters, new_clusters, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old_start, old_end, new_start, new_end = _anchored(*bounds, length=len(old_clusters))
        start, end = offsets[old_start], offsets[old_end]
        if runs and start <= runs[-1][0][1]:
            # The letter taken along belongs to the run before: one edit of the whole word says the same.
            return [((0, len(old)), new)]
        runs.append(((start, end), "".join(new_clusters[new_start:new_end])))
    return runs


def _anchored(old_start: int, old_end: int, new_start: int, new_end: int, *, length: int) -> tuple[int, int, int, int]:
    """Widen an insertion or deletion at an end of a word by the letter beside it, which stays.

    Args:
        old_start: First cluster of the old form that changed.
        old_end: One past its last.
        new_start: First cluster of what stands there in the new form.
        new_end: One past its last.
        length: Clusters of the old form.
    """
    # A span that is empty on one side would, at a border of the word, lie outside a span around the word (see
    # EditedText.moved); a substitution is empty on neither side.
    is_substitution = old_start < old_end and new_start < new_end
    nothing_stays = old_end - old_start == length
    if is_substitution or nothing_stays:
        return old_start, old_end, new_start, new_end
    if old_start == 0:
        return old_start, old_end + 1, new_start, new_end + 1
    if old_end == length:
        return old_start - 1, old_end, new_start - 1, new_end
    return old_start, old_end, new_start, new_end
