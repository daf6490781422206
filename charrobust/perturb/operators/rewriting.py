"""Rewriting: groups of letters written as others that sound alike, by rules from a file."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, encode, lower_table, ranges, upper_table
from charrobust.perturb.counter_random import low_below
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.rewrite_rules import RewriteRule, load_rules
from charrobust.perturb.words import Index, Mask
from charrobust.resources import is_path

# An odd number without a pattern: groups of letters are hashed as numbers to this base, modulo 2**64.
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class _Group:
    """Rules that are looked for together: patterns of one length, held to the same ends of a word.

    Attributes:
        length: Letters of each pattern.
        at_start: Whether they stand at the start of a word alone.
        at_end: Whether they stand at its end alone.
        hashes: The patterns as numbers, ascending, shape (rules,).
        patterns: Their code points, shape (rules, length).
        rules: The number of each rule.
    """

    length: int
    at_start: bool
    at_end: bool
    hashes: NDArray[np.uint64]
    patterns: NDArray[np.uint32]
    rules: Index


@dataclass(frozen=True, kw_only=True)
class Rewriting(LetterOperator):
    """Write a group of letters as another one; where several rules fit at a place, the longest pattern holds.

    The case stays: a capital in front makes one in front, and capitals throughout make capitals.
    """

    enumerable = True
    positions: str = "all"

    @property
    @abstractmethod
    def known_rules(self) -> Sequence[RewriteRule]:
        """The rules."""

    def window(self, length: Index) -> tuple[int | Index, Index]:
        """See the base class; groups differ in length, so that ends are looked at where a rule fits."""
        return 0, length

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: a rule must fit."""
        # At most places the first two letters are those of no rule, which is told at once.
        start = letters.words.at(place)
        pair = _pair(lower_table()[letters.code_points[start]], lower_table()[letters.code_points[start + 1]])
        applies: Mask = self._begins_rule[pair]
        places = np.flatnonzero(applies)
        applies[places] = self._fitting(letters, place[places], *letters.word_around(place[places])) >= 0
        return applies

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """See the base class: a form of the rule each."""
        rule = self._fitting(letters, places.at, places.word_start, places.word_end)
        _, _, count, *_ = self._forms
        return count[rule]

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        rule = self._fitting(letters, places.at, places.word_start, places.word_end)
        lengths, first, count, offset, written_length, written = self._forms
        start, end = letters.span(places.at, places.at + lengths[rule])
        form = first[rule] + low_below(places.bits, count[rule])
        # The forms stand three times in a row: small, with a capital in front, and in capitals.
        case = _case_of(letters.code_points, start, end)
        length = written_length[form]
        new = written[np.repeat(case, length), ranges(offset[form], length)]
        return Replacements(start, end, new, length)

    def _fitting(self, letters: Letters, place: Index, word_start: Index, word_end: Index) -> Index:
        """Return the number of the rule that holds at each place, -1 for none."""
        found = np.full(len(place), -1)
        for group in self._groups:
            open_places = np.flatnonzero(found < 0)
            at, first, last = place[open_places], word_start[open_places], word_end[open_places]
            inside = self._may_stand(group, at, first, last)
            open_places, at = open_places[inside], at[inside]
            # Letters of several code points are in no pattern.
            start, end = letters.span(at, at + group.length)
            simple = end - start == group.length
            open_places, start = open_places[simple], start[simple]
            grams = lower_table()[letters.code_points[start[:, None] + np.arange(group.length)]]
            number = np.searchsorted(group.hashes, _hashed(grams))
            number = np.minimum(number, len(group.hashes) - 1)
            fits = (group.patterns[number] == grams).all(axis=1)
            found[open_places[fits]] = group.rules[number[fits]]
        return found

    def _may_stand(self, group: _Group, at: Index, first: Index, last: Index) -> Mask:
        """Tell at which places patterns of a group may stand, by their words' borders and the letters that stay."""
        starts, ends = at == first, at + group.length == last
        fits: Mask = at + group.length <= last
        if group.at_start:
            fits &= starts
        if group.at_end:
            fits &= ends
        if self.inner:
            fits &= ~starts & ~ends
        elif self.positions != "all":
            fits &= starts if self.positions == "first" else ends
        return fits

    @functools.cached_property
    def _begins_rule(self) -> Mask:
        """Tell for each pair of letters whether a rule may begin with it, shape (65536,)."""
        table = np.zeros((256, 256), bool)
        for rule in self.known_rules:
            first = ord(rule.pattern[0]) % 256
            if len(rule.pattern) == 1:
                table[first] = True
            else:
                table[first, ord(rule.pattern[1]) % 256] = True
        return table.ravel()

    @functools.cached_property
    def _groups(self) -> list[_Group]:
        """The rules by length and ends; the longest first, and those held to more ends before others."""
        members: dict[tuple[int, bool, bool], list[int]] = {}
        for number, rule in enumerate(self.known_rules):
            members.setdefault((len(rule.pattern), rule.at_start, rule.at_end), []).append(number)
        in_order = sorted(members, key=lambda key: (-key[0], -(key[1] + key[2])))
        return [self._group(key, np.array(members[key])) for key in in_order]

    def _group(self, key: tuple[int, bool, bool], numbers: Index) -> _Group:
        length, at_start, at_end = key
        joined = "".join(self.known_rules[number].pattern for number in numbers)
        patterns = encode(joined).reshape(-1, length)
        hashes = _hashed(patterns)
        order = np.argsort(hashes)
        return _Group(length, at_start, at_end, hashes[order], patterns[order], numbers[order])

    @functools.cached_property
    def _forms(self) -> tuple[Index, Index, Index, Index, Index, NDArray[np.uint32]]:
        """Of each rule its pattern's length, first form and number of forms; of each form offset, length, letters."""
        lengths = np.array([len(rule.pattern) for rule in self.known_rules], np.int64)
        count = np.array([len(rule.forms) for rule in self.known_rules], np.int64)
        forms = [form for rule in self.known_rules for form in rule.forms]
        form_length = np.fromiter(map(len, forms), np.int64, len(forms))
        in_cases = ("".join(forms), "".join(map(_with_capital, forms)), "".join(map(_in_capitals, forms)))
        written = np.stack(list(map(encode, in_cases)))
        return lengths, np.cumsum(count) - count, count, np.cumsum(form_length) - form_length, form_length, written


