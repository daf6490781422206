"""Sentences attacked as texts: tokens may be split, joined, dropped, doubled or exchanged, and their tags follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from charrobust.errors import DataError
from charrobust.perturb import Attack, EditedText, Perturbed, Tally, revert
from charrobust.tasks.examples import Example
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record, by_field, entries_of, require
from charrobust.tasks.tagging.carrying import carried, read_tags, sources_of, tag_edits, tokens_in, written_tags
from charrobust.tasks.tagging.entities import are_entities
from charrobust.tasks.tagging.schemes import reading_of


@dataclass(frozen=True)
class JoinedSentences:
    """How the sentences of a data set are joined with blanks, attacked, and cut again.

    Attributes:
        tokens: Column with the list of tokens.
        tags: Column with the list of tags; None where they are not checked.
        all_tags: The tags of the data set in the order of their numbers; none where it does not tell.
    """

    tokens: str
    tags: str | None
    all_tags: tuple[str, ...]

    def check(self, batch: Batch) -> None:
        """Check that the sentences can be cut again at blanks.

        Args:
            batch: The records.

        Raises:
            DataError: A token is empty, or holds a blank.
        """
        for _, record, place in batch.rows():
            for token in record[self.tokens]:
                if not token or any(map(str.isspace, token)):
                    raise place.error(f"the token {token!r} is empty or holds a blank, so that its tags cannot follow")

    def perturb(
        self,
        batch: Batch,
        names: Sequence[list[str | None] | None],
        attack: Attack,
        *,
        ids: list[str] | None,
        protected: list[list[bool]] | None,
    ) -> Perturbation:
        """Attack the sentences of a batch, and let their tags follow.

        Args:
            batch: The records.
            names: The names of the tags of each; None where there are none.
            attack: The attack.
            ids: The identity of each sentence; None lets the tokens identify themselves.
            protected: Marks of the tokens that stay; None for none.

        Returns:
            The attacked records, and the edits made to tokens and to tags.

        Raises:
            DataError: Tags cannot follow.
        """
        sentences = [record[self.tokens] for record in batch.records]
        edited = self._attacked(sentences, names, attack, ids, protected)
        perturbed = Perturbation([])
        old_tags, new_tags = [], []
        for (_, record, place), tags, text in zip(batch.rows(), names, edited, strict=True):
            new = {**record, self.tokens: tokens_in(text.text)}
            if tags is not None:
                new[self.tags or ""] = self._followed(record, tags, text, place)
            perturbed.records.append(new)
            old_tags.append(written_tags(record.get(self.tags or "")))
            new_tags.append(written_tags(new.get(self.tags or "")))
        perturbed.note(entries_of(batch, ids, self.tokens), edited.edits, edited.tally)
        if self.tags is not None:
            perturbed.note(entries_of(batch, ids, self.tags), tag_edits(old_tags, new_tags), Tally())
        return perturbed

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a sentence and of its tags.

        Args:
            record: The attacked record.
            edits: Its edits, in order.
            place: Where it stands, for messages.

        Returns:
            The record as it was.

        Raises:
            DataError: The edits do not fit it.
        """
        fields = by_field(edits)
        restored = dict(record)
        try:
            if self.tokens in fields:
                tokens = " ".join(require(record, self.tokens, list, place))
                restored[self.tokens] = tokens_in(revert(tokens, fields[self.tokens]))
            if self.tags in fields:
                tags = written_tags(require(record, self.tags or "", list, place))
                restored[self.tags or ""] = read_tags(revert(tags, fields[self.tags or ""]))
        except DataError as error:
            raise place.error(str(error)) from error
        return restored

    def perturb_examples(
        self,
        examples: Sequence[Example],
        attack: Attack,
        *,
        ids: Sequence[str],
        protected: list[list[bool]] | None,
    ) -> list[Example]:
        """Attack the sentences of examples, and let their tags follow.

        Args:
            examples: The examples.
            attack: The attack.
            ids: The identity of each.
            protected: Marks of the tokens that stay; None for none.

        Returns:
            The attacked examples, in order.
        """
        names = [example.target for example in examples]
        edited = self._attacked([example.texts for example in examples], names, attack, ids, protected)
        perturbed = []
        for example, text in zip(examples, edited, strict=True):
            target = example.target
            if target is not None:
                target = tuple(carried(target, sources_of(example.texts, text), reading_of(self._known(target))))
            perturbed.append(replace(example, texts=tuple(tokens_in(text.text)), target=target))
        return perturbed

    def _attacked(
        self,
        sentences: Sequence[Sequence[str]],
        names: Sequence[Sequence[str | None] | None],
        attack: Attack,
        ids: Sequence[str] | None,
        protected: list[list[bool]] | None,
    ) -> Perturbed:
        """Attack sentences as texts; entities stay whole where words may go or stand elsewhere."""
        if attack.recipe.moves_words and protected is None:
            protected = []
            for tokens, tags in zip(sentences, names, strict=True):
                marks_spans = tags is not None and reading_of(self._known(tags)) is not None
                protected.append(are_entities(tags or ()) if marks_spans else [False] * len(tokens))
        return attack.joined(sentences, ids=ids, protect=protected)

    def _known(self, tags: Iterable[str | None]) -> set[str]:
        """Return the tags by which a scheme is told: all of the data set, or those of one sentence."""
        return set(self.all_tags) or {tag for tag in tags if tag is not None}

    def _followed(self, record: Record, names: Sequence[str | None], edited: EditedText, place: Place) -> list[Any]:
        """Return the tags of an attacked sentence, as its record writes them."""
        sources = sources_of(record[self.tokens], edited)
        try:
            new = carried(names, sources, reading_of(self._known(names)))
        except DataError as error:
            raise place.error(str(error)) from error
        raw = record[self.tags or ""]
        written = dict(zip(names, raw, strict=True))
        if not any(isinstance(tag, str) for tag in raw):  # they are numbers
            for number, known in enumerate(self.all_tags):
                written.setdefault(known, number)
        tags = []
        for name, source in zip(new, sources, strict=True):
            # A map of labels may give one name to several tags: the token's own goes first.
            is_its_own = source is not None and names[source] == name
            tags.append(raw[source] if is_its_own else written.get(name, name))
        return tags
