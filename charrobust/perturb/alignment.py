"""Finding the edits between a word and a rewritten form of it."""

from __future__ import annotations

from difflib import SequenceMatcher

import regex

_CLUSTER = regex.compile(r"\X")


def changed_runs(old: str, new: str) -> list[tuple[tuple[int, int], str]]:
    """Align two forms of a word.

    Args:
        old: The word as it was.
        new: The word as it is now.

    Returns:
        ((start, end), text): each run of ``old`` that changed, widened to whole grapheme clusters, and what
        stands there in ``new``. Runs are in order and do not touch; an insertion or deletion at an end of the word
        takes a letter that stays along, so that a span around the word can be moved there and back.
    """
    before, after = _CLUSTER.findall(old), _CLUSTER.findall(new)
    cuts = [0]
    for cluster in before:
        cuts.append(cuts[-1] + len(cluster))
    runs: list[tuple[tuple[int, int], str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if (a == b or c == d) and len(before) > b - a:
            if a == 0:  # at the front, with the first letter that stays
                b, d = b + 1, d + 1
            elif b == len(before):  # at the back, with the last
                a, c = a - 1, c - 1
        if runs and cuts[a] <= runs[-1][0][1]:
            return [((0, len(old)), new)]
        runs.append(((cuts[a], cuts[b]), "".join(after[c:d])))
    return runs
