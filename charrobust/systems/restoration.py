"""Defences that stand before any model: what restores misspelt words of a text before the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from charrobust.errors import UserError, hint
from charrobust.systems.words import replaced, word_places
from charrobust.tasks.examples import Example

SPELLING = "spelling"


class Restorer(Protocol):
    """Restores misspelt words."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash: restorers of equal ones restore alike."""
        ...

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences, restored or as it was."""
        ...


def restore(restorer: Restorer, examples: Sequence[Example], task: str) -> list[Example]:
    """Restore the words of examples; number and order of words, blanks and punctuation stay.

    Args:
        restorer: What restores.
        examples: The examples.
        task: ``tagging``: tokens are restored, and stay tokens. ``qa``: the question is; the context stays, and with it
            the places of answers. Others: all texts are.
    """
    if task == "tagging":
        sentences = restored(restorer, [example.texts for example in examples])
        return [replace(example, texts=tuple(tokens)) for example, tokens in zip(examples, sentences, strict=True)]
    count = 1 if task == "qa" else None
    texts = iter(restored(restorer, [[text] for example in examples for text in example.texts[:count]]))
    return [_with_first(example, [next(texts)[0] for _ in example.texts[:count]]) for example in examples]


def _with_first(example: Example, texts: Sequence[str]) -> Example:
    return replace(example, texts=(*texts, *example.texts[len(texts) :]))


def restored(restorer: Restorer, passages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Restore the words of running text; all between them stays.

    Args:
        restorer: What restores.
        passages: Strings that are read together: one text, or the tokens of a sentence. A token may hold several
            words, or none.
    """
    places = [[word_places(string) for string in strings] for strings in passages]
    sentences = [
        [string[start:end] for string, spans in zip(strings, found, strict=True) for start, end in spans]
        for strings, found in zip(passages, places, strict=True)
    ]
    made = []
    for strings, found, words in zip(passages, places, restorer.words(sentences), strict=True):
        following = iter(words)
        made.append(
            [
                replaced(string, spans, list(islice(following, len(spans))))
                for string, spans in zip(strings, found, strict=True)
            ]
        )
    return made


def load_restorer(name: str | Path) -> Restorer:
    """Load a restorer.

    Args:
        name: ``spelling``, or a folder that ``charrobust train-recogniser`` wrote.

    Raises:
        UserError: It is neither, a file of the folder is damaged, or a package is not installed.
    """
    if str(name) == SPELLING and not Path(name).exists():
        from charrobust.systems.spelling import Spelling

        return Spelling.load()
    if not Path(name).is_dir():
        raise UserError(
            f"unknown defence {str(name)!r}; {hint(str(name), [SPELLING])}, or a folder that charrobust "
            "train-recogniser wrote"
        )
    from charrobust.systems.recognition import WordRecognition

    return WordRecognition.load(Path(name))
