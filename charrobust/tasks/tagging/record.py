"""Tagging: named entities, parts of speech. Tokens are edited; where their number changes, tags may follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack, Edit, revert
from charrobust.tasks.answers import list_of, shortened, texts_of
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired, ratio
from charrobust.tasks.records import (
    Batch,
    LoggedEdit,
    Perturbation,
    Place,
    Record,
    by_field,
    check_not_misspelt,
    entries_of,
    names_of,
    require,
)
from charrobust.tasks.safety import RARE, SAFETY, Safety
from charrobust.tasks.tagging.entities import are_entities, check_names_tell, check_tags_tell
from charrobust.tasks.tagging.ignored import has_ignored, ignoring, without_ignored
from charrobust.tasks.tagging.joined import JoinedSentences
from charrobust.tasks.tagging.metrics import (
    right_tags,
    tagging_metrics,
)
from charrobust.tasks.tagging.parts import part_statistics
from charrobust.tasks.word_part import WordPart

_TOKENS = ("tokens", "words")
_TAGS = ("tags", "ner_tags", "upos", "pos_tags", "labels", "pos")


@dataclass(frozen=True)
class Tagging(LabelledTask):
    """The columns of a tagging data set.

    Attributes:
        tokens: Column with the list of tokens.
        tags: Column with the list of tags, strings or numbers; None where they are not checked.
        protect_entities: Whether tokens with a tag other than ``O`` stay.
        carry_tags: Whether tokens may be split, joined, dropped, doubled or exchanged, and tags follow: both parts of a
            ``B-X`` are ``B-X I-X``. Otherwise a recipe that does so is refused.
        id_column: Column with the sentences' ids; None lets the tokens identify themselves.
    """

    name: ClassVar[str] = "tagging"
    head: ClassVar[str] = "charrobust.tasks.tagging.head:TaggingHead"
    pipeline: ClassVar[str] = "token-classification"
    formats: ClassVar[tuple[str, ...]] = ("conll", "conllu")
    label_word: ClassVar[str] = "tags"
    target_word: ClassVar[str] = "tags"
    pretokenized: ClassVar[bool] = True
    target_option: ClassVar[str] = "`tag_column`"
    safety: ClassVar[Mapping[str, Safety]] = SAFETY | {
        "other-word": Safety(RARE, "another word may be of another part of speech: Tan et al., ACL 2020, section 5"),
        "addition": Safety(RARE, "added words are tagged O; data without O are refused"),
        "word-loss": Safety(RARE, "entities stay whole; other tags are those of the words that are left"),
        "word-order": Safety(RARE, "entities stay whole; other words take their tags along"),
    }

    tokens: str = "tokens"
    tags: str | None = "tags"
    protect_entities: bool = False
    carry_tags: bool = False
    id_column: str | None = None

    def __post_init__(self) -> None:
        """Check that entities can be told."""
        if self.tokens == self.tags:
            raise UserError(f"column {self.tokens!r} cannot hold both tokens and tags; name another with `tag_column`")
        if self.protect_entities and self.tags is None:
            raise UserError("protecting entities needs a tag column; name it with `tag_column`")

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class."""
        lists = [column for column, value in record.items() if isinstance(value, list)]
        tokens = next((column for column in named or _TOKENS if column in lists), None)
        if tokens is None:
            columns = ", ".join(map(str, record))
            raise place.error(f"no column with lists of tokens found among {columns}; name it with `token_column`")
        tags = (column for column in _TAGS if column in lists and column != tokens)
        return cls(tokens, next(tags, None))

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: a list of tokens."""
        return any(isinstance(record.get(column), list) for column in named or _TOKENS)

    @classmethod
    def of_texts(cls, columns: Sequence[str]) -> Self:
        """See the base class; the column of the tokens.

        Args:
            columns: One column.

        Returns:
            The task.

        Raises:
            UserError: There are several.
        """
        if len(columns) != 1:
            raise UserError(f"tagging has one column of tokens, got {', '.join(columns)}")
        return cls(columns[0], None)

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; an input is a list of tokens."""
        return cls()

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class; a target is a list of tags."""
        for what, value in (("tokens", texts), ("tags", target)):
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise place.error(f"expected a list of {what}, got {value!r}")
        return {"tokens": list(texts), "tags": list(target)}

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return (self.tokens,) if self.tags is None or not self.carry_tags else (self.tokens, self.tags)

    @property
    def target_column(self) -> str | None:
        """The tag column."""
        return self.tags

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

    def _names(self, record: Record, place: Place) -> list[str | None] | None:
        """Return the names of a record's tags; None where there are none."""
        if self._has_no_tags(record):
            return None
        return [self.label_at(tag, place) for tag in record[self.tags or ""]]

    def _entities(self, record: Record, place: Place) -> list[bool]:
        """Tell which tokens are of entities.

        Raises:
            DataError: There are no tags.
        """
        if self._has_no_tags(record):
            raise place.error(f"column {self.tags!r} holds no tags, so that nothing says what is an entity")
        return are_entities(self.label_at(tag, place) for tag in record[self.tags or ""])

    def _check_outside(self, batch: Batch) -> None:
        """Refuse tags of which nothing says which of them is ``O``.

        Raises:
            DataError: They are numbers without names, names without an ``O``, or words of which none is ``O``.
        """
        if self.class_names:
            check_names_tell(self.class_names, self.names_in_order, batch.places[0])
        else:
            check_tags_tell(self.tags, self._tags_in(batch))

    def _tags_in(self, batch: Batch) -> Iterator[tuple[object, str | None, Place]]:
        """Go through the tags of a batch: each as it is written, with its name and its place."""
        for _, record, place in batch.rows():
            for tag in () if self._has_no_tags(record) else record[self.tags or ""]:
                yield tag, self.label_at(tag, place), place

    def _has_no_tags(self, record: Record) -> bool:
        """Tell whether nobody says what the tags of a record are."""
        return self.tags is None or record.get(self.tags) is None

    def _check(self, record: Record, place: Place) -> None:
        """Refuse a record that has other than a tag for each token.

        Raises:
            DataError: With its place.
        """
        tokens = require(record, self.tokens, list, place)
        for token in tokens:
            if not isinstance(token, str):
                raise place.error(f"column {self.tokens!r} must be a list of text, got the item {token!r}")
        if self._has_no_tags(record):
            check_not_misspelt(record, self.tags or self.tokens, place)
            return
        tags = require(record, self.tags or "", list, place)
        if len(tags) != len(tokens):
            raise place.error(
                f"{len(tokens)} tokens but {len(tags)} tags in column {self.tags!r}; each token needs one"
            )
        for tag in tags:
            if isinstance(tag, list | dict):
                raise place.error(f"column {self.tags!r} must hold one tag for each token, got {tag!r}")

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

    def _target(self, record: Record, place: Place) -> Target:
        """Return the tags of a record; None where there are none, or all of them are missing."""
        if self._has_no_tags(record):
            return None
        tags = tuple(self.label_at(tag, place) for tag in record[self.tags or ""])
        return None if tags and all(tag is None for tag in tags) else tags

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class."""
        if self.carry_tags:
            return self._joined.perturb_examples(examples, attack, ids)
        edited = attack.tokens([example.texts for example in examples], ids=ids)
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

    def raw_labels(self, record: Record) -> Iterable[object]:
        """See the base class; missing tags are of no type."""
        tags = () if self._has_no_tags(record) else record[self.tags or ""]
        return (tag for tag in tags if not self.is_missing(tag))

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
