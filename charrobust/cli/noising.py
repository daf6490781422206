"""What commands on words of noised sentences share: their options, and reading and attacking sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from charrobust.errors import UserError
from charrobust.files import claimed, made

if TYPE_CHECKING:
    from charrobust.datasets.options import DataOptions
    from charrobust.scoring.noised import NoisedSentences


def read_noised(
    data: str,
    attack: str,
    *,
    severity: str | None,
    seed: int | None,
    limit: int | None,
    reading: DataOptions,
) -> tuple[NoisedSentences, list[tuple[str, ...]]]:
    """Read the sentences of a data set and attack them.

    Args:
        data: A file, a card's name or ``hub:NAME:SPLIT``; a ``.txt`` file holds a text a line.
        attack: Recipe.
        severity: Its severity; None for its own.
        seed: Its seed; None for its own.
        limit: Read no more than this many sentences.
        reading: How the data set is to be read.

    Returns:
        The sentences, and the tags of each where the data set has tags.

    Raises:
        UserError: There is no such data set or recipe.
        DataError: A record is not what the task asks for, or there is none.
    """
    from itertools import islice

    from charrobust.cli.shared import tell
    from charrobust.datasets.formats import suffix_of
    from charrobust.datasets.load import read_source
    from charrobust.datasets.source import open_source
    from charrobust.perturb import Attack
    from charrobust.scoring.noised import NoisedSentences
    from charrobust.training.corpora import documents

    loaded = Attack.load(attack, severity=severity, seed=seed)
    if suffix_of(Path(data)) == ".txt":
        return _some(NoisedSentences.attacked(list(islice(documents([data]), limit)), loaded), data), []
    read = read_source(open_source(data, reading), limit=limit, labelled=False)
    tell(read.told)
    tags = [example.target for example in read.examples if read.task.pretokenized and example.target is not None]
    return _some(NoisedSentences.of_examples(read.examples, read.task, loaded), data), tags


def data_name(data: str) -> str:
    """Return the name of a data set for results, without the folders that it lies in."""
    return Path(data).name if Path(data).exists() else data


def _some(noised: NoisedSentences, data: str) -> NoisedSentences:
    """Return the sentences, if there are any.

    Raises:
        UserError: There is none.
    """
    if not noised.pairs:
        raise UserError(f"{data} holds no sentence; expected at least one")
    return noised


def named_path(text: str) -> tuple[str, str]:
    """Take ``[NAME=]PATH`` apart; without a name it is the last part of the path.

    Args:
        text: What was given on the command line.

    Returns:
        The name and the path.

    Raises:
        UserError: A part is empty, or there are defences, which stand before models that predict.
    """
    from charrobust.systems.naming import parse_system

    parsed = parse_system(text)
    if parsed.defences:
        raise UserError(
            f"model {text!r}: expected [NAME=]PATH of an encoder, without the defences {', '.join(parsed.defences)}, "
            "which correct what predictors read"
        )
    return parsed.name or Path(parsed.path).absolute().name, parsed.path


def by_name(given: list[str]) -> dict[str, str]:
    """Return paths by their names.

    Args:
        given: Paths, each as :func:`named_path` takes it.

    Returns:
        The path of each name.

    Raises:
        UserError: Two have one name.
    """
    found: dict[str, str] = {}
    for text in given:
        name, path = named_path(text)
        if name in found:
            raise UserError(f"two of them are called {name!r}; tell them apart with NAME=PATH")
        found[name] = path
    return found


@contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """Give a folder to write to; made if there is none, and gone again if nothing was written because of an error.

    Args:
        path: The folder to write.

    Yields:
        The folder.

    Raises:
        UserError: It cannot be made, or another run writes to it.
    """
    with made(path), claimed(path):
        yield path
