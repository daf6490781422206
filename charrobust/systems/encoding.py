"""Examples as a model reads them: windows of tokens, cut where an example is longer than a model takes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import UserError
from charrobust.tasks.examples import Example

Places = NDArray[np.int32]

_HALVES = re.compile("[\ud800-\udfff]")
_CHUNK = 512  # examples that are handed to the tokenizer at once
_QUESTION = 64  # tokens of a question at most (Devlin et al., "BERT", NAACL 2019)
_SPECIAL = 8  # more than any model's special tokens around a pair


def readable(text: str) -> str:
    """Return a text with a sign in the place of each half of a surrogate pair, which tokenizers refuse."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def _nowhere() -> Places:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Window:
    """What a model reads of an example at once.

    Attributes:
        example: Number of the example.
        ids: Token ids, special ones included.
        segments: Segment of each token; None where the model has no segments.
        places: Tokens at which something is predicted: for tagging the first of each word that this window answers
            for, for question answering those of the context; none for texts as a whole.
        keys: What stands at each place: the number of the word in its sentence, or where in the context the token
            begins.
        ends: Question answering: where in the context the token ends.
        null: Question answering: the place of the answer "none".
    """

    example: int
    ids: list[int]
    segments: list[int] | None = None
    places: Places = field(default_factory=_nowhere)
    keys: Places = field(default_factory=_nowhere)
    ends: Places = field(default_factory=_nowhere)
    null: int = 0

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Encoder:
    """Turns examples into windows.

    Attributes:
        tokenizer: A tokenizer of the transformers library.
        task: Name of the task.
        max_length: Tokens of a window at most, special ones included.
        stride: Tokens that neighbouring windows share.
        segments: Whether the model tells the two texts of a pair by segments.
    """

    tokenizer: Any
    task: str
    max_length: int
    stride: int
    segments: bool

    def __post_init__(self) -> None:
        """Check that the tokenizer tells where its tokens stand, where that is needed.

        Raises:
            UserError: It does not.
        """
        if self.task in ("tagging", "qa") and not self.tokenizer.is_fast:
            raise UserError(
                f"the task {self.task!r} must know where tokens stand in a text, which "
                f"{type(self.tokenizer).__name__} does not tell; give a model with a fast tokenizer (tokenizer.json)"
            )

    def __call__(self, examples: Sequence[Example]) -> list[Window]:
        """Return the windows of some examples, in order.

        Raises:
            UserError: A text and what surrounds it does not fit a window.
        """
        encode = {"tagging": self._sentences, "qa": self._questions}.get(self.task, self._texts)
        found: list[Window] = []
        for first in range(0, len(examples), _CHUNK):
            found += encode(first, examples[first : first + _CHUNK])
        return found

    def _encoded(self, *texts: Sequence[str], **options: Any) -> Any:
        columns = ([readable(text) for text in column] for column in texts)
        return self.tokenizer(*columns, return_attention_mask=False, verbose=False, **options)

    def _segments(self, encoded: Any, row: int) -> list[int] | None:
        found = encoded.get("token_type_ids") if self.segments else None
        return None if found is None else found[row]

    def _texts(self, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """Yield a window for each text or pair; what is too long is cut."""
        columns = list(zip(*(example.texts for example in examples), strict=True))
        encoded = self._encoded(*columns, truncation=True, max_length=self.max_length)
        for row, ids in enumerate(encoded["input_ids"]):
            yield Window(first + row, ids or self._nothing(), self._segments(encoded, row) if ids else None)

    def _nothing(self) -> list[int]:
        """Return what stands for a text without tokens, where the tokenizer adds no special ones."""
        known = (self.tokenizer.unk_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id)
        return [next((token for token in known if token is not None), 0)]

    def _sentences(self, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """Yield the windows of sentences; those that are too long are cut between words."""
        sentences = [list(example.texts) for example in examples]
        encoded, words = self._located(sentences)
        for row, ids in enumerate(encoded["input_ids"]):
            if len(ids) <= self.max_length:
                yield self._sentence(first + row, encoded, row, words[row])
            else:
                yield from self._pieces(first + row, sentences[row], words[row], len(ids))

    def _located(self, sentences: list[list[str]]) -> tuple[Any, list[Places]]:
        """Encode sentences; return with them the word that each token belongs to, -1 for none.

        A word that the tokenizer leaves nothing of is read as an unknown one.
        """
        options = {"return_offsets_mapping": True}
        encoded = self._encoded([" ".join(words) for words in sentences], **options)
        located = [_words_of(words, spans) for words, spans in zip(sentences, encoded["offset_mapping"], strict=True)]
        lost = [row for row, words in enumerate(located) if len(np.unique(words[words >= 0])) < len(sentences[row])]
        if lost:
            for row in lost:
                there = set(located[row].tolist())
                unknown = self.tokenizer.unk_token or "?"
                sentences[row] = [w if number in there else unknown for number, w in enumerate(sentences[row])]
            encoded = self._encoded([" ".join(words) for words in sentences], **options)
            located = [
                _words_of(words, spans) for words, spans in zip(sentences, encoded["offset_mapping"], strict=True)
            ]
        return encoded, located

    def _sentence(self, example: int, encoded: Any, row: int, words: Places) -> Window:
        keys, places = np.unique(words, return_index=True)
        there = keys >= 0
        return Window(
            example,
            encoded["input_ids"][row] or self._nothing(),
            self._segments(encoded, row),
            places[there].astype(np.int32),
            keys[there],
        )

    def _pieces(self, example: int, sentence: list[str], words: Places, length: int) -> Iterator[Window]:
        """Yield the windows of a long sentence: as many words as fit, each word where it has most words around."""
        room = self.max_length - (length - int((words >= 0).sum()))
        sizes = np.bincount(words[words >= 0], minlength=len(sentence))
        spans, encoded, located = self._fitting(sentence, sizes, room)
        owner = _owners(spans, len(sentence))
        for row, (begin, _) in enumerate(spans):
            window = self._sentence(example, _cut(encoded, row, self.max_length), 0, located[row][: self.max_length])
            keys = window.keys + begin
            mine = owner[keys] == row
            yield Window(example, window.ids, window.segments, window.places[mine], keys[mine].astype(np.int32))

    def _fitting(
        self, sentence: list[str], sizes: NDArray[np.int64], room: int
    ) -> tuple[list[tuple[int, int]], Any, list[Places]]:
        """Return stretches of a sentence that fit windows, encoded; only a word alone may be too long."""
        spans = _stretches(sizes, room, min(self.stride, room // 2))
        encoded, located = self._located([sentence[a:b] for a, b in spans])
        excess = [
            len(ids) - self.max_length for ids, (a, b) in zip(encoded["input_ids"], spans, strict=True) if b - a > 1
        ]
        if max(excess, default=0) > 0:  # a word takes more tokens where nothing stands before it
            return self._fitting(sentence, sizes, room - max(excess))
        return spans, encoded, located

    def _questions(self, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """Yield the windows of questions: each holds the question and a part of the context."""
        most = min(_QUESTION, self.max_length // 2)
        questions = self._shortened([example.texts[0] for example in examples], most)
        encoded = self._encoded(
            questions,
            [example.texts[1] for example in examples],
            truncation="only_second",
            max_length=self.max_length,
            stride=min(self.stride, max(0, self.max_length - most - _SPECIAL)),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        begun = self.tokenizer.cls_token_id
        for row, (ids, example) in enumerate(
            zip(encoded["input_ids"], encoded["overflow_to_sample_mapping"], strict=True)
        ):
            inside = np.array([part == 1 for part in encoded.sequence_ids(row)])
            spans = np.array(encoded["offset_mapping"][row], np.int32)
            places = np.flatnonzero(inside).astype(np.int32)
            yield Window(
                first + example,
                ids,
                self._segments(encoded, row),
                places,
                spans[places, 0],
                spans[places, 1],
                ids.index(begun) if begun in ids else 0,
            )

    def _shortened(self, questions: list[str], most: int) -> list[str]:
        """Return questions of no more than some tokens."""
        spans = self._encoded(questions, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return [
            text if len(places) <= most else text[: places[most - 1][1]]
            for text, places in zip(questions, spans, strict=True)
        ]


def _cut(encoded: Any, row: int, length: int) -> dict[str, list[list[int]]]:
    """Return a text of several, cut where one word alone is longer than a window."""
    return {name: [encoded[name][row][:length]] for name in ("input_ids", "token_type_ids") if name in encoded}


def _words_of(words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Places:
    """Return the word that each token of a sentence belongs to, with the blank before the word; -1 for none."""
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)) + 1) - 1
    starts, stops = np.array(spans, np.int64).reshape(-1, 2).T
    number = np.searchsorted(ends, starts, side="right")
    return np.where((number < len(words)) & (stops > starts), number, -1).astype(np.int32)


def _stretches(sizes: NDArray[np.int64], room: int, shared: int) -> list[tuple[int, int]]:
    """Return stretches of words of no more than some tokens each, that share about as many tokens as wanted."""
    ends = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    spans, begin, count = [], 0, len(sizes)
    while True:
        end = max(begin + 1, bisect_right(ends, ends[begin] + room) - 1)
        spans.append((begin, min(end, count)))
        if end >= count:
            return spans
        back = bisect_right(ends, max(ends[end] - shared, 0)) - 1
        begin = min(end, max(begin + 1, back + 1))


def _owners(spans: list[tuple[int, int]], count: int) -> NDArray[np.int64]:
    """Return the stretch in which each word has most words on its poorer side, shape (count,)."""
    words = np.arange(count)
    around = [
        np.where((words >= begin) & (words < end), np.minimum(words - begin if begin else count, end - 1 - words), -1)
        if end < count
        else np.where(words >= begin, words - begin if begin else count, -1)
        for begin, end in spans
    ]
    best: NDArray[np.int64] = np.argmax(np.stack(around), axis=0)
    return best
