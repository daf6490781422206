"""A first look at data under attack, without any model: what changes, how often, and what each recipe would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from charrobust.attackers.drawn import Drawn
from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack, Tally
from charrobust.report.example_browser import fields_of
from charrobust.scoring.evaluation.results import AttackedExample
from charrobust.scoring.fragility.results import Fragility

_SHOWN = 8  # examples of each attack
_SENTENCE = (20, 120)  # characters of a text that shows what recipes do


@dataclass(frozen=True)
class AttackLook:
    """What one attack does to the data.

    Attributes:
        attack: The attack.
        tally: What happened to the words.
        changed: Share of the words that changed.
        touched: Share of the examples that changed.
        examples: The first examples that changed, each as fields of fragments; see :func:`.fields_of`.
    """

    attack: Attack
    tally: Tally
    changed: float
    touched: float
    examples: tuple[tuple[dict[str, Any], ...], ...]


@dataclass(frozen=True)
class Look:
    """A first look.

    Attributes:
        data: The data set, or its beginning.
        attacks: What attacks do to it.
        fragility: What the first of them does to the sub-tokens of tokenizers; None where none was asked about.
        sentence: A short text of the data, on which all recipes are shown; empty where there is none.
    """

    data: DataSet
    attacks: tuple[AttackLook, ...]
    fragility: Fragility | None
    sentence: str


def look_at(data: DataSet, attacks: Sequence[Attack], tokenizers: Mapping[str, Any] | None = None) -> Look:
    """Attack data and gather what is to be seen.

    Args:
        data: The data set, or its beginning.
        attacks: The attacks, at least one.
        tokenizers: Tokenizers by the names that tables show, as for :func:`.measure_fragility`.

    Returns:
        What there is to see.

    Raises:
        UserError: An attack cannot be made on the data, or there is no such tokenizer.
    """
    return Look(
        data,
        tuple(_attack_look(data, attack) for attack in attacks),
        _fragility(data, attacks[0], tokenizers) if tokenizers else None,
        _sentence(data),
    )


def _attack_look(data: DataSet, attack: Attack) -> AttackLook:
    version = Drawn(attack, attack.recipe.name).attack(None, data)
    tally = Tally()
    for batch in data.batches:
        tally.add(data.task.attack_records(batch, attack).tally)
    changed = [number for number in range(len(data)) if version.examples[number].texts != data.examples[number].texts]
    shown = tuple(_fields(data, version, number) for number in changed[:_SHOWN])
    return AttackLook(attack, tally, version.info.words_changed, len(changed) / len(data), shown)


def _fields(data: DataSet, version: Version, number: int) -> tuple[dict[str, Any], ...]:
    """Return an example before and after, of several fields those that changed."""
    clean, attacked = data.examples[number], version.examples[number]
    example = AttackedExample(
        id=clean.id,
        attack=version.name,
        target="",
        clean=clean.texts,
        attacked=attacked.texts,
        edits=version.edits(number),
        predictions=(),
    )
    return tuple(field for field in fields_of(type(data.task), example) if field["changed"])


def _fragility(data: DataSet, attack: Attack, tokenizers: Mapping[str, Any]) -> Fragility:
    # On use: tokenizers need libraries that a look without them does not.
    from charrobust.scoring.fragility.measure import measure_fragility
    from charrobust.scoring.noised import NoisedSentences

    noised = NoisedSentences.of_examples(data.examples, data.task, attack)
    return measure_fragility(tokenizers, noised, data=data.name)


def _sentence(data: DataSet) -> str:
    """Return the first text of the data that is neither short nor long; empty where there is none."""
    shortest, longest = _SENTENCE
    for example in islice(data.examples, 1000):
        text = " ".join(example.texts) if data.task.pretokenized else example.texts[0]
        if shortest <= len(text) <= longest:
            return text
    return ""
