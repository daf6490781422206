"""Fine-tuning with several seeds: a folder each, and a summary with mean and spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.files import claimed
from charrobust.progress import Progress, no_progress
from charrobust.systems.predictor import SETTINGS
from charrobust.training.finetuning.finetune import Finetuned, finetune
from charrobust.training.finetuning.settings import FinetuningConfiguration
from charrobust.training.manifest import begun, read_manifest, write_manifest

_OF_ONE = ("seed", "steps", "kept_step", "measured", "attacked")


def finetune_seeds(
    configuration: FinetuningConfiguration,
    train: DataSet,
    evaluation: DataSet,
    *,
    output: str | Path,
    seeds: Sequence[int] = (1,),
    attacks: Sequence[str] = (),
    resume: bool = False,
    keep_checkpoints: bool = False,
    device: str | None = None,
    trust_remote_code: bool = False,
    progress: Progress = no_progress,
) -> list[Finetuned]:
    """Fine-tune a model once for each seed.

    With one seed ``output`` is the model's folder. With several it holds the folders ``seed-1``, ``seed-2`` ... and
    ``finetuning.json`` with mean and spread.

    Args:
        configuration: See :func:`charrobust.training.finetuning.finetune.finetune`, also for the others not named here.
        train: See there.
        evaluation: See there.
        output: Folder to write.
        seeds: The seeds.
        attacks: See there.
        resume: Whether to go on with what was begun; seeds that are finished stay, others are begun.
        keep_checkpoints: See there.
        device: See there.
        trust_remote_code: See there.
        progress: See there; the stage names the seed where there are several.

    Returns:
        For each seed, where its model was written and what was measured.

    Raises:
        UserError: See there.
        Interrupted: See there.
    """
    output = Path(output)
    run = partial(
        finetune,
        configuration,
        train,
        evaluation,
        attacks=attacks,
        keep_checkpoints=keep_checkpoints,
        device=device,
        trust_remote_code=trust_remote_code,
    )
    if len(seeds) == 1:
        return [run(output=output, seed=seeds[0], resume=resume, progress=progress)]
    if resume:
        _refuse_other_seeds(output, seeds)
        folder_is_ours = claimed(output)
    else:
        folder_is_ours = begun(output, {"seeds": list(seeds)}, SETTINGS, early={SETTINGS})
    done = []
    with folder_is_ours:
        for seed in seeds:
            folder = output / f"seed-{seed}"
            # A seed that an interrupted run did not come to has no folder yet, and begins.
            goes_on = resume and (folder / SETTINGS).exists()
            done.append(run(output=folder, seed=seed, resume=goes_on, progress=_named(progress, seed)))
        write_manifest(output, _summary(done), SETTINGS)
    return done


def _refuse_other_seeds(output: Path, seeds: Sequence[int]) -> None:
    """Refuse to go on with a run of several seeds without one of them.

    Raises:
        UserError: A seed is left out, or the folder holds a run with one.
    """
    begun_with = read_manifest(output, SETTINGS).get("seeds")
    if begun_with is None:
        raise UserError(
            f"{output} holds a run with one seed, not with several; go on with that seed, or begin a new run in "
            "another folder"
        )
    left_out = [seed for seed in begun_with if seed not in seeds]
    if left_out:
        listed, missing = (", ".join(map(str, some)) for some in (begun_with, left_out))
        raise UserError(
            f"{output} holds a run with the seeds {listed}, of which {missing} is left out; go on with all of them, "
            "or begin a new run in another folder"
        )


def _named(progress: Progress, seed: int) -> Progress:
    return lambda stage, step, steps, metrics: progress(f"{stage}, seed {seed}", step, steps, metrics)


def spread(done: Sequence[Finetuned]) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of each metric over seeds; 0 where there is one."""
    spreads = {}
    for name in done[0].measured:
        values = [each.measured[name] for each in done]
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        spreads[name] = (statistics.fmean(values), deviation)
    return spreads


def _summary(done: Sequence[Finetuned]) -> dict[str, Any]:
    """Return what is written about all seeds."""
    record = read_manifest(done[0].output, SETTINGS)
    measured = {}
    for name, (mean, deviation) in spread(done).items():
        values = [each.measured[name] for each in done]
        measured[name] = {"mean": mean, "spread": deviation, "values": values}
    common = {key: value for key, value in record.items() if key not in _OF_ONE}
    return common | {"seeds": [each.seed for each in done], "measured": measured}
