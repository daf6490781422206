"""Data sets for fine-tuning: what is held out, samples, and whether they can be learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xxhash

from charrobust.datasets.cards import Task
from charrobust.errors import DataError
from charrobust.tasks.examples import Example

_HELD_OUT = 10  # one of this many examples is held out
_TARGETS = {"classification": "a label", "regression": "a number", "tagging": "tags", "qa": "answers"}
_SEED = 20  # of samples and of what is held out: the same for all seeds of a run, so that they can be compared


@dataclass(frozen=True)
class DataSet:
    """Examples of a task.

    Attributes:
        name: What they are called in records.
        examples: The examples, each with its target.
        labels: Names of the classes or tags of the data that these were drawn from; none for those of the examples.
    """

    name: str
    examples: Sequence[Example]
    labels: tuple[str, ...] = ()


def held_out(data: DataSet) -> tuple[DataSet, DataSet]:
    """Take a tenth of a data set, at least one example, as what is measured on.

    Returns:
        What is trained on, and what is measured on.

    Raises:
        DataError: There are less than two examples.
    """
    count = len(data.examples)
    if count < 2:
        raise DataError(f"{data.name} holds {count} examples; expected two or more, so that one can be held out")
    order = np.random.default_rng(_SEED).permutation(count)
    kept = {int(number) for number in order[: max(1, count // _HELD_OUT)]}
    train = [example for number, example in enumerate(data.examples) if number not in kept]
    measured = [example for number, example in enumerate(data.examples) if number in kept]
    return replace(data, examples=train), DataSet(f"a tenth of {data.name}", measured)


def sample(data: DataSet, limit: int | None) -> DataSet:
    """Return no more than some examples of a data set, drawn at random, in order; labels are those of all."""
    if limit is None or limit >= len(data.examples):
        return data
    chosen = np.sort(np.random.default_rng(_SEED).permutation(len(data.examples))[:limit])
    return DataSet(data.name, [data.examples[number] for number in chosen], data.labels or labels_of(data.examples))


def labels_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the labels or tags of some examples; numbers in the order of their values, then words."""
    targets = (example.target for example in examples if example.target is not None)
    found = {label for target in targets for label in (target if isinstance(target, tuple) else (target,))}
    return tuple(sorted(map(str, found), key=lambda label: (0, int(label), "") if label.isdecimal() else (1, 0, label)))


def checked_labels(task: Task, train: DataSet, evaluation: DataSet) -> Sequence[str]:
    """Return the names of the classes or tags that are learnt; none for other tasks.

    Raises:
        DataError: There are no examples, targets are missing, there is only one class, or classes occur in the
            evaluation data alone.
    """
    for data in (train, evaluation):
        if not data.examples:
            raise DataError(f"{data.name} holds no examples; expected at least one")
        missing = next((example for example in data.examples if example.target is None), None)
        if missing is not None:
            option = "--tag-column" if task.name == "tagging" else "--label-column"
            column = getattr(task, "tags" if task.name == "tagging" else "label", None)
            raise DataError(
                f"{data.name}: example {missing.id} has no target: expected {_TARGETS[task.name]} in the column "
                f"{column!r}; name another with {option}, or give data that have one"
            )
    learnt, measured = (len(data.examples[0].texts) for data in (train, evaluation))
    if task.name in ("classification", "regression") and learnt != measured:
        raise DataError(
            f"examples of {train.name} have {learnt} text{'s'[: learnt - 1]}, those of {evaluation.name} {measured}; "
            "name the text columns with --text-column, twice for a pair"
        )
    if task.name not in ("classification", "tagging"):
        return ()
    names = train.labels or labels_of(train.examples)
    if len(names) < 2:
        raise DataError(
            f"{train.name}: expected two labels or more, got {', '.join(names) or 'none'}; give data of several classes"
        )
    found = labels_of(evaluation.examples)
    unknown = [label for label in found if label not in names]
    if unknown and task.name == "classification":
        raise DataError(
            f"{evaluation.name} has labels that {train.name} has not, so that they cannot be learnt: "
            f"{', '.join(unknown)}; training data: {', '.join(names)}; evaluation data: {', '.join(found)}"
        )
    return names


def digest_of(examples: Sequence[Example]) -> str:
    """Return a digest of some examples, by which changed data are noticed."""
    digest = xxhash.xxh3_128()
    for example in examples:
        digest.update(repr((example.texts, example.target, example.spans)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
