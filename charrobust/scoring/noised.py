"""Sentences with and without noise, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.errors import DataError, check_lists
from charrobust.perturb import Attack, EditTable
from charrobust.perturb.edits import Span
from charrobust.perturb.perturbed import Perturbed, PerturbedTokens
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
        protect: Sequence[Any] | None = None,
        field: str | None = None,
    ) -> NoisedSentences:
        """Attack sentences.

        Args:
            sentences: Texts, whose words are found by Unicode rules, or sentences of tokens, each of them a word.
            attack: The attack.
            ids: The identity of each sentence; None for the sentence itself.
            protect: What stays of each sentence, as for :meth:`Attack.texts` and :meth:`Attack.tokens`.
            field: Name of the field they fill, as for :meth:`Attack.texts` and :meth:`Attack.tokens`.

        Returns:
            The sentences, word by word with and without noise.

        Raises:
            UserError: It is one text, or what it holds is neither text nor sentences.
            RecipeError: The attack may make another number of words.
        """
        attack.check_keeps_tokens()
        # A text is a sequence of strings too, of its letters: only its type tells it from a sentence of tokens.
        tokens = [sentence for sentence in sentences if not isinstance(sentence, str)]
        if tokens:
            _check_all_tokens(len(tokens), len(sentences))
            attacked = attack.tokens(tokens, ids=ids, protect=protect, field=field or "tokens")
            pairs = _token_pairs(tokens, attacked)
        else:
            check_lists(sentences=sentences)
            texts = list(map(str, sentences))
            pairs = _text_pairs(attack.texts(texts, ids=ids, protect=protect, field=field or "text"))
        return cls(
            pairs=tuple(pairs),
            attack=attack.recipe.name,
            severity=attack.recipe.severity,
            seed=attack.seed,
        )

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

        Returns:
            The sentences, word by word with and without noise.

        Raises:
            DataError: The sentences do not line up.
        """
        _check_aligned(clean, noised, "noised")
        if operators is None:
            operators = [_changed(old, new, name) for old, new in zip(clean, noised, strict=True)]
        _check_aligned(clean, operators, "operators")
        return cls(pairs=tuple(map(_token_pair, clean, noised, operators)), attack=name, severity="", seed=None)

    @classmethod
    def of_examples(cls, examples: Sequence[Example], task: Task, attack: Attack) -> NoisedSentences:
        """Attack the examples of a data set as ``charrobust attack`` does.

        Args:
            examples: The examples.
            task: Their task; its :meth:`~charrobust.tasks.base.Task.sentences` are attacked, one field after the other.
            attack: The attack.

        Returns:
            The sentences, word by word with and without noise.

        Raises:
            UserError: The language of each record is in a column of its own.
            DataError: The task is to keep entities, and nothing says what they are.
        """
        task.check_one_language()
        ids, protected = task.identities(examples), task.protected(examples)
        pairs: list[Pair] = []
        for field, sentences in task.sentences(examples).items():
            pairs += cls.attacked(sentences, attack, ids=ids, protect=protected, field=field).pairs
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
        if not any(map(_is_noised, self.pairs)):
            raise DataError(
                f"the attack {self.attack!r} (severity {self.severity or 'none'}) noised none of {self.words} words in "
                f"{len(self.pairs)} sentences; expected one at least: give more text, a higher severity, or an attack "
                "on words of this kind and length"
            )


def _is_noised(pair: Pair) -> bool:
    return any(operator is not None for operator in pair.operators)


def _text_pairs(attacked: Perturbed) -> Iterator[Pair]:
    """Go through attacked texts, whose words are found by Unicode rules."""
    operators = _operators_by_word(attacked.edits)
    for number, edited in enumerate(attacked):
        # Attacks number words as they are found here: the same function cuts the text there.
        spans = word_spans(edited.source)
        yield Pair(
            clean=edited.source,
            noised=edited.text,
            spans=tuple(spans),
            noised_spans=tuple(edited.moved(start, end) for start, end in spans),
            operators=tuple(_joined(operators.get(number, {}), len(spans))),
        )


def _token_pairs(sentences: Sequence[Sequence[str]], attacked: PerturbedTokens) -> Iterator[Pair]:
    """Go through attacked sentences of tokens, each of them a word."""
    operators = _operators_by_word(attacked.edits)
    for number, (clean, noised) in enumerate(zip(sentences, attacked.sentences, strict=True)):
        yield _token_pair(clean, noised, _joined(operators.get(number, {}), len(clean)))


def _operators_by_word(edits: EditTable) -> dict[int, dict[int, list[str]]]:
    """Return what edited the words of each example."""
    by_example: dict[int, dict[int, list[str]]] = {}
    # The table holds columns of numbers: lists of Python's own are faster to go through than arrays.
    rows = zip(edits.example.tolist(), edits.word.tolist(), edits.operator.tolist(), strict=True)
    for example, word, operator in rows:
        by_example.setdefault(example, {}).setdefault(word, []).append(edits.operators[operator])
    return by_example


def _joined(operators: dict[int, list[str]], words: int) -> list[str | None]:
    """Return what edited each of a number of words: the names of its operators in one, None for untouched ones."""
    joined: list[str | None] = [None] * words
    for word in range(words):
        if word in operators:
            # Sorted, so that the same operators in another order are not another kind of edit.
            joined[word] = "+".join(sorted(set(operators[word])))
    return joined


def _changed(clean: Sequence[str], noised: Sequence[str], name: str) -> list[str | None]:
    """Return a name for each token that differs, None for the others."""
    operators: list[str | None] = [None] * len(clean)
    for number, (old, new) in enumerate(zip(clean, noised, strict=True)):
        if old != new:
            operators[number] = name
    return operators


def _token_pair(clean: Sequence[str], noised: Sequence[str], operators: Sequence[str | None]) -> Pair:
    return Pair(
        clean=" ".join(clean),
        noised=" ".join(noised),
        spans=tuple(_spans(clean)),
        noised_spans=tuple(_spans(noised)),
        operators=tuple(operators),
    )


def _spans(tokens: Sequence[str]) -> Iterator[Span]:
    """Go through the spans of tokens that are joined by blanks."""
    start = 0
    for token in tokens:
        yield start, start + len(token)
        start += len(token) + 1


def _check_all_tokens(tokens: int, sentences: int) -> None:
    """Check that sentences are all of tokens.

    Raises:
        DataError: There are texts among them.
    """
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
    for number, (tokens, other_tokens) in enumerate(zip(clean, others, strict=True)):
        if len(tokens) != len(other_tokens):
            raise DataError(
                f"sentence {number}: expected {what} for each of its {len(tokens)} tokens, got {len(other_tokens)}; "
                "tokens must line up one for one"
            )
