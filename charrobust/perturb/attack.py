"""An attack is a recipe with a seed, applied to texts or to sentences of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from charrobust.errors import RecipeError
from charrobust.perturb import engine
from charrobust.perturb.batches import BatchResult, join_batches, pick, stretches, text_batches
from charrobust.perturb.candidates import Candidates, enumerated
from charrobust.perturb.counter_random import Keys, example_keys, text_key
from charrobust.perturb.edits import EditedText, Span
from charrobust.perturb.inputs import check_lengths, check_texts, identities_of, joined_tokens
from charrobust.perturb.jobs import text_job, token_job
from charrobust.perturb.operators.base import labels
from charrobust.perturb.patterns import check_patterns
from charrobust.perturb.perturbed import Perturbed, PerturbedTokens
from charrobust.perturb.protection import check_marks, sentences_as_texts
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.recipe_files import load_recipe
from charrobust.perturb.words import WordsOf, found_words, words_of_tokens


@dataclass(frozen=True)
class Attack:
    """A recipe with a seed.

    The outcome for a text depends on the text, its identity, what is protected, the recipe and the seed alone. The
    identity is the id that the caller gives, or else the text itself: equal texts without ids are edited alike,
    whatever their place.

    Attributes:
        recipe: What is done.
        seed: The seed; attacks with other seeds are independent.
        protect_patterns: Regular expressions, in the syntax of the ``regex`` library: words that overlap a match
            stay, as those do that the recipe protects; an empty match protects nothing. A pattern sees one text,
            or one token, at a time, and has five seconds for it, as those of recipes have. Words that stand elsewhere
            are edited as they would be without patterns, unless the recipe edits an exact number of words a text.

    Raises:
        RecipeError: A pattern is no regular expression.
        UserError: An operator needs a package that is not installed.
    """

    recipe: Recipe
    seed: int
    protect_patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the patterns, and that all operators can run."""
        check_patterns(self.protect_patterns, "protect_patterns")
        for operator in self.recipe.operators:
            operator.check_installed()

    @classmethod
    def load(
        cls,
        recipe: str | Path | Recipe,
        *,
        severity: str | float | None = None,
        seed: int | None = None,
        language: str | Path | None = None,
        protect_patterns: Sequence[str] = (),
    ) -> Attack:
        """Load an attack.

        Args:
            recipe: A shipped name (``charbert``), one with a language or a severity (``charbert:de``,
                ``charbert@0.5``), a TOML file, or a recipe.
            severity: See :meth:`Recipe.at`; None takes the recipe's.
            seed: None takes the recipe's.
            language: See :meth:`Recipe.in_language`; None takes the recipe's.
            protect_patterns: Regular expressions; words that overlap a match stay.

        Returns:
            The attack.

        Raises:
            RecipeError: The recipe, its severity, its language, one of its parts or a pattern is not valid.
        """
        loaded = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
        if language is not None:
            loaded = loaded.in_language(language)
        if severity is not None:
            loaded = loaded.at(severity)
        if seed is None:
            seed = loaded.seed
        check_patterns(protect_patterns, "protect_patterns")
        return cls(loaded, seed, tuple(protect_patterns))

    def in_language(self, language: str | Path) -> Attack:
        """Return the attack with its recipe in a language.

        Args:
            language: See :meth:`Recipe.in_language`.

        Returns:
            The attack.

        Raises:
            RecipeError: As :meth:`Recipe.in_language`.
        """
        return replace(self, recipe=self.recipe.in_language(language))

    def text(self, text: str, *, identity: str | None = None, protect: Sequence[Span] = ()) -> EditedText:
        """Perturb one text.

        Args:
            text: The text.
            identity: What names the example; None takes the text.
            protect: Spans whose words stay.

        Returns:
            The edited text, with its edits.

        Raises:
            UserError: It is no text.
            RecipeError: A pattern took too long.
        """
        edited: EditedText = self.texts([text], ids=[identity], protect=[protect])[0]
        return edited

    def texts(
        self,
        texts: Sequence[str],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[Span]] | None = None,
        field: str = "text",
    ) -> Perturbed:
        """Perturb many texts.

        Args:
            texts: The texts.
            ids: The identity of each; None for the text itself.
            protect: For each text, spans whose words stay.
            field: Name of the field they fill; fields of one example are edited independently.

        Returns:
            The edited texts, with the edits of all of them in columns.

        Raises:
            UserError: What was given is no list of texts.
            RecipeError: A pattern took too long.
            ValueError: ``ids`` or ``protect`` are more or fewer than the texts.
        """
        check_texts(texts)
        check_lengths(len(texts), ids=ids, protect=protect)
        return self._edited(texts, identities_of(texts, ids), found_words, protect=protect, field=field)

    def _edited(
        self,
        texts: Sequence[str],
        identities: Sequence[str],
        words_of: WordsOf,
        *,
        protect: Sequence[Sequence[Span]] | None,
        field: str,
        is_tokenised: bool = False,
    ) -> Perturbed:
        """Perturb texts, batch by batch.

        Args:
            texts: The texts.
            identities: What names each.
            words_of: Finds the words of a batch: of its buffer, its texts, and their numbers.
            protect: For each text, spans whose words stay.
            field: Name of the field they fill.
            is_tokenised: Whether words are given tokens.

        Returns:
            The edited texts.
        """
        batches = []
        for numbers in text_batches(texts):
            batch_texts = pick(texts, numbers)
            spans = None if protect is None else pick(protect, numbers)
            job = text_job(
                self.recipe,
                self.protect_patterns,
                batch_texts,
                words_of,
                numbers=numbers,
                keys=self._keys(batch_texts if identities is texts else pick(identities, numbers), field),
                protect=spans,
                is_tokenised=is_tokenised,
            )
            # Each text is an example of its own, so the numbers of examples and of strings are the same.
            text_numbers = numbers.astype(np.int32)
            batches.append(BatchResult(text_numbers, text_numbers, *engine.run(job, batch_texts)))
        return Perturbed(texts, *join_batches(batches, texts, labels(self.recipe.operators)))

    def tokens(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
        blanks: bool = False,
    ) -> PerturbedTokens:
        """Perturb sentences of tokens; each token is one word and stays one token.

        Args:
            sentences: The tokens of each sentence.
            ids: The identity of each sentence; None for its tokens.
            protect: For each sentence and token, whether it stays.
            field: As for :meth:`texts`.
            blanks: Whether an edited token may hold a blank, as operators that split words write it.

        Returns:
            The edited tokens, with the edits of all of them in columns.

        Raises:
            UserError: What was given is no list of sentences of tokens.
            RecipeError: A pattern took too long, or an operator may make another number of tokens.
            ValueError: ``ids`` or ``protect`` are more or fewer than the sentences, or than the tokens.
        """
        self.check_keeps_tokens(("split",) if blanks else ())
        joined = joined_tokens(sentences)
        check_lengths(len(sentences), ids=ids, protect=protect)
        check_marks(sentences, protect)
        identities = identities_of(joined, ids)
        # A sentence is never cut: the numbers of its words, and so their random streams, count from its first token.
        code_points = [sum(map(len, tokens)) for tokens in sentences]
        token_counts = np.fromiter(map(len, sentences), np.int64, len(sentences))
        # The number of each sentence's first token among all tokens; behind the last sentence, the number of tokens.
        first_tokens = np.concatenate([[0], np.cumsum(token_counts)])
        batches = []
        for first, last in stretches(np.array(code_points, np.int64)):
            marks = None if protect is None else protect[first:last]
            keys = self._keys(identities[first:last], field)
            job, batch_tokens = token_job(self.recipe, self.protect_patterns, sentences[first:last], keys, marks)
            sentence_numbers = np.arange(first, last, dtype=np.int32)
            token_numbers = np.arange(first_tokens[first], first_tokens[last], dtype=np.int32)
            batches.append(BatchResult(sentence_numbers, token_numbers, *engine.run(job, batch_tokens)))
        tokens = list(chain.from_iterable(sentences))
        edited, edits, tally = join_batches(batches, tokens, labels(self.recipe.operators))
        edited_sentences = [edited[first:last] for first, last in pairwise(first_tokens.tolist())]
        return PerturbedTokens(edited_sentences, edits, tally)

    def joined(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
    ) -> Perturbed:
        """Perturb sentences of tokens as texts, with a blank between each two tokens, which may change in number.

        Args:
            sentences: The tokens of each sentence, without blanks in them.
            ids: The identity of each sentence; None for its tokens.
            protect: For each sentence and token, whether it stays.
            field: As for :meth:`texts`.

        Returns:
            The edited texts, whose words are the tokens.

        Raises:
            UserError: What was given is no list of sentences of tokens, or a token holds a blank or nothing.
            RecipeError: A pattern took too long.
            ValueError: ``ids`` or ``protect`` are more or fewer than the sentences, or than the tokens.
        """
        identities = identities_of(joined_tokens(sentences), ids)
        check_lengths(len(sentences), ids=ids, protect=protect)
        texts, spans = sentences_as_texts(sentences, protect)
        return self._edited(
            texts, identities, words_of_tokens(sentences), protect=spans, field=field, is_tokenised=True
        )

    def candidates(self, text: str, *, protect: Sequence[Span] = ()) -> Candidates:
        """List every single edit of a text that the recipe allows, whatever its severity and the seed.

        Args:
            text: The text.
            protect: Spans whose words stay.

        Returns:
            The edits; their slot is 0.

        Raises:
            UserError: It is no text.
            RecipeError: The recipe cannot be enumerated, or a pattern took too long.
        """
        check_texts([text])
        return self._candidates([text], found_words, [protect])

    def token_candidates(self, tokens: Sequence[str], *, protect: Sequence[bool] | None = None) -> Candidates:
        """List every single edit of a sentence of tokens that the recipe allows; each token stays one token.

        Args:
            tokens: The tokens.
            protect: For each token, whether it stays.

        Returns:
            The edits; their slot is the number of the token.

        Raises:
            UserError: It is no list of tokens.
            RecipeError: The recipe cannot be enumerated, an operator may make another number of tokens, or a pattern
                took too long.
        """
        self.check_keeps_tokens()
        joined_tokens([tokens])
        marks = None if protect is None else [protect]
        check_marks([tokens], marks)
        return self._token_candidates([tokens], marks)

    def _candidates(
        self,
        texts: Sequence[str],
        words_of: WordsOf,
        protect: Sequence[Sequence[Span]] | None,
        *,
        is_tokenised: bool = False,
    ) -> Candidates:
        """List the single edits of some texts; the arguments are those of :meth:`_edited`."""
        keys = self._keys(texts, "")
        numbers = np.arange(len(texts))
        job = text_job(
            self.recipe,
            self.protect_patterns,
            texts,
            words_of,
            numbers=numbers,
            keys=keys,
            protect=protect,
            is_tokenised=is_tokenised,
        )
        return enumerated(job, texts)

    def _token_candidates(
        self, sentences: Sequence[Sequence[str]], protect: Sequence[Sequence[bool]] | None
    ) -> Candidates:
        """List the single edits of some sentences of tokens."""
        keys = self._keys([""] * len(sentences), "")
        job, tokens = token_job(self.recipe, self.protect_patterns, sentences, keys, protect)
        return enumerated(job, tokens)

    def check_keeps_tokens(self, allowed: Sequence[str] = ()) -> None:
        """Refuse a recipe that may make another number of tokens.

        Args:
            allowed: Operators that may.

        Raises:
            RecipeError: With the operators.
        """
        breaking = dict.fromkeys(each.label for each in self.recipe.operators if each.breaks_tokens)
        breaking = {label: None for label in breaking if label not in allowed}
        if breaking:
            raise RecipeError(
                f"recipe {self.recipe.name!r} may make another number of words ({', '.join(breaking)}), and here each "
                "word has a value of its own; take a recipe that edits inside words, or, of tagged data, let tags "
                "follow with `carry_tags`"
            )

    def _keys(self, identities: Sequence[str], field: str) -> Keys:
        # Beside the identities, all that a draw depends on: the fingerprint leaves out the recipe's name and severity.
        return example_keys(identities, text_key(self.recipe.fingerprint, str(self.seed), field))
