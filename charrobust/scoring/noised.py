"""Sentences with and without noise, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from charrobust.errors import DataError
from charrobust.perturb import Attack, EditedText, EditTable
from charrobust.perturb.edits import Span
from charrobust.perturb.words import word_spans
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example

GIVEN = "given"  # what edited a word, where nobody says


@dataclass(frozen=True)
class Pair:
    """A sentence with and without noise.

    Attributes:
        clean: The sentence.
        noised: The same with noise.
        spans: (start, end) of each word in the clean sentence, in order.
        noised_spans: The same words in the noised one.
        operators: What edited each word, several joined by ``+``; None for an untouched word.
    """

    clean: str
    noised: str
    spans: tuple[Span, ...]
    noised_spans: tuple[Span, ...]
    operators: tuple[str | None, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The clean words."""
        return tuple(self.clean[start:end] for start, end in self.spans)

    @property
    def noised_words(self) -> tuple[str, ...]:
        """The words with noise."""
        return tuple(self.noised[start:end] for start, end in self.noised_spans)


@dataclass(frozen=True)
class NoisedSentences:
    """Sentences with and without noise, and where the noise came from.

    Attributes:
        pairs: The sentences.
        attack: Name of the recipe; ``given`` for sentences that somebody else noised.
        severity: Severity of the recipe, as recipes write it; empty for given ones.
        seed: Seed of the edits; None for given ones.
    """

    pairs: tuple[Pair, ...]
    attack: str
    severity: str
    seed: int | None

    @classmethod
    def attacked(
        cls,
        sentences: Sequence[str] | Sequence[Sequence[str]],
        attack: Attack,
        *,
        ids: Sequence[str | None] | None = None,
        field: str | None = None,
    ) -> NoisedSentences:
        """Attack sentences.

        Args:
            sentences: Texts, whose words are found by Unicode rules, or sentences of tokens, each of them a word.
            attack: The attack.
            ids: The identity of each sentence; None for the sentence itself.
            field: Name of the field they fill, as for :meth:`Attack.texts` and :meth:`Attack.tokens`.
        """
        tokens = [sentence for sentence in sentences if not isinstance(sentence, str)]
        if not tokens:
            texts = [str(sentence) for sentence in sentences]
            made = attack.texts(texts, ids=ids, field=field or "text")
            operators = _operators(made.edits)
            found = tuple(_text_pair(edited, operators.get(number, {})) for number, edited in enumerate(made))
        else:
            _check_kind(len(tokens), len(sentences))
            edited = attack.tokens(tokens, ids=ids, field=field or "tokens")
            operators = _operators(edited.edits)
            found = tuple(
                _token_pair(clean, noised, _listed(operators.get(number, {}), len(clean)))
                for number, (clean, noised) in enumerate(zip(tokens, edited.sentences, strict=True))
            )
        return cls(found, attack.recipe.name, attack.recipe.severity, attack.seed)

    @classmethod
    def given(
        cls,
        clean: Sequence[Sequence[str]],
        noised: Sequence[Sequence[str]],
        operators: Sequence[Sequence[str | None]] | None = None,
        *,
        name: str = GIVEN,
    ) -> NoisedSentences:
        """Take sentences of tokens that were noised elsewhere.

        Args:
            clean: The tokens of each sentence.
            noised: The same tokens with noise, one for one.
            operators: What edited each token, None for untouched ones; without it, tokens that differ are noised.
            name: What the noise is called.

        Raises:
            DataError: The sentences do not line up.
        """
        _check_aligned(clean, noised, "noised")
        if operators is None:
            operators = [
                [None if old == new else name for old, new in zip(*pair, strict=True)]
                for pair in zip(clean, noised, strict=True)
            ]
        _check_aligned(clean, operators, "operators")
        return cls(tuple(map(_token_pair, clean, noised, operators)), name, "", None)

    @classmethod
    def of_examples(cls, examples: Sequence[Example], task: Task, attack: Attack) -> NoisedSentences:
        """Attack the examples of a data set as ``charrobust attack`` does.

        Args:
            examples: The examples.
            task: Their task; its :meth:`~charrobust.tasks.base.Task.sentences` are attacked, one field after the other.
            attack: The attack.
        """
        ids = None if getattr(task, "id_column", None) is None else [example.id for example in examples]
        pairs: list[Pair] = []
        for field, sentences in task.sentences(examples).items():
            pairs += cls.attacked(sentences, attack, ids=ids, field=field).pairs
        return cls(tuple(pairs), attack.recipe.name, attack.recipe.severity, attack.seed)

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(len(pair.spans) for pair in self.pairs)

    def require_noise(self) -> None:
        """Check that there is something to measure.

        Raises:
            DataError: No word is noised.
        """
        if not any(operator is not None for pair in self.pairs for operator in pair.operators):
            raise DataError(
                f"the attack {self.attack!r} (severity {self.severity or 'none'}) noised none of {self.words} words in "
                f"{len(self.pairs)} sentences; expected one at least: give more text, a higher severity, or an attack "
                "on words of this kind and length"
            )


def _operators(edits: EditTable) -> dict[int, dict[int, list[str]]]:
    """Return what edited the words of each example."""
    found: dict[int, dict[int, list[str]]] = {}
    rows = zip(edits.example.tolist(), edits.word.tolist(), edits.operator.tolist(), strict=True)
    for example, word, operator in rows:
        found.setdefault(example, {}).setdefault(word, []).append(edits.operators[operator])
    return found


def _listed(operators: dict[int, list[str]], words: int) -> list[str | None]:
    return ["+".join(sorted(set(operators[word]))) if word in operators else None for word in range(words)]


def _text_pair(edited: EditedText, operators: dict[int, list[str]]) -> Pair:
    spans = word_spans(edited.source)
    moved = tuple(edited.moved(start, end) for start, end in spans)
    return Pair(edited.source, edited.text, tuple(spans), moved, tuple(_listed(operators, len(spans))))


def _token_pair(clean: Sequence[str], noised: Sequence[str], operators: Sequence[str | None]) -> Pair:
    return Pair(" ".join(clean), " ".join(noised), tuple(_spans(clean)), tuple(_spans(noised)), tuple(operators))


def _spans(tokens: Sequence[str]) -> Iterator[Span]:
    """Go through the spans of tokens that are joined by blanks."""
    start = 0
    for token in tokens:
        yield start, start + len(token)
        start += len(token) + 1


def _check_kind(tokens: int, sentences: int) -> None:
    if tokens < sentences:
        raise DataError(
            f"expected texts alone or sentences of tokens alone, got {tokens} sentences of tokens among {sentences}"
        )


def _check_aligned(clean: Sequence[Sequence[str]], others: Sequence[Sequence[str | None]], what: str) -> None:
    """Check that sentences line up.

    Raises:
        DataError: They do not; with the first that differs.
    """
    if len(clean) != len(others):
        raise DataError(f"expected as many {what} sentences as clean ones, {len(clean)}; got {len(others)}")
    for number, (here, there) in enumerate(zip(clean, others, strict=True)):
        if len(here) != len(there):
            raise DataError(
                f"sentence {number}: expected {what} for each of its {len(here)} tokens, got {len(there)}; tokens must "
                "line up one for one"
            )
