"""Whether data sets can be learnt from, and measured on."""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from charrobust.datasets.dataset import DataSet
from charrobust.errors import DataError
from charrobust.tasks.examples import Example


def checked_labels(train: DataSet, evaluation: DataSet) -> Sequence[str]:
    """Return the names of the classes or tags that are learnt; none for tasks without labels.

    Args:
        train: What is trained on.
        evaluation: What is measured on.

    Returns:
        The names, in the order of the model's outputs.

    Raises:
        DataError: There are no examples, targets are missing, there is only one class, or classes occur in the
            evaluation data alone.
    """
    for data in (train, evaluation):
        _check_targets(data)
    _check_texts(train, evaluation)
    task = train.task
    if not task.label_word:
        return ()
    names = train.classes
    if len(names) < 2:
        raise DataError(
            f"{train.name}: expected two labels or more, got {', '.join(names) or 'none'}; give data of several classes"
        )
    measured = evaluation.task.classes(example.target for example in evaluation.examples)
    if not task.labels_suffice(names, measured):
        unknown = [label for label in measured if label not in names]
        raise DataError(
            f"{evaluation.name} has labels that {train.name} has not, so that they cannot be learnt: "
            f"{', '.join(unknown)}; training data: {', '.join(names)}; evaluation data: {', '.join(measured)}"
        )
    return names


def _check_targets(data: DataSet) -> None:
    """Refuse data without examples, or with an example that nobody knows the right answer of.

    Raises:
        DataError: With the example.
    """
    if not data.examples:
        raise DataError(f"{data.name} holds no examples; expected at least one")
    for example in data.examples:
        if example.target is None:
            raise DataError(
                f"{data.name}: example {example.id} has no target: expected {data.task.target_word} in the column "
                f"{data.task.target_column!r}; name another with {data.task.target_option}, or give data that have one"
            )


def _check_texts(train: DataSet, evaluation: DataSet) -> None:
    """Refuse to train on single texts and measure on pairs, or the other way round.

    Raises:
        DataError: With both numbers.
    """
    learnt, measured = len(train.examples[0].texts), len(evaluation.examples[0].texts)
    if train.task.paired_texts and learnt != measured:
        raise DataError(
            f"examples of {train.name} have {learnt} text{'s'[: learnt - 1]}, those of {evaluation.name} {measured}; "
            "name them with `text_column`, twice for a pair"
        )


def digest_of(examples: Sequence[Example]) -> str:
    """Return a digest of some examples, by which changed data are noticed."""
    digest = xxhash.xxh3_128()
    for example in examples:
        corpus = "" if example.corpus is None else example.corpus.digest
        # By `repr`, in which borders between texts are seen: joined, two pairs of texts could be one string.
        digest.update(repr((example.texts, example.target, example.spans, corpus)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
