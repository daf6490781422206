"""The card of robust encodings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from charrobust.training.cards import front_matter, table, versions_line

_CARD = """---
{front}
---

# Robust encodings

Stand before any model, and read as one the words that typos turn into each other (Jones et al., ACL 2020). Fine-tune on
what they read, `charrobust finetune --behind FOLDER ...`, and score both together, `charrobust evaluate --model
FOLDER+MODEL ...`.

Written by `charrobust train-encodings`: all settings are in `training.json`.

{settings}
"""


def encodings_card(manifest: Mapping[str, Any]) -> str:
    """Return a card: Markdown with YAML front matter, as the hub reads it.

    Args:
        manifest: The manifest of the run.

    Returns:
        The card's text.
    """
    front: dict[str, Any] = {"library_name": "charrobust", "tags": ["charrobust", "robustness", "robust-encodings"]}
    if manifest["language"]:
        front["language"] = manifest["language"]
    return _CARD.format(front=front_matter(front), settings=table([("", ""), *map(list, _settings(manifest).items())]))


def _settings(manifest: Mapping[str, Any]) -> dict[str, str]:
    settings, outside = manifest["configuration"], manifest["outside"]
    return {
        "corpus": f"{', '.join(manifest['corpus'])}: {manifest['words']:,} words",
        "typos": f"recipe `{settings['recipe']}`",
        "vocabulary": f"{manifest['vocabulary']:,} words, which are {100 * (1 - outside):.1f} % of the corpus",
        "read as": f"{manifest['encodings']:,} words; {100 * manifest['changed']:.1f} % of running words are changed",
        "no typo is read otherwise": f"{100 * manifest['stable']:.1f} % of running words "
        f"({100 * manifest['stable_before']:.1f} % without clusters)",
        "fidelity, back-off": f"{settings['fidelity']:g}, {settings['backoff']}",
        "versions": versions_line(manifest["versions"]),
    }
