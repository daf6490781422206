"""Rewritten words: what holds for their forms, drawn or listed, and the edits that lead to them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from charrobust.perturb.alignment import changed_runs
from charrobust.perturb.clusters import composed, is_composed
from charrobust.perturb.code_points import encode
from charrobust.perturb.edits import Span
from charrobust.perturb.operators.base import Replacements, WordOperator
from charrobust.perturb.picking import generator, pick
from charrobust.perturb.word_limit import WordLimit

# Rewriting a word and aligning the two forms takes the square of its length, or more. No real word is so long.
LONGEST_REWRITTEN = 250


def in_form_of(word: str, rewritten: str, operator: WordOperator) -> str:
    """Return the new form of a word, in normal form C where the word is and the operator keeps it."""
    if operator.keeps_form and is_composed(word):
        return composed(rewritten)
    return rewritten


def forms_of(word: str, operator: WordOperator, whole_tokens: bool) -> list[str]:
    """Return all that an operator may make of a word.

    Args:
        word: The word.
        operator: The operator, which must be ``enumerable``.
        whole_tokens: Whether the word is a token, which must stay one.

    Returns:
        The forms, each once, without the word itself.
    """
    forms = dict.fromkeys(in_form_of(word, form, operator) for form in operator.rewrites(word))
    return [form for form in forms if form != word and not breaks_token(word, form, whole_tokens)]


def breaks_token(word: str, rewritten: str, whole_tokens: bool) -> bool:
    """Tell whether a word would vanish, or a token become another number of tokens.

    Args:
        word: The word.
        rewritten: Its new form.
        whole_tokens: Whether the word is a token, which must stay one.

    Returns:
        Whether the form must not be written.
    """
    # A token with another blank would be another number of tokens in its file.
    return not rewritten or (whole_tokens and _blanks(rewritten) != _blanks(word))


def _blanks(text: str) -> list[str]:
    return list(filter(str.isspace, text))


class WrittenEdits:
    """Edits that are collected one by one."""

    def __init__(self) -> None:
        """Begin with none."""
        self.start: list[int] = []
        self.end: list[int] = []
        self.new: list[str] = []

    def add(self, start: int, end: int, new: str) -> None:
        """Add an edit."""
        self.start.append(start)
        self.end.append(end)
        self.new.append(new)

    def replacements(self) -> Replacements:
        """Return the edits as arrays."""
        lengths = np.fromiter(map(len, self.new), np.int64, len(self.new))
        start, end = np.array(self.start, np.int64), np.array(self.end, np.int64)
        return Replacements(start, end, encode("".join(self.new)), lengths)


class RewrittenWords:
    """Words that an operator rewrites, one by one; the edits are recovered by alignment.

    Attributes:
        edits: The edits.
        owners: The number of the word of each edit.
        left: The numbers of the words that stay, by the reason.
    """

    def __init__(self, operator: WordOperator, joined: str, whole_tokens: bool) -> None:
        """Begin without words.

        Args:
            operator: The operator.
            joined: The buffer as a string.
            whole_tokens: Whether each word is a token, which must stay one.
        """
        self.edits = WrittenEdits()
        self.owners: list[int] = []
        self.left: dict[str, list[int]] = defaultdict(list)
        self._operator, self._joined, self._whole_tokens = operator, joined, whole_tokens

    def rewrite(self, number: int, span: Span, seed: int, limit: WordLimit | None) -> None:
        """Let the operator rewrite a word.

        Args:
            number: The number of the word.
            span: Where it stands in the buffer.
            seed: 64 random bits.
            limit: What it may become; None for anything.
        """
        first, last = span
        word = self._joined[first:last]
        form = in_form_of(word, self._operator.rewrite(word, seed), self._operator)
        if form == word:
            self.left["nothing to change"].append(number)
            return
        if breaks_token(word, form, self._whole_tokens):
            self.left["would break the token"].append(number)
            return
        if limit is not None and not limit.allows(word, form):
            forms = self._allowed_forms(word, limit)
            if not forms:
                self.left[limit.reason].append(number)
                return
            form = pick(forms, generator(seed))
        for (start, end), new in changed_runs(word, form):
            self.owners.append(number)
            self.edits.add(first + start, first + end, new)

    def _allowed_forms(self, word: str, limit: WordLimit) -> list[str]:
        """Return the forms that a word may become; none where they cannot be listed."""
        if not self._operator.enumerable:
            return []
        return [form for form in forms_of(word, self._operator, self._whole_tokens) if limit.allows(word, form)]
