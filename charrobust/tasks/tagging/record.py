"""Tagging: named entities, parts of speech. Tokens are edited; where their number changes, tags may follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack, Edit, revert
from charrobust.tasks.answers import list_of, shortened, texts_of
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired, ratio
from charrobust.tasks.records import (
    Batch,
    LoggedEdit,
    Perturbation,
    Place,
    Record,
    by_field,
    entries_of,
    names_of,
    require,
)
from charrobust.tasks.safety import RARE, SAFETY, Safety
from charrobust.tasks.tagging.columns import TagColumns
from charrobust.tasks.tagging.entities import are_entities
from charrobust.tasks.tagging.ignored import has_ignored, ignoring, without_ignored
from charrobust.tasks.tagging.joined import JoinedSentences
from charrobust.tasks.tagging.metrics import right_tags, tagging_metrics
from charrobust.tasks.tagging.parts import part_statistics
from charrobust.tasks.word_part import WordPart


@dataclass(frozen=True)
class Tagging(TagColumns):
    """Tags of the tokens of sentences, of which an attack edits the tokens."""

    name: ClassVar[str] = "tagging"
    head: ClassVar[str] = "charrobust.tasks.tagging.head:TaggingHead"
    pipeline: ClassVar[str] = "token-classification"
    label_word: ClassVar[str] = "tags"
    target_word: ClassVar[str] = "tags"
    pretokenized: ClassVar[bool] = True
    safety: ClassVar[Mapping[str, Safety]] = SAFETY | {
        "other-word": Safety(RARE, "another word may be of another part of speech: Tan et al., ACL 2020, section 5"),
        "addition": Safety(RARE, "added words are tagged O; data without O are refused"),
        "word-loss": Safety(RARE, "entities stay whole; other tags are those of the words that are left"),
        "word-order": Safety(RARE, "entities stay whole; other words take their tags along"),
    }

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """See the base class."""
        ids = names_of(batch, self.id_column)
        for _, record, place in batch.rows():
            self._check(record, place)
        sentences = [record[self.tokens] for record in batch.records]
        protected = None
        if self.protect_entities:
            self._check_outside(batch)
            protected = [self._entities(record, place) for _, record, place in batch.rows()]
        if self.carry_tags:
            self._joined.check(batch)
            names = [self._names(record, place) for _, record, place in batch.rows()]
            return self._joined.perturb(batch, names, attack, ids=ids, protected=protected)
        edited = attack.tokens(sentences, ids=ids, protect=protected)
        pairs = zip(batch.records, edited.sentences, strict=True)
        perturbed = Perturbation([{**record, self.tokens: tokens} for record, tokens in pairs])
        perturbed.note(entries_of(batch, ids, self.tokens), edited.edits, edited.tally)
        return perturbed

    @property
    def _joined(self) -> JoinedSentences:
        """What attacks sentences as texts, and lets their tags follow."""
        return JoinedSentences(self.tokens, self.tags, self.names_in_order)

    def doubts(self, attack: Attack) -> list[str]:
        """See the base class; a recipe that may make another number of tokens needs tags that follow."""
        if not self.carry_tags:
            attack.check_keeps_tokens()
        return super().doubts(attack)

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """See the base class."""
        if self.carry_tags:
            return self._joined.restore(record, edits, place)
        tokens = list(require(record, self.tokens, list, place))
        by_token: dict[int, list[Edit]] = {}
        for edit in by_field(edits).get(self.tokens, []):
            by_token.setdefault(edit.word, []).append(edit)
        for number, token_edits in by_token.items():
            if number >= len(tokens):
                raise place.error(f"the edit log names token {number}, the sentence has {len(tokens)}")
            try:
                tokens[number] = revert(tokens[number], token_edits)
            except DataError as error:
                raise place.error(f"token {number}: {error}") from error
        return {**record, self.tokens: tokens}

    def examples(self, batch: Batch) -> Iterator[Example]:
        """See the base class; an ignored tag (missing, -100) is None."""
        ids = names_of(batch, self.id_column) or [str(row) for row, _, _ in batch.rows()]
        for name, (_, record, place) in zip(ids, batch.rows(), strict=True):
            self._check(record, place)
            yield Example(name, tuple(record[self.tokens]), self._target(record, place))

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class."""
        protected = self.protected(examples)
        if self.carry_tags:
            return self._joined.perturb_examples(examples, attack, ids=ids, protected=protected)
        edited = attack.tokens([example.texts for example in examples], ids=ids, protect=protected)
        pairs = zip(examples, edited.sentences, strict=True)
        return [replace(example, texts=tuple(tokens)) for example, tokens in pairs]

    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """See the base class: the tokens."""
        # By the field that the attack draws by, whatever the column is called.
        return {"tokens": [example.texts for example in examples]}

    def protected(self, examples: Sequence[Example]) -> list[Any] | None:
        """See the base class: the tokens of entities, where these stay."""
        if not self.protect_entities:
            return None
        marks = []
        for example in examples:
            if example.target is None:
                raise DataError(f"sentence {example.id} has no tags, so that nothing says what is an entity")
            marks.append(are_entities(example.target))
        return marks

    def text_of_edit(self, edit: LoggedEdit, example: Example) -> int | None:
        """See the base class: the token."""
        return edit.edit.word

    def common_facts(self, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
        """See the base class."""
        if self.carry_tags:
            return [("the id", clean.id, attacked.id)]
        return [
            ("the id", clean.id, attacked.id),
            ("this number of tokens:", len(clean.texts), len(attacked.texts)),
            ("the tags", clean.target, attacked.target),
        ]

    def labels_in(self, target: Target) -> Iterable[str]:
        """See the base class."""
        return (tag for tag in target or () if tag is not None)

    def labels_suffice(self, known: Iterable[str], wanted: Iterable[str]) -> bool:
        """See the base class: rare tags may be missing, but most must be known."""
        wanted = set(wanted)
        return 2 * len(set(known) & wanted) > len(wanted)

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: span F1 first, if the tags mark spans, and accuracy of tags."""
        known = [list(self.labels_in(tags)) for tags in targets]
        return tuple(map(ignoring, tagging_metrics(known)))

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: the share of right tags; 1 for a sentence of no tokens."""
        right, tags = _right_tags(targets, predictions)
        return np.where(tags == 0, 1.0, ratio(right, tags))

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: all tags are right."""
        right, tags = _right_tags(targets, predictions)
        return np.asarray(right == tags)

    @classmethod
    def plain_input(cls, example: Example) -> list[str]:
        """See the base class: the tokens."""
        return list(example.texts)

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: a tag for each token, as a list or with blanks between them."""
        listed = isinstance(answer, str) and answer.lstrip().startswith("[")
        tags = answer.split() if isinstance(answer, str) and not listed else list_of(answer, "tags")
        if len(tags) != len(example.texts):
            raise UserError(f"expected {len(example.texts)} tags, one a token, got {len(tags)}: {shortened(tags)}")
        return texts_of(tags)

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: a tag for each token."""
        return isinstance(value, tuple) and len(value) == len(example.texts) and all(isinstance(t, str) for t in value)

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """See the base class."""
        return tuple(names.get(tag, tag) for tag in prediction)

    def prediction_text(self, prediction: Prediction) -> str:
        """See the base class: the tags with blanks between; an ignored one is a dash."""
        return " ".join(tag or "-" for tag in prediction)

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class: the tags."""
        return sorted(set(target_text.split()))

    def counted_words(self, example: Example) -> list[str]:
        """See the base class: all tokens."""
        return list(example.texts)

    def part_statistics(
        self, metric: Metric, targets: Sequence[Target], predictions: Sequence[Prediction], part: WordPart
    ) -> tuple[Array, int]:
        """See the base class: entities of which any word is split, and for tags the words themselves."""
        return part_statistics(metric, targets, predictions, part)


def _right_tags(targets: Sequence[Target], predictions: Sequence[Prediction]) -> tuple[Array, Array]:
    """Return the number of right tags and of tags of each sentence, ignored ones left out."""
    check_paired(targets, predictions)
    if has_ignored(targets):
        targets, predictions = without_ignored(targets, predictions)
    right, tags = right_tags(targets, predictions).T
    return right, tags
