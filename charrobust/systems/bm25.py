"""BM25: documents ranked by the words that they share with a query, through the library ``bm25s``.

Texts are put in lower case and cut into runs of letters, digits and underscores; there is no stemming, and no word is
left out: frequent ones weigh little by themselves. ``k1`` and ``b`` are those that BEIR uses. Documents that share no
word with the query are no answers, so that a ranking may be short.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charrobust.packages import needed_for
from charrobust.progress import Progress, no_progress
from charrobust.systems.system import Judgement, System
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.retrieval.corpus import Passages
from charrobust.tasks.retrieval.ranking import best_documents, relevance_margin, searched
from charrobust.tasks.retrieval.record import Retrieval

if TYPE_CHECKING:
    from charrobust.systems.naming import SystemOptions

NAME = "bm25"
K1, B = 0.9, 0.4  # saturation of term frequencies, and weight of document lengths
_WORDS = re.compile(r"\w+")


class Bm25(System):
    """Ranks documents by BM25.

    Attributes:
        name: Its name.
        task: The class of its task.
    """

    def __init__(self) -> None:
        """Make a ranker.

        Raises:
            UserError: The library is not installed.
        """
        _library()
        self.name = NAME
        self.task: type[Task] = Retrieval
        self._indexes: dict[str, Any] = {}

    @property
    def fingerprint(self) -> str:
        """A digest of all that rankings depend on besides the texts."""
        code = {package: version(package) for package in ("bm25s", "charrobust")}
        asked = [NAME, K1, B, _WORDS.pattern, code]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Rank the documents of each query's corpus.

        Args:
            examples: The queries.
            progress: See :data:`charrobust.progress.Progress`.

        Returns:
            For each query the ids of documents, the best first; none where no word of the query is in the corpus.
        """
        scored = self._scored(examples, progress)
        return [best_documents(scores, searched(example), above=0.0) for example, scores in scored]

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: a margin is the lead of the best relevant document."""
        rankings: list[Prediction] = []
        margins = np.zeros(len(examples))
        for number, (example, scores) in enumerate(self._scored(examples, progress)):
            rankings.append(best_documents(scores, searched(example), above=0.0))
            margins[number] = relevance_margin(scores, example)
        return Judgement(rankings, margins, self.readings(examples))

    def readings(self, examples: Sequence[Example]) -> list[Hashable]:
        """See the base class: the words of each query that are in its corpus."""
        readings: list[Hashable] = []
        for example in examples:
            corpus = searched(example)
            known = self._known_words(example, self._index(corpus.passages))
            readings.append((tuple(sorted(known)), corpus.digest))
        return readings

    def _scored(self, examples: Sequence[Example], progress: Progress) -> Iterator[tuple[Example, NDArray[np.float32]]]:
        """Yield each query with the scores of the documents of its corpus."""
        for done, example in enumerate(examples, 1):
            passages = searched(example).passages
            index = self._index(passages)
            known = self._known_words(example, index)
            yield example, index.get_scores(known) if known else np.zeros(len(passages.ids), np.float32)
            progress(NAME, done, len(examples), {})

    @staticmethod
    def _known_words(example: Example, index: Any) -> list[str]:
        """Return the words of a query that are in an index."""
        return [word for word in words_of(example.texts[0]) if word in index.vocab_dict]

    def _index(self, passages: Passages) -> Any:
        """Return the index of a corpus, made once."""
        if passages.digest not in self._indexes:
            index = _library().BM25(k1=K1, b=B)
            texts = [words_of(passages.full_text(number)) for number in range(len(passages.ids))]
            index.index(texts, show_progress=False)
            self._indexes[passages.digest] = index
        return self._indexes[passages.digest]


def load_bm25(_name: str, _options: SystemOptions) -> Bm25:
    """Return a ranker, which has nothing to be loaded."""
    return Bm25()


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are counted."""
    return _WORDS.findall(text.lower())


def _library() -> Any:
    """Return the library.

    Raises:
        UserError: It is not installed.
    """
    with needed_for("ranking by BM25"):
        return import_module("bm25s")