def _pair(first: CodePoints, second: CodePoints) -> Index:
    """Return a number below 65,536 for pairs of letters; few others have the same."""
    pair: Index = (first % 256).astype(np.int64) * 256 + second % 256
    return pair


def _hashed(grams: CodePoints) -> NDArray[np.uint64]:
    """Hash groups of letters, shape (groups, letters), to one number each."""
    hashes = np.zeros(len(grams), np.uint64)
    for column in grams.T:
        hashes = hashes * _BASE + column
    return hashes


def _case_of(code_points: CodePoints, start: Index, end: Index) -> Index:
    """Return 0 for groups of letters that begin with a small one, 1 with a capital, 2 for two capitals in front.

    Args:
        code_points: The buffer.
        start: Where each group begins.
        end: Where it ends.
    """
    first = upper_table()[code_points[start]]
    # Of a single letter, its neighbour tells: the buffer has one on either side, a blank at the ends of a word.
    beside = np.where(end - start > 1, start + 1, end)
    second = upper_table()[code_points[beside]] | upper_table()[code_points[start - 1]]
    return first.astype(np.int64) + (first & second)


def _with_capital(form: str) -> str:
    return _in_capitals(form[:1]) + form[1:]


def _in_capitals(form: str) -> str:
    """Return a form in capitals, letter by letter: those whose capital is two, as that of ß, stay."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in form)


@dataclass(frozen=True, kw_only=True)
class Phonetic(Rewriting):
    """Write letters that sound alike: ``phone`` becomes ``fone``.

    Attributes:
        rules: A shipped list of rules, by its language, or the path of a TOML file.
    """

    name = "phonetic"
    source = "Philips: Hanging on the Metaphone, Computer Language 7(12), 1990"
    rules: str = "en"

    @property
    def lists_are_of(self) -> str:
        """See the base class; the name of a list that ships ends in a language."""
        return "" if is_path(self.rules) else self.rules.rpartition("-")[2]

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.known_rules  # refuses rules that do not serve with the recipe, and not in the middle of a run

    @functools.cached_property
    def known_rules(self) -> tuple[RewriteRule, ...]:
        """See the base class."""
        return load_rules(self.rules)

    def __getstate__(self) -> dict[str, Any]:
        """Keep the rules: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "known_rules": self.known_rules}
