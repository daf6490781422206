"""Evaluation data, clean and under attacks, by which a model is scored in the course of its training and at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import load_data
from charrobust.errors import UserError
from charrobust.systems.labels import label_names, translated
from charrobust.systems.system import System
from charrobust.tasks.metrics import score


class AttackedData:
    """Evaluation data with the versions that attacks make of them, drawn once: all scores are of the same edits.

    Attributes:
        data: The clean data.
    """

    def __init__(self, data: DataSet | Any, attacks: Sequence[str]) -> None:
        """Draw the versions.

        Args:
            data: The data set, or what :func:`load_data` makes one of.
            attacks: Recipes, such as ``charbert`` or ``drop@0.5``, and files that are attacked already.

        Raises:
            UserError: An attack asks the model, as searches do.
        """
        attackers = plan_attackers(attacks)
        asking = [attacker.name for attacker in attackers if attacker.asks]
        if asking:
            raise UserError(
                f"attack {asking[0]!r} asks a model about many texts, which a training has no time for; give a recipe, "
                "such as charbert, and search with `charrobust evaluate` afterwards"
            )
        self.data = load_data(data)
        self._versions = make_versions(self.data, attackers)

    @property
    def names(self) -> list[str]:
        """The names of the versions, the clean one first."""
        return [version.name for version in self._versions]

    def scores(self, system: System) -> dict[str, dict[str, float]]:
        """Score a system.

        Args:
            system: The system.

        Returns:
            Its metrics by name, the main one first, on each version by name, the clean one first.

        Raises:
            UserError: The system does not fit the data.
        """
        names = label_names(system, self.data)
        targets = [example.target for example in self.data.examples]
        # Labels that only the model knows come behind those of the data.
        labels = tuple(dict.fromkeys([*self.data.classes, *names.values()]))
        metrics = self.data.task.metrics(targets, labels)
        found = {}
        for version in self._versions:
            predictions = translated(self.data.task, system.predict(version.examples), names)
            found[version.name] = {metric.name: score(metric, targets, predictions) for metric in metrics}
        return found
