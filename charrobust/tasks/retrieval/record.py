"""Retrieval: of a corpus, the documents that are relevant to a query, in the layout of BEIR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from charrobust.errors import UserError, hint
from charrobust.perturb import Attack
from charrobust.tasks.answers import list_of, number_in, texts_of
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.records import Batch, Entries, Entry, LoggedEdit, Perturbation, Place, Record, restored_columns
from charrobust.tasks.retrieval.corpus import Collection, document_of
from charrobust.tasks.retrieval.metrics import RETRIEVAL_METRICS, ndcg, of_queries
from charrobust.tasks.retrieval.ranking import DEPTH
from charrobust.tasks.retrieval.remarks import rank_remarks, relevant_beginning

# Fields that the format adds to the records: a document has the one, a query the other. No JSON file has such names.
DOCUMENT, COLLECTION = "(document)", "(collection)"
FIELDS = ("query", "corpus")
LAYOUT = "a BEIR folder: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv"

_SHOWN = 5  # documents of a ranking on a page
Rows = list[tuple[int, Record]]


@dataclass(frozen=True)
class Retrieval(Task):
    """What of a collection is attacked.

    Attributes:
        attacked: ``query``, ``corpus`` (titles and texts) or both.
    """

    name: ClassVar[str] = "retrieval"
    head: ClassVar[str] = "charrobust.tasks.retrieval.head:RetrievalHead"
    formats: ClassVar[tuple[str, ...]] = ("beir",)
    pipeline: ClassVar[str] = "sentence-similarity"
    target_word: ClassVar[str] = "relevant documents"
    target_option: ClassVar[str] = "`split`"
    text_names: ClassVar[tuple[str, ...]] = ("query",)
    ranks: ClassVar[bool] = True

    attacked: tuple[str, ...] = ("query",)

    def __post_init__(self) -> None:
        """Check the field names, and that no column tells languages."""
        for field in self.attacked:
            if field not in FIELDS:
                raise UserError(f"unknown field {field!r} of retrieval; {hint(field, FIELDS)}")
        # A query is ranked among documents of all languages, which one attack makes.
        if self.language_column is not None:
            raise UserError(
                "a collection for retrieval is attacked in one language: leave out `language_column`, and name the "
                "language with the recipe, as in charbert:de"
            )

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class; the fields have fixed names."""
        if named or target:
            raise place.error("the fields of retrieval have fixed names (_id, title, text); name no columns")
        if DOCUMENT in record or COLLECTION in record:
            return cls()
        raise place.error(f"not a collection for retrieval: expected {LAYOUT}")

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; lists hold no corpus.

        Args:
            inputs: Not read.

        Returns:
            Nothing.

        Raises:
            UserError: Always.
        """
        raise UserError(f"retrieval needs a corpus, which lists do not hold; give {LAYOUT}")

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class; there are no plain lists."""
        raise place.error(f"retrieval needs a corpus, which lists do not hold; give {LAYOUT}")

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        # A query has a text alone.
        if "corpus" in self.attacked:
            return "title", "text"
        return ("text",)

    def examples(self, batch: Batch) -> Iterator[Example]:
        """See the base class: an example a query, and none for documents."""
        for _, record, place in batch.rows():
            query = document_of(record, place)
            if DOCUMENT in record:
                continue
            collection: Collection = record[COLLECTION]
            relevant = collection.relevant(query.id)
            yield Example(query.id, (query.text,), relevant, corpus=collection.searched_by(query.id))

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """See the base class."""
        perturbed = Perturbation(list(map(dict, batch.records)))
        documents: Rows = []
        queries: Rows = []
        for (row, _, place), record in zip(batch.rows(), perturbed.records, strict=True):
            # For its checks alone: what is wrong is told with its place before anything is attacked.
            document_of(record, place)
            if DOCUMENT in record:
                documents.append((row, record))
            else:
                queries.append((row, record))
        if "corpus" in self.attacked:
            # Titles are optional: an absent one must not become an empty one.
            titled = [(row, record) for row, record in documents if record.get("title") is not None]
            _perturb_column(titled, attack, perturbed, column="title", field="title")
            _perturb_column(documents, attack, perturbed, column="text", field="text")
            for _, record in queries:
                # Queries are compared with documents of the same edits as those above: attacks draw by id and field.
                record[COLLECTION] = record[COLLECTION].attacked(attack)
        if "query" in self.attacked:
            _perturb_column(queries, attack, perturbed, column="text", field="query")
        return perturbed

    def check_one_record(self) -> None:
        """See the base class: all queries read one corpus."""
        if "corpus" in self.attacked:
            raise UserError(
                "a search edits one record at a time, and the corpus is read by all queries; attack the queries alone "
                "(`field` = query)"
            )

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """See the base class."""
        return restored_columns(record, edits, place)

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class; the queries are noised.

        Args:
            examples: The examples.
            attack: The attack.
            ids: The identity of each.

        Returns:
            The examples with noised queries, in order.

        Raises:
            UserError: Only the corpus is to be attacked.
        """
        if "query" not in self.attacked:
            raise UserError("training on noise puts it on queries; leave out `field`, or name query too")
        queries = [example.texts[0] for example in examples]
        edited = attack.texts(queries, ids=ids, field="query")
        noised = []
        for example, text in zip(examples, edited.texts, strict=True):
            noised.append(replace(example, texts=(text,)))
        return noised

    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """See the base class: the queries."""
        return {"query": [example.texts[0] for example in examples]}

    def identities(self, examples: Sequence[Example]) -> list[str] | None:
        """See the base class: the queries' ids, which all have."""
        return [example.id for example in examples]

    def check_comparable(self) -> None:
        """See the base class: no distance between rankings is learnt."""
        raise UserError(
            "the task 'retrieval' has no consistency loss: noised queries are learnt by their relevant documents; "
            "leave out `consistency`"
        )

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: nDCG@10, MRR@10, recall@10 and recall@100."""
        return RETRIEVAL_METRICS

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: nDCG@10."""
        check_paired(targets, predictions)
        return of_queries(ndcg, targets, predictions)

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: a relevant document is on top."""
        check_paired(targets, predictions)
        return of_queries(_has_relevant_top, targets, predictions) > 0

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: ids of documents, the best first, or a score for each document; the best of them stay."""
        if isinstance(answer, Mapping):
            scores = {str(name): number_in(score) for name, score in answer.items()}
            answer = sorted(scores, key=lambda name: -scores[name])
        return texts_of(list_of(answer, "ids of documents"))[:DEPTH]

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: ids of documents, the best first."""
        return isinstance(value, tuple) and len(value) <= DEPTH and all(isinstance(name, str) for name in value)

    def target_text(self, target: Target) -> str:
        """See the base class: the relevant documents, with their gains where these are not 1."""
        names = []
        for name, gain in target or ():
            if gain != 1:
                name = f"{name} (gain {gain})"
            names.append(name)
        return ", ".join(names)

    def prediction_text(self, prediction: Prediction) -> str:
        """See the base class: the first documents."""
        return ", ".join(prediction[:_SHOWN]) or "no document"

    def target_remark(self, example: Example) -> str:
        """See the base class: the beginning of the first relevant document."""
        return relevant_beginning(example)

    def prediction_remarks(self, prediction: Prediction, example: Example) -> tuple[str, ...]:
        """See the base class: the rank of the first relevant document, and what stands first in its place."""
        return rank_remarks(prediction, example)

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class: documents are not filtered by."""
        return []


def _perturb_column(rows: Rows, attack: Attack, perturbed: Perturbation, *, column: str, field: str) -> None:
    """Attack a column of records, in place, and note the edits.

    Args:
        rows: Records with their numbers.
        attack: The attack.
        perturbed: Where the edits are noted.
        column: The column.
        field: The field of the attack: those of one id are edited independently.
    """
    names = [str(record["_id"]) for _, record in rows]
    texts = [record[column] for _, record in rows]
    edited = attack.texts(texts, ids=names, field=field)
    entries = []
    for (row, record), name, text in zip(rows, names, edited.texts, strict=True):
        record[column] = text
        # The log names the column, where `restore` puts the text back; the field is only what edits are drawn by.
        entries.append(Entry(row, name, column))
    perturbed.note(Entries.of(entries), edited.edits, edited.tally)


def _has_relevant_top(relevant: Target, ranking: Prediction) -> float:
    """Return 1 for a ranking with a relevant document on top, else 0."""
    names = {name for name, _ in relevant}
    return float(bool(ranking) and ranking[0] in names)
