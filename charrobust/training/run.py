"""A training run in its folder: claimed or taken up again, stopped by a signal, and written down at its end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.files import claimed
from charrobust.progress import Progress, no_progress
from charrobust.settings import Checked, differences, read
from charrobust.training.checkpoints import last_whole_checkpoint
from charrobust.training.interruptions import Interrupted
from charrobust.training.manifest import METRICS, begun, read_manifest, refuse_differences, write_manifest


@dataclass(frozen=True)
class RunKind:
    """What all runs of a kind have in common.

    Attributes:
        manifest: File name of the manifest.
        settings: The dataclass of its entry ``configuration``.
        fixed: Entries that must be as they were where a run goes on. Of ``digests``, which are no reading matter,
            the message tells only that they differ.
        optional: Those of them that count as unchanged where they are empty, for they were not given again.
        content: What the digests are of, beside the recipe.
        early: What else a run writes before its first checkpoint.
    """

    manifest: str
    settings: type[Checked]
    fixed: Collection[str]
    optional: Collection[str] = ()
    content: str = "the data"
    early: Collection[str] = ()


@dataclass
class Run:
    """A run of some kind.

    Attributes:
        kind: What runs of its kind have in common.
        output: Its folder.
        manifest: What it writes about itself.
        resumes: Whether it goes on with what was begun in the folder.
        progress: Called with the progress of the run.
        writes: Whether this process writes; of several processes that train together, the first does.
    """

    kind: RunKind
    output: Path
    manifest: dict[str, Any]
    resumes: bool = False
    progress: Progress = no_progress
    writes: bool = True

    def __post_init__(self) -> None:
        """Take up the manifest of the run that this one goes on with; nothing is written yet.

        Raises:
            UserError: There is no such run, or it differs in more than what may change.
        """
        if self.resumes:
            self.manifest = self._manifest_brought_up_to_date()

    def _manifest_brought_up_to_date(self) -> dict[str, Any]:
        old = read_manifest(self.output, self.kind.manifest)
        if not {"configuration", *self.kind.fixed} <= old.keys():
            raise UserError(
                f"{self.output / self.kind.manifest} is no manifest of a run; begin a new one in another folder"
            )
        new = json.loads(json.dumps(self.manifest))  # as it would be read: with lists for tuples
        changed = differences(*(read(self.kind.settings, each["configuration"]) for each in (old, new)))
        refuse_differences(self.output, [*changed, *self._changed_entries(old, new)])
        # What was measured, or found out by loading, stays; what may change is written as it is from now on.
        return old | {name: self.manifest[name] for name in ("configuration", "versions")}

    def _changed_entries(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Return a line for each entry that may not change and did."""
        lines = []
        for name in self.kind.fixed:
            not_given_again = name in self.kind.optional and not new[name]
            if new[name] == old[name] or not_given_again:
                continue
            if name == "digests":
                lines.append(f"{self.kind.content} or the recipe hold something else")
            else:
                lines.append(f"{name}: {old[name]}, now {new[name]}")
        return lines

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder of a new run, or write the manifest of one that goes on, and keep other runs from it.

        Raises:
            UserError: The folder cannot be written, is in use by another run, or holds a run or something else already.
        """
        early = {self.kind.manifest, METRICS, *self.kind.early}
        if not self.writes:
            yield
        elif self.resumes:
            with claimed(self.output):
                write_manifest(self.output, self.manifest, self.kind.manifest)
                yield
        else:
            with begun(self.output, self.manifest, self.kind.manifest, early=early):
                yield

    @cached_property
    def checkpoint(self) -> Path | None:
        """The checkpoint of the library's Trainer that the run goes on from; None for a beginning."""
        return last_whole_checkpoint(self.output) if self.resumes else None

    def check_ended(self, step: int, steps: int) -> None:
        """Make sure that a run came to its end.

        Args:
            step: Steps done.
            steps: Steps of the whole run.

        Raises:
            Interrupted: It did not, because a signal ended it.
        """
        if step < steps:
            raise Interrupted(step, steps, self.output)

    def note(self, name: str, value: Any) -> None:
        """Write at once what was found out on the way: a run that goes on from a checkpoint does not find it out again.

        Args:
            name: Its entry of the manifest.
            value: What is written.

        Raises:
            UserError: The folder cannot be written.
        """
        self.manifest[name] = value
        if self.writes:
            write_manifest(self.output, self.manifest, self.kind.manifest)

    def finish(self, card: str) -> None:
        """Write what stands beside the weights: the model card, and last the manifest, which tells that a run is whole.

        Args:
            card: The model card.

        Raises:
            UserError: The folder cannot be written.
        """
        # The Trainer's own settings are a pickle, which nobody should have to trust; the manifest holds them all.
        (self.output / "training_args.bin").unlink(missing_ok=True)
        (self.output / "README.md").write_text(card, encoding="utf-8")
        write_manifest(self.output, self.manifest, self.kind.manifest)

    def remove_checkpoints(self) -> None:
        """Remove the checkpoints of the library's Trainer."""
        for checkpoint in self.output.glob("checkpoint-*"):
            shutil.rmtree(checkpoint)
