"""Systems and data whose outcome is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from charrobust.datasets import DataSet, load_data
from charrobust.progress import no_progress
from charrobust.scoring.evaluation.outcomes import Answered, Outcome
from charrobust.systems.defended import Defended
from charrobust.systems.system import System
from charrobust.tasks.registry import task_class

TEXTS = ["wonderful weather", "typing errors", "wonderful words", "storms change", "wonderful north", "the weather"]
LABELS = ["good", "bad", "good", "bad", "good", "bad"]


@dataclass
class FakePredictor(System):
    """Answers by rules: texts that hold a word are good, capitalised tokens are names, answers are the last word."""

    task: Any = "classification"
    labels: tuple[str, ...] = ("bad", "good")
    name: str = "fake"
    fingerprint: str = "f" * 64
    word: str = "wonderful"
    texts: int | None = None
    source: str = ""
    asked: list[tuple[str, ...]] = field(default_factory=list)
    breaks_after: int = 10**9

    def __post_init__(self):
        if find_spec("transformers"):
            from tests.models.tokenizers import wordpiece

            self.tokenizer = wordpiece()
        self.task = task_class(self.task)

    def predict(self, examples, progress=no_progress):
        if len(self.asked) + len(examples) > self.breaks_after:
            raise KeyboardInterrupt
        self.asked += [example.texts for example in examples]
        progress(self.name, len(examples), len(examples), {})
        return [self._say(example.texts) for example in examples]

    def _say(self, texts):
        if self.task.name == "classification":
            return self.labels[self.word in texts[0]]
        if self.task.name == "regression":
            return float(len(texts[0]))
        if self.task.name == "tagging":
            return tuple("B-PER" if token[:1].isupper() else "O" for token in texts)
        return texts[1].split()[-1].strip(".") if self.word in texts[0] else ""


@dataclass(frozen=True)
class FakeRestorer:
    """Sets one word right."""

    name: str = "restoration"
    fingerprint: str = "r" * 64
    wrong: str = "wonderfull"
    right: str = "wonderful"

    def words(self, sentences):
        return [[self.right if word == self.wrong else word for word in words] for words in sentences]


def fake_system(name: str = "fake", **options) -> Defended:
    options.setdefault("fingerprint", (name * 64)[:64])
    return Defended(name, FakePredictor(source=f"models/{name}", **options))


def outcome_of(task, targets, predictions) -> Outcome:
    """Return what one model made of one draw."""
    return Outcome(((Answered(task, targets, predictions),),))


def reviews(count: int = 6) -> DataSet:
    return load_data((TEXTS * count)[:count], (LABELS * count)[:count], name="reviews")


def names() -> DataSet:
    sentences = [["Peter", "saw", "the", "wonderful", "Rhine"], ["rain", "in", "London"], ["nothing"], []]
    tags = [["B-PER", "O", "O", "O", "B-PER"], ["O", "O", "B-PER"], ["O"], []]
    return load_data(sentences, tags, task="tagging", name="names")


def questions() -> DataSet:
    context = "The wonderful river Rhine ends in Rotterdam."
    inputs = [("Where is the wonderful end?", context), ("Who built a wonderful bridge?", context), ("Why?", context)]
    return load_data(inputs, [["Rotterdam", "in Rotterdam"], [], []], task="qa", name="questions")
