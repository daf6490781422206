"""Attacked data as a folder of tasks for another harness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from charrobust.attackers.versions import Version, clean_version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import load_data
from charrobust.errors import UserError, hint
from charrobust.files import replacing
from charrobust.scoring.attacked_folder.manifest import MANIFEST
from charrobust.scoring.attacked_folder.read import read_attacked
from charrobust.scoring.exchange import inspect_ai, lm_eval, mteb
from charrobust.scoring.exchange.draws import Draw, draws_of

# What is written, and returned: the command that runs it, with {folder} in it.
HARNESSES: dict[str, Callable[[DataSet, Sequence[Draw], Path], str]] = {
    "lm-eval": lm_eval.write,
    "inspect": inspect_ai.write,
    "mteb": mteb.write,
}


@dataclass(frozen=True)
class ExportedTasks:
    """What an export yields.

    Attributes:
        folder: Where the tasks are.
        tasks: Their names, that of the clean data first.
        examples: Number of examples of each.
        command: What runs them, with the model to be named.
    """

    folder: Path
    tasks: tuple[str, ...]
    examples: int
    command: str


def export_tasks(data: str | Path, output: str | Path, *, to: str, task: str | None = None) -> ExportedTasks:
    """Write attacked data as tasks of a harness, one for each version.

    Args:
        data: A folder that ``charrobust attack`` wrote, with the clean data and each attack; or one data set, as
            :func:`.load_data` takes it.
        output: Folder to write.
        to: Name of the harness: ``lm-eval``, ``inspect`` or ``mteb``.
        task: Name of the task of one data set, where nothing tells it.

    Returns:
        What was written.

    Raises:
        UserError: No such harness, something of the output's name, or a task that the harness is not asked for.
        DataError: A record is not what the task asks for.
    """
    if to not in HARNESSES:
        raise UserError(f"unknown harness {to!r}; {hint(to, HARNESSES)}")
    output = Path(output)
    if output.exists():
        raise UserError(f"the output {output} exists; give another name or remove it first")
    clean, versions = _read(data, task)
    draws = draws_of(clean, versions)
    with replacing(output) as temporary:
        temporary.mkdir()
        command = HARNESSES[to](clean, draws, temporary)
    command = command.replace("{folder}", quote(str(output)))
    return ExportedTasks(output, tuple(draw.name for draw in draws), len(clean), command)


def _read(data: str | Path, task: str | None) -> tuple[DataSet, Sequence[Version]]:
    """Return a data set and its versions: those of a folder, or itself alone.

    Raises:
        UserError: A task is named for a folder, which tells its own.
    """
    if not (Path(data) / MANIFEST).is_file():
        alone = load_data(data) if task is None else load_data(data, task=task)
        return alone, [clean_version(alone.examples)]
    if task is not None:
        raise UserError(f"leave out `task`: {MANIFEST} of {data} tells it")
    return read_attacked(data)
