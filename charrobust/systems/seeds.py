"""Models of one run that differ in their seed: scored together, asked one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.progress import Progress, no_progress
from charrobust.systems.system import System
from charrobust.tasks.examples import Example, Prediction

RUN = "finetuning.json"  # what fine-tuning writes about a model


class Seeds(System):
    """The models of several seeds, as one row of a table: mean, spread and the worst of them."""

    def __init__(self, name: str, models: Sequence[System], *, source: str = "") -> None:
        """Put models together.

        Args:
            name: Name in tables.
            models: The models, at least one, of one task.
            source: Where they came from.
        """
        first = models[0]
        self.name, self.source = name, source
        self.task, self.labels, self.texts, self.tokenizer = first.task, first.labels, first.texts, first.tokenizer
        self.is_screened = first.is_screened
        self._models = tuple(models)

    @property
    def members(self) -> tuple[System, ...]:
        """See the base class: the models."""
        return self._models

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the fingerprints of all models."""
        parts = [model.fingerprint for model in self._models]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def keep_in(self, folder: Path) -> None:
        """See the base class: each of the models keeps its own."""
        for model in self._models:
            model.keep_in(folder)

    def prepare(self, progress: Progress = no_progress) -> None:
        """See the base class: each of the models is prepared."""
        for model in self._models:
            model.prepare(progress)

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """Refuse to predict, as the models need not agree.

        Args:
            examples: Not read.
            progress: Not called.

        Returns:
            Nothing.

        Raises:
            UserError: Always.
        """
        names = ", ".join(model.name for model in self._models)
        raise UserError(f"{self.name} holds models of several seeds: {names}; ask one of its `members`")


def seed_folders(place: Path) -> list[Path]:
    """Return the folders of the seeds of a run; none where a folder is no run of several seeds.

    Args:
        place: The folder of the run.

    Returns:
        The folder of each seed, in order.

    Raises:
        UserError: The run is not finished.
    """
    record = place / RUN
    if (place / "config.json").is_file() or not record.is_file():
        return []
    try:
        content: Any = parse_json(record.read_bytes())
    except ValueError:
        return []  # the model's own loading says what is wrong with the file
    if not isinstance(content, dict) or not isinstance(content.get("seeds"), list):
        return []
    folders = [place / f"seed-{seed}" for seed in content["seeds"]]
    missing = [folder.name for folder in folders if not (folder / "config.json").is_file()]
    if missing or "measured" not in content:
        raise UserError(
            f"the run in {place} is not finished{': it lacks ' if missing else ''}{', '.join(missing)}; go on with: "
            f"charrobust finetune --output {place} --resume ..., or name the folder of one seed"
        )
    return folders
