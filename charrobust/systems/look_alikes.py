"""Undoing look-alikes: letters of another script written as those of the script that their word is of."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import regex

from charrobust.perturb.operators.tables import load_table
from charrobust.perturb.words import word_spans

LATIN, GREEK = "Latin", "Greek"
_WRITTEN = (LATIN, GREEK, "Cyrillic")  # scripts that words are folded to
_SCRIPTS = (*_WRITTEN, "Armenian", "Cherokee")  # those of the table
_TABLE = "confusables"


def without_look_alikes(strings: Sequence[str]) -> list[str]:
    """Write letters of another script that look like them as letters of the script that a word is of.

    A letter is sure to be of its script where no other script has one that looks like it. A word of several scripts is
    of the one that its sure letters are of, or, without any, of the one that most sure letters of the passage are of;
    where its sure letters are of two scripts, it stays. A word of one script stays, unless all its letters look like
    Latin ones, in a passage that has sure Latin letters and none of its own script. Greek letters are signs, too, and
    stay alone (``α``), and small ones in a word whose other letters are capitals (``TNFα``).

    Args:
        strings: Strings that are read together: one text, or the tokens of a sentence.

    Returns:
        The strings, each as long as it was.
    """
    if all(map(str.isascii, strings)):
        return list(strings)
    sure = Counter(script for string in strings for script in _sure_scripts(string))
    return [_folded(string, sure) for string in strings]


def _folded(string: str, sure: Counter[str]) -> str:
    if string.isascii():
        return string
    pieces, behind = [], 0
    for start, end in word_spans(string):
        pieces += [string[behind:start], _folded_word(string[start:end], sure)]
        behind = end
    return "".join([*pieces, string[behind:]])


def _folded_word(word: str, sure: Counter[str]) -> str:
    target = _script_of_word(word, sure)
    return word if target is None else _written_in(word, target)


def _script_of_word(word: str, sure: Counter[str]) -> str | None:
    """Return the script that a word is to be written in; None where it stays as it is."""
    scripts = Counter(filter(None, map(_script, word)))
    if not scripts:
        return None
    if len(scripts) == 1:
        (own,) = scripts
        is_sign = own == GREEK and scripts[own] == 1
        folds = own != LATIN and sure[LATIN] > 0 and sure[own] == 0 and not is_sign
        return LATIN if folds and all(map(_looks_latin, filter(_script, word))) else None
    own_sure = set(_sure_scripts(word))
    if not own_sure:
        known = [script for script in _WRITTEN if sure[script]]
        return max(known, key=sure.__getitem__, default=None)
    (script, *others) = own_sure
    return script if not others and script in _WRITTEN else None


def _looks_latin(letter: str) -> bool:
    return letter in _look_alikes(LATIN)


def _written_in(word: str, script: str) -> str:
    """Write all letters of a word in one script, those that have a look-alike in it."""
    known = _look_alikes(script)
    own = [letter for letter in word if _script(letter) == script]
    has_small = not own or any(map(str.islower, own))
    letters = []
    for place, letter in enumerate(word):
        choices = known.get(letter, ())
        is_sign = letter.islower() and not has_small and _script(letter) == GREEK
        if not choices or is_sign:
            letters.append(letter)
            continue
        # A capital I and a small l look like the same capitals: inside a word with small letters it is the small one.
        small = [choice for choice in choices if choice.islower()]
        letters.append(small[0] if small and ((place > 0 and has_small) or letter.islower()) else choices[0])
    return "".join(letters)


def _sure_scripts(string: str) -> Iterable[str]:
    """Return the script of each letter that no other script has the like of."""
    for letter in string:
        script = _script(letter)
        if script is not None and not _has_likes(letter, script):
            yield script


@functools.lru_cache(maxsize=1 << 14)
def _has_likes(letter: str, script: str) -> bool:
    return any(letter in _look_alikes(other) for other in _WRITTEN if other != script)


@functools.lru_cache(maxsize=1 << 14)
def _script(letter: str) -> str | None:
    """Return the script of a letter, if it is one of the table's."""
    if not letter.isalpha():
        return None
    return next((script for script in _SCRIPTS if regex.fullmatch(rf"\p{{Script={script}}}", letter)), None)


@functools.cache
def _look_alikes(script: str) -> Mapping[str, Sequence[str]]:
    """Return for letters of other scripts those of a script that they look like."""
    found: dict[str, list[str]] = {}
    for letter, written in load_table(_TABLE).items():
        if _script(letter) == script:
            for other in written:
                found.setdefault(other, []).append(letter)
    return found
