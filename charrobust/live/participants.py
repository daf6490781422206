"""Who is asked on the live page: systems, and character channels that have no head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError
from charrobust.systems.defended import Defended
from charrobust.systems.naming import SystemOptions, load_system, parse_system
from charrobust.systems.system import System
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example
from charrobust.tasks.records import Batch, Place

if TYPE_CHECKING:
    from charrobust.systems.channel_readings import WordReading

Reader = Callable[[str], "list[WordReading]"]
_PLACE = Place("the page", "sentence")


@dataclass(frozen=True)
class Participant:
    """Somebody who is asked.

    Attributes:
        name: Its name.
        system: What predicts; None for a channel without a head.
        read: Returns what its channel reads in the place of each word; None where it has no channel that tells.
    """

    name: str
    system: System | None
    read: Reader | None


def participants(names: list[str], options: SystemOptions) -> list[Participant]:
    """Load those who are asked.

    Args:
        names: Their names, as for :func:`.load_system`; or ``[NAME=]CHANNEL``.
        options: How they are loaded.

    Returns:
        The participants, in order.

    Raises:
        UserError: One cannot be loaded, reads more than one text, or two have one name.
    """
    loaded: dict[str, System] = {}
    found: list[Participant] = []
    for name in names:
        channel = _channel(name, options)
        found.append(channel or _of_system(load_system(name, options, loaded=loaded)))
    seen = [participant.name for participant in found]
    for name in seen:
        if seen.count(name) > 1:
            raise UserError(f"{seen.count(name)} models are called {name!r}; tell them apart with NAME=PATH")
    return found


def _channel(name: str, options: SystemOptions) -> Participant | None:
    """Return a channel that has no head, to look at what it reads; None for all else."""
    parsed = parse_system(name)
    if parsed.defences or options.fit_on is not None or ":" in parsed.path:
        return None
    from charrobust.models.channels import channel_directory

    if channel_directory(parsed.path) is None:
        return None
    from transformers import AutoModel

    from charrobust.models.weights import a_pooler
    from charrobust.systems.devices import device_of
    from charrobust.systems.loading import load_model, load_tokenizer

    model, _ = load_model(parsed.path, AutoModel, may_lack=a_pooler)
    read = _reader(model.to(device_of(options.device)), load_tokenizer(parsed.path))
    return Participant(parsed.name or parsed.path, None, read)


def _of_system(system: System) -> Participant:
    """Return a system as a participant.

    Raises:
        UserError: Its task does not read a single text.
    """
    if system.texts not in (None, 1):
        raise UserError(f"model {system.name!r} reads {system.texts} texts at once; the page asks about one")
    try:
        sentence_of(system.task, "A sentence.")
    except UserError as error:
        raise UserError(f"model {system.name!r} is for {system.task.name}; the page asks about one text") from error
    asked: Any = system
    while isinstance(asked, Defended):
        asked = asked.system
    model = getattr(asked, "model", None)
    return Participant(system.name, system, _reader(model, system.tokenizer))


def _reader(model: Any, tokenizer: Any) -> Reader | None:
    """Return what tells the readings of a model's channel; None where it has none."""
    if model is None or not getattr(tokenizer, "is_fast", False):
        return None
    # On use: what is no model of the transformers library needs no torch.
    from charrobust.systems.channel_readings import recognises_words, word_readings

    return (lambda text: word_readings(model, tokenizer, text)) if recognises_words(model) else None


def sentence_of(kind: type[Task], text: str) -> tuple[Task, Example]:
    """Return a text as an example of a task, of a sentence its words between blanks.

    Args:
        kind: The class of the task.
        text: The text.

    Returns:
        The task, with columns of its own, and the example.

    Raises:
        UserError: The task reads something else than one text.
    """
    given: Any = text.split() if kind.pretokenized else text
    task = kind.of_lists([given])
    # Nobody knows what is right: of tags, as many as there are words.
    target = [None] * len(given) if kind.pretokenized else None
    batch = Batch(0, [task.record_of(given, target, _PLACE)], [_PLACE])
    return task, next(iter(task.examples(batch)))
