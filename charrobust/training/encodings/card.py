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
    settings, measured = manifest["configuration"], manifest["measured"]
    in_percent = {name: f"{100 * measured[name]:.1f} %" for name in ("stable", "stable_before", "changed", "outside")}
    return {
        "corpus": f"{', '.join(manifest['corpus'])}: {manifest['words']:,} words",
        "typos": f"recipe `{settings['recipe']}`",
        "vocabulary": f"{measured['vocabulary']:,} words; {in_percent['outside']} of the corpus is others",
        "read as": f"{measured['encodings']:,} words; {in_percent['changed']} of running words are changed",
        "no typo is read otherwise": f"{in_percent['stable']} of running words ({in_percent['stable_before']} without "
        "clusters)",
        "fidelity, back-off": f"{settings['fidelity']:g}, {settings['backoff']}",
        "versions": versions_line(manifest["versions"]),
    }
