"""The model card of a word recogniser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

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
    """
    settings, language = manifest["configuration"], manifest["language"]
    front = {"library_name": "charrobust", "tags": ["charrobust", "robustness", "word-recognition"]}
    front |= {"language": language} if language else {}
    names = [*errors[0].restored]
    known = f"{manifest['vocabulary']:,} words, which are {100 * (1 - manifest['outside']):.1f} % of the corpus"
    measured = [["", "nothing done", *names], ["---"] * (2 + len(names))]
    measured += [
        [each.noise, *(f"{100 * value:.1f}" for value in (each.nothing, *each.restored.values()))] for each in errors
    ]
    rows = {
        "corpus": f"{', '.join(manifest['corpus'])}: {manifest['words']:,} words",
        "noise": f"recipe `{settings['recipe']}`",
        "vocabulary": known,
        "back-off": settings["backoff"],
        "steps": f"{settings['steps']:,} of {settings['batch_words']:,} words",
        "learning rate, seed": f"{settings['learning_rate']:g}, {settings['seed']}",
        "versions": ", ".join(f"{package} {version}" for package, version in manifest["versions"].items()),
    }
    return _CARD.format(
        front="\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()),
        measured=_table(measured),
        settings=_table([["", ""], ["---", "---"], *map(list, rows.items())]),
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
