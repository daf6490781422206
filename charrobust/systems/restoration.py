"""Defences that stand before any model: what restores misspelt words of a text before the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from charrobust.errors import UserError, hint
from charrobust.systems.words import replaced, word_places
from charrobust.tasks.base import Task
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


def restore(restorer: Restorer, examples: Sequence[Example], task: type[Task]) -> list[Example]:
    """Restore the words of examples; number and order of words, blanks and punctuation stay.

    Args:
        restorer: What restores.
        examples: The examples.
        task: The class of their task: tells which texts are restored, and whether they are one sentence.

    Returns:
        The examples with their texts restored, and otherwise the same.
    """
    read = [task.read_texts(example) for example in examples]
    # Restorers read words by their neighbours: the tokens of an example are one sentence, each text one of its own.
    passages: Sequence[Sequence[str]] = read
    if not task.pretokenized:
        passages = [[text] for text in chain.from_iterable(read)]
    # In both cases the restored strings come one behind the other, as many for each example as were read of it.
    strings = iter(chain.from_iterable(restored(restorer, passages)))
    corrected = []
    for example, texts in zip(examples, read, strict=True):
        count = len(texts)
        corrected.append(replace(example, texts=(*islice(strings, count), *example.texts[count:])))
    return corrected


def restored(restorer: Restorer, passages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Restore the words of running text; all between them stays.

    Args:
        restorer: What restores.
        passages: Strings that are read together: one text, or the tokens of a sentence. A token may hold several
            words, or none.

    Returns:
        The strings with their words restored, as many for each passage.
    """
    places = [list(map(word_places, strings)) for strings in passages]
    sentences = [_words_at(strings, spans) for strings, spans in zip(passages, places, strict=True)]
    rebuilt = []
    for strings, spans, words in zip(passages, places, restorer.words(sentences), strict=True):
        following = iter(words)
        restored_strings = []
        for string, word_spans in zip(strings, spans, strict=True):
            string_words = list(islice(following, len(word_spans)))
            restored_strings.append(replaced(string, word_spans, string_words))
        rebuilt.append(restored_strings)
    return rebuilt


def _words_at(strings: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> list[str]:
    """Return the words of some strings, one after the other."""
    words: list[str] = []
    for string, places in zip(strings, spans, strict=True):
        words += [string[start:end] for start, end in places]
    return words


def load_restorer(name: str | Path) -> Restorer:
    """Load a restorer.

    Args:
        name: ``spelling``, or a folder that ``charrobust train-recogniser`` wrote.

    Returns:
        The restorer.

    Raises:
        UserError: It is neither, a file of the folder is damaged, or a package is not installed.
    """
    # A folder of that name is what its user means. Both restorers are imported late: each needs a package of its own.
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
