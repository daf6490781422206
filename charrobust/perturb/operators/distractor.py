"""A distractor: something that says nothing of the matter is put before or behind a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.errors import RecipeError
from charrobust.perturb.code_points import encode, ranges
from charrobust.perturb.counter_random import Keys, high_below, low_below, low_bits
from charrobust.perturb.operators.base import Replacements, UnitOperator, Units
from charrobust.perturb.words import Index, Mask

# Neutral sentences, a link and a handle. They name nobody, nothing and no number, so that none can answer a question;
# the link and the handle are of the kind that the papers append.
_SENTENCES = (
    "This was written some time ago.",
    "The rest of the page follows below.",
    "Please see the other pages as well.",
    "That is all there is to say here.",
    "Thank you for reading this far.",
    "https://t.co/DlI9kw",
    "@fj8sZq2w",
)
_PLACES = ("before", "behind", "either")


@dataclass(frozen=True, kw_only=True)
class Distractor(UnitOperator):
    """Put a neutral sentence, a link or a handle before or behind a text.

    Attributes:
        sentences: What is drawn from.
        place: ``before`` the text, ``behind`` it, or ``either``.
    """

    name = "distractor"
    level = "sentences"
    effect = "addition"
    unit = "text"
    source = (
        "Jia, Liang, EMNLP 2017 (AddAny, AddSent); Ribeiro et al., CheckList, ACL 2020 (URLs and handles); "
        "Naik et al., Stress test evaluation, COLING 2018 (tautologies)"
    )
    enumerable = True
    sentences: tuple[str, ...] = _SENTENCES
    place: str = "either"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("place", self.place, _PLACES)
        if not self.sentences or not all(map(str.strip, self.sentences)):
            raise RecipeError(f"operator 'distractor': sentences must be texts, got {list(self.sentences)!r}")
        if any("\n" in sentence or "\r" in sentence for sentence in self.sentences):
            raise RecipeError("operator 'distractor': a sentence holds a line end, which would break lines of files")

    @property
    def lists_are_of(self) -> str:
        """See the base class."""
        return "en" if self.sentences == _SENTENCES else ""

    def applies(self, units: Units) -> Mask:
        """See the base class: everywhere."""
        return np.ones(len(units.start), bool)

    def outcomes(self, units: Units) -> Index:
        """See the base class: each sentence, before or behind the text."""
        places = 2 if self.place == "either" else 1
        return np.full(len(units.start), places * len(self.sentences))

    def bits_of(self, outcomes: Index, counts: Index) -> Keys:
        """See the base class: the low bits choose the sentence, the highest one the place."""
        count = np.full(len(outcomes), len(self.sentences))
        is_behind = outcomes >= count
        return low_bits(outcomes % count, count) | (is_behind.astype(np.uint64) << np.uint64(63))

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        is_before = self._are_before(units)
        place = np.where(is_before, units.start, units.end)
        number = low_below(units.bits, len(self.sentences))
        # Each sentence in both forms, with the blank that sets it apart from the text.
        forms = [f"{sentence} " for sentence in self.sentences]
        forms += [f" {sentence}" for sentence in self.sentences]
        lengths = np.fromiter(map(len, forms), np.int64, len(forms))
        starts = np.cumsum(lengths) - lengths
        form = number + np.where(is_before, 0, len(self.sentences))
        new = encode("".join(forms))[ranges(starts[form], lengths[form])]
        return Replacements(place, place, new, lengths[form])

    def _are_before(self, units: Units) -> Mask:
        if self.place == "either":
            return np.asarray(high_below(units.bits, 2) == 0)
        return np.full(len(units.start), self.place == "before")
