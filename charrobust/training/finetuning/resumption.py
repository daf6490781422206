"""Whether a fine-tuning run may go on, and whether it had ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.settings import differences
from charrobust.systems.predictor import SETTINGS
from charrobust.training.finetuning.settings import FinetuningConfiguration, parse_finetuning
from charrobust.training.finetuning.trainer import evaluations, is_over
from charrobust.training.manifest import read_manifest, refuse_differences

_FIXED = ("task", "columns", "data", "examples", "digests", "seed")  # what may not


def check_same(output: Path, record: dict[str, Any]) -> dict[str, Any]:
    """Check that a run may go on as it was begun; return its record brought up to date.

    Raises:
        UserError: There is no such run, or it differs.
    """
    old = read_manifest(output, SETTINGS)
    if "seeds" in old:
        seeds = ", ".join(map(str, old["seeds"]))
        raise UserError(f"{output} holds a run with the seeds {seeds}; go on with all of them, or name one's folder")
    if not {"configuration", *_FIXED} <= old.keys():
        raise UserError(f"{output / SETTINGS} is no record of a run; begin a new one in another folder")
    before, now = (parse_finetuning(each["configuration"]) for each in (old, record))
    found = differences(before, now)
    for name in _FIXED:
        mine, theirs = (json.loads(json.dumps(each[name])) for each in (old, record))
        if mine != theirs:
            changed = f"{name}: {mine}, now {theirs}"
            found.append("the data or the recipe hold something else" if name == "digests" else changed)
    refuse_differences(output, found)
    return old | {name: record[name] for name in ("configuration", "versions")}


def has_ended(checkpoint: Path, configuration: FinetuningConfiguration) -> bool:
    """Tell whether a run had ended early when a checkpoint was written."""
    state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    return is_over(evaluations(state["log_history"]), configuration.training.patience)
