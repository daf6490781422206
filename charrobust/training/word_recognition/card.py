"""The model card of a word recogniser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from charrobust.training.cards import front_matter, table, versions_line
from charrobust.training.word_recognition.errors import WordErrors

_CARD = """---
{front}
---

# A word recogniser

Stands before any model and restores misspelt words: a semi-character recurrent network (Sakaguchi et al., AAAI 2017;
Pruthi et al., ACL 2019). Use it as `charrobust evaluate --model FOLDER+MODEL ...`.

Written by `charrobust train-recogniser`: all settings are in `recogniser.json`, the course of the run is in
`metrics.jsonl`.

## Word error rate on held-out text, in percent

{measured}

## How it came about

{settings}
"""


def recogniser_card(manifest: Mapping[str, Any], errors: Sequence[WordErrors]) -> str:
    """Return a model card: Markdown with YAML front matter, as the hub reads it.

    Args:
        manifest: The manifest of the run.
        errors: What was measured.

    Returns:
        The card's text.
    """
    front: dict[str, Any] = {"library_name": "charrobust", "tags": ["charrobust", "robustness", "word-recognition"]}
    if manifest["language"]:
        front["language"] = manifest["language"]
    return _CARD.format(
        front=front_matter(front),
        measured=table(_measured(errors)),
        settings=table([("", ""), *_settings(manifest).items()]),
    )


def _measured(errors: Sequence[WordErrors]) -> list[list[str]]:
    """Return rows of error rates in percent: a row a noise, a column a restorer."""
    rows = [["", "nothing done", *errors[0].restored]]
    for word_errors in errors:
        rates = (word_errors.nothing, *word_errors.restored.values())
        rows.append([word_errors.noise, *(f"{100 * rate:.1f}" for rate in rates)])
    return rows


def _settings(manifest: Mapping[str, Any]) -> dict[str, str]:
    settings, inside = manifest["configuration"], 1 - manifest["outside"]
    return {
        "corpus": f"{', '.join(manifest['corpus'])}: {manifest['words']:,} words",
        "noise": f"recipe `{settings['recipe']}`",
        "vocabulary": f"{manifest['vocabulary']:,} words, which are {100 * inside:.1f} % of the corpus",
        "back-off": settings["backoff"],
        "steps": f"{settings['steps']:,} of {settings['batch_words']:,} words",
        "learning rate, seed": f"{settings['learning_rate']:g}, {settings['seed']}",
        "versions": versions_line(manifest["versions"]),
    }
