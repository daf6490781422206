"""Gates: which words a defence may touch. They stand before spelling correction and word recognition."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from charrobust.errors import UserError
from charrobust.systems.words import word_places

if TYPE_CHECKING:
    from charrobust.tasks.examples import Example

GATE, GATED = "gate", "gated "  # as a user says it, and how names of what stands behind one begin
NAME_MARGIN = 10.0  # chosen on a part of CoNLL-2003, see docs/results/gates.md
Place = tuple[int, int]  # numbers of a sentence and of a word in it


@runtime_checkable
class Weighing(Protocol):
    """A restorer of words that tells how sure it is."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash: restorers of equal ones restore alike."""
        ...

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences, restored or as it was."""
        ...

    def margins(self, sentences: Sequence[Sequence[str]], places: Collection[Place]) -> Mapping[Place, float]:
        """Say how many times likelier the words that it writes at some places are than the next best."""
        ...


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Says which words may be changed.

    A word stays that is known or that a tokenizer has whole. A word with a capital in front is taken for a name, at the
    beginning of a sentence as well: it is changed only by a correction that is much likelier than the next best.

    Attributes:
        known: Words that stay, in lower case; such as those of the data that the model was trained on.
        tokenizer: A tokenizer of the transformers library; words that it does not cut stay. None, as a rule, for no
            such words: misspelt words are often in a vocabulary, too.
        name_margin: How many times likelier than the next best the correction of a word with a capital must be: 0 for
            any, infinity lets all of them stay.
        margin: The same for all other words.
    """

    known: frozenset[str] = frozenset()
    tokenizer: Any = None
    name_margin: float = NAME_MARGIN
    margin: float = 0.0
    _whole: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the margins.

        Raises:
            UserError: One is below 0, or no number.
        """
        for name, value in (("name_margin", self.name_margin), ("margin", self.margin)):
            if not value >= 0:
                raise UserError(f"`{name}` of a gate must be 0 or more, got {value!r}")

    def keeps(self, word: str) -> bool:
        """Tell whether a word stays, whatever is likely."""
        return word.lower() in self.known or self._is_whole(word)

    def least(self, word: str) -> float:
        """Return how many times likelier than the next best the correction of a word must be."""
        is_name = word[:1] != word[:1].lower()
        return self.name_margin if is_name else self.margin

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that it goes by."""
        parts = [sorted(self.known), self.name_margin, self.margin, _reading_of(self.tokenizer)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _is_whole(self, word: str) -> bool:
        """Tell whether the tokenizer has a word as one piece, as it reads it after a blank."""
        if self.tokenizer is None:
            return False
        if word not in self._whole:
            pieces = self.tokenizer.tokenize(f" {word}")
            self._whole[word] = len(pieces) == 1 and pieces[0] != self.tokenizer.unk_token
        return self._whole[word]


def _reading_of(tokenizer: Any) -> str:
    """Return what tells a tokenizer from others."""
    if tokenizer is None:
        return ""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return json.dumps(tokenizer.get_vocab(), sort_keys=True) if backend is None else str(backend.to_str())


class Gated:
    """A restorer of words behind a gate."""

    def __init__(self, restorer: Any, gate: Gate) -> None:
        """Put a gate before a restorer.

        Args:
            restorer: The restorer, a :class:`Weighing` one.
            gate: Which words it may touch.

        Raises:
            UserError: The restorer does not tell how sure it is of a word.
        """
        if not isinstance(restorer, Weighing):
            raise UserError(
                f"a gate stands before what restores words and says how sure it is (`margins`), such as spelling or a "
                f"recogniser, and not before {getattr(restorer, 'name', restorer)!r}"
            )
        self._restorer: Weighing = restorer
        self._gate = gate
        self.name = f"{GATED}{restorer.name}"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that words are restored by."""
        return hashlib.sha256(f"{self._gate.fingerprint} {self._restorer.fingerprint}".encode()).hexdigest()

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences, restored where the gate lets it be.

        Args:
            sentences: The words of each text.

        Returns:
            The words, as many for each text.
        """
        restored = self._restorer.words(sentences)
        doubtful: list[Place] = []
        for number, rank in _changed(sentences, restored):
            word = sentences[number][rank]
            if self._gate.keeps(word):
                restored[number][rank] = word
            elif self._gate.least(word):
                doubtful.append((number, rank))
        # Margins take longer to find than words: they are asked for where they decide.
        margins = self._restorer.margins(sentences, doubtful) if doubtful else {}
        for (number, rank), margin in margins.items():
            word = sentences[number][rank]
            least = self._gate.least(word)
            if margin < least or math.isinf(least):
                restored[number][rank] = word
        return restored


def _changed(sentences: Sequence[Sequence[str]], restored: Sequence[Sequence[str]]) -> list[Place]:
    """Return the places of the words that were changed."""
    places = []
    for number, (old, new) in enumerate(zip(sentences, restored, strict=True)):
        for rank, (written, word) in enumerate(zip(old, new, strict=True)):
            if word != written:
                places.append((number, rank))
    return places


def words_of(examples: Iterable[Example]) -> frozenset[str]:
    """Return the words of examples, as restorers see them, for a gate to know.

    Args:
        examples: The examples, such as those that a model was trained on.

    Returns:
        Their words in lower case.
    """
    found: set[str] = set()
    for example in examples:
        for text in example.texts:
            found.update(text[start:end].lower() for start, end in word_places(text))
    return frozenset(found)


def gate_margin(name: str) -> float | None:
    """Return the margin that ``gate`` or ``gate@MARGIN`` says; None where it is another name.

    Args:
        name: What stands before a plus.

    Returns:
        The margin of words with a capital.

    Raises:
        UserError: What follows the sign is no number of 0 or more.
    """
    kind, sign, given = name.partition("@")
    if kind != GATE:
        return None
    if not sign:
        return NAME_MARGIN
    try:
        return Gate(name_margin=float(given)).name_margin
    except (ValueError, UserError) as error:
        raise UserError(
            f"{name!r}: what follows gate@ is how many times likelier than the next best a name's correction must be, "
            f"a number of 0 or more, or inf; got {given!r}"
        ) from error
