"""Defences that stand before any model: what restores misspelt words of a text before the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Protocol, runtime_checkable

from charrobust.errors import UserError, hint
from charrobust.systems.encodings import Encodings, holds_encodings
from charrobust.systems.gates import GATE, gate_margin
from charrobust.systems.words import replaced, word_places
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example

SPELLING, FOLD = "spelling", "fold"


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


@runtime_checkable
class TextRestorer(Protocol):
    """Restores strings as wholes, blanks and all, where words cannot be told before."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash: restorers of equal ones restore alike."""
        ...

    def passages(self, passages: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a string for each string of passages, restored or as it was, none of them empty that was not."""
        ...


def restore(restorer: Restorer | TextRestorer, examples: Sequence[Example], task: type[Task]) -> list[Example]:
    """Restore the texts of examples; a restorer of words keeps their number and order, blanks and punctuation.

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


def restore_all(
    restorers: Sequence[Restorer | TextRestorer], examples: Sequence[Example], task: type[Task]
) -> list[Example]:
    """Restore the texts of examples by several restorers, one after the other.

    Args:
        restorers: What restores, in order.
        examples: The examples.
        task: The class of their task.

    Returns:
        The examples as :func:`restore` leaves them; their targets are those of the texts that were given.
    """
    read = list(examples)
    for restorer in restorers:
        read = restore(restorer, read, task)
    return read


def with_targets(read: Sequence[Example], examples: Sequence[Example], task: type[Task]) -> list[Example]:
    """Return restored examples with what is right of them, where it stands in the restored texts.

    Args:
        read: What restorers made of examples.
        examples: The examples.
        task: The class of their task.

    Returns:
        What was read, with its targets.
    """
    carried = []
    for mine, example in zip(read, examples, strict=True):
        carried.append(replace(mine, target=task.carried_on(example.target, example, mine)))
    return carried


def restored(restorer: Restorer | TextRestorer, passages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Restore running text; where words are restored, all between them stays.

    Args:
        restorer: What restores.
        passages: Strings that are read together: one text, or the tokens of a sentence. A token may hold several
            words, or none.

    Returns:
        The strings restored, as many for each passage.
    """
    if isinstance(restorer, TextRestorer):
        return restorer.passages(passages)
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


@dataclass(frozen=True)
class GatedName:
    """What ``[gate+]DEFENCE`` says.

    Attributes:
        name: ``spelling``, ``fold``, or a folder.
        margin: What the gate before it says of names, see :class:`charrobust.systems.gates.Gate`; None for no gate.
    """

    name: str
    margin: float | None


def behind_gates(names: Sequence[str]) -> list[GatedName]:
    """Tell gates from what stands behind them.

    Args:
        names: What stands before a model, in order.

    Returns:
        The defences, each with the gate before it.

    Raises:
        UserError: Behind a gate stands nothing, or another gate.
    """
    found: list[GatedName] = []
    gate, margin = "", None
    for name in names:
        # A folder of that name is what its user means.
        told = None if Path(name).exists() else gate_margin(name)
        if gate and told is not None:
            raise UserError(f"{gate!r} stands before {name!r}; leave one of the gates out")
        if told is None:
            found.append(GatedName(name, margin))
            gate, margin = "", None
        else:
            gate, margin = name, told
    if gate:
        raise UserError(f"{gate!r} stands before a model; a gate stands before a defence: gate+spelling+MODEL")
    return found


def load_restorer(name: str | Path) -> Restorer | TextRestorer:
    """Load a restorer.

    Args:
        name: ``spelling``, ``fold``, or a folder that ``charrobust train-recogniser`` or ``charrobust train-encodings``
            wrote.

    Returns:
        The restorer.

    Raises:
        UserError: It is neither, a file of the folder is damaged, or a package is not installed.
    """
    # A folder of that name is what its user means. Restorers are imported late: most need a package of their own.
    if str(name) == SPELLING and not Path(name).exists():
        from charrobust.systems.spelling import Spelling

        return Spelling.load()
    if str(name) == FOLD and not Path(name).exists():
        from charrobust.systems.folding import Fold

        return Fold()
    if not Path(name).is_dir():
        raise UserError(
            f"unknown defence {str(name)!r}; {hint(str(name), [SPELLING, FOLD, GATE])}, or a folder that charrobust "
            "train-recogniser or train-encodings wrote"
        )
    if holds_encodings(Path(name)):
        return Encodings.load(Path(name))
    from charrobust.systems.recognition import WordRecognition

    return WordRecognition.load(Path(name))
