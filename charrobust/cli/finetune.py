"""``charrobust finetune``: train a model for a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion, panels
from charrobust.cli.data_options import takes_data
from charrobust.cli.ending import Interrupted as Ended
from charrobust.cli.model_options import Device, TrustRemoteCode
from charrobust.cli.options import changes, settings_options
from charrobust.cli.result import Result
from charrobust.cli.run_options import ModelFolder, Resume
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError
from charrobust.training.finetuning.settings import FinetuningConfiguration, load_finetuning

if TYPE_CHECKING:
    from charrobust.datasets.dataset import DataSet
    from charrobust.training.finetuning.finetune import Finetuned

_SHOWN = {
    "loss": ("loss", ".3f"),
    "consistency_loss": ("consistency", ".3f"),
    "adversarial_success": ("flipped", ".0%"),
    "examples_per_second": ("ex/s", ",.0f"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("finetune")(finetune)


@takes_data
@settings_options(FinetuningConfiguration)
def finetune(
    *,
    train: Annotated[
        str,
        typer.Option(
            "--train",
            help="What to train on: a file, a card (reviews:train) or hub:NAME:SPLIT.",
            autocompletion=completion.data_sets,
        ),
    ],
    output: ModelFolder,
    evaluation: Annotated[
        str | None, typer.Option("--eval", help="What to measure on; else a tenth of the training data is held out.")
    ] = None,
    settings: Mapping[str, Any],
    limit: Annotated[
        int | None, typer.Option(min=1, help="Train on no more examples than this, the same for every seed.")
    ] = None,
    eval_limit: Annotated[int | None, typer.Option(min=1, help="Measure on no more examples than this.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Train with the seeds 1 to this, and report the spread.")
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(min=0, max=2**32 - 1, help="Seed (default 1); repeatable.")] = None,
    attack: Annotated[
        list[str] | None,
        typer.Option(help="Score the model under this recipe at the end, too, for its card; repeatable."),
    ] = None,
    resume: Resume = False,
    keep_checkpoints: Annotated[
        bool,
        typer.Option(
            "--keep-checkpoints", help="Keep the last checkpoint of a finished run.", rich_help_panel=panels.RUNNING
        ),
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings.", rich_help_panel=panels.RUNNING)
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any other value, such as training.patience=2; repeatable.",
            rich_help_panel=panels.RUNNING,
        ),
    ] = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    reading: DataOptions,
) -> Result:
    """Train a model for a task; with noise or the worst that a search finds, if wanted."""
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import interruption, stages
    from charrobust.cli.shared import tell
    from charrobust.training.finetuning.seeds import finetune_seeds
    from charrobust.training.interruptions import Interrupted

    hush_transformers()
    configuration = load_finetuning(config, changes(settings, change))
    _check_settings(settings, configuration)
    chosen = _seeds(seeds, seed)
    data, measured = _data(train, evaluation, reading)
    learnt, measured = data.sample(limit), measured.sample(eval_limit)
    try:
        with stages(_described) as progress:
            done = finetune_seeds(
                configuration,
                learnt,
                measured,
                output=output,
                seeds=chosen,
                attacks=attack or (),
                resume=resume,
                keep_checkpoints=keep_checkpoints,
                device=device,
                trust_remote_code=trust_remote_code,
                progress=progress,
            )
    except Interrupted as error:
        raise Ended(128 + error.number, interruption(error, "the same command and --resume")) from None
    tell(_new_weights(done[0]))
    _show(configuration, done, measured, output)
    return Result({"folder": output, "models": [each.output for each in done]}, _figures(done, measured))


def _check_settings(given: Mapping[str, Any], configuration: FinetuningConfiguration) -> None:
    """Refuse settings of a noise or a search that there is not.

    Args:
        given: The settings that are options, None where one is not given.
        configuration: The settings of the run.

    Raises:
        UserError: One is of a recipe or a search, and none is named.
    """
    if given["noise.share"] is not None and not configuration.noise.recipe:
        raise UserError("--noise-share says how many examples are noised, but not how; name a recipe with --noise")
    for name in ("share", "budget"):
        if given[f"adversarial.{name}"] is not None and not configuration.adversarial.search:
            raise UserError(
                f"--adversarial-{name} is of a search, and there is none; name one with --adversarial, as greedy:1"
            )


def _figures(done: Sequence[Finetuned], measured: DataSet) -> dict[str, Any]:
    """Return what was measured, for programs."""
    from charrobust.training.finetuning.seeds import spread

    means = {}
    for name, (mean, deviation) in spread(done).items():
        means[name] = {"mean": mean, "spread": deviation}
    seeds = [{"seed": each.seed, "steps": each.steps, "measured": each.measured} for each in done]
    return {"data": measured.name, "examples": len(measured.examples), "measured": means, "seeds": seeds}


def _new_weights(done: Finetuned) -> list[str]:
    """Return what to say of weights that the encoder did not bring."""
    if not done.new_weights:
        return []
    return [f"new weights, which the encoder did not bring: {', '.join(done.new_weights)}"]


def _seeds(count: int | None, named: list[int] | None) -> list[int]:
    """Return the seeds that were asked for.

    Raises:
        UserError: They are given in both ways, or one of them twice.
    """
    if count is not None and named:
        raise UserError("--seeds and --seed exclude each other; give a number of seeds, or the seeds")
    found = list(range(1, count + 1)) if count is not None else list(named or [])
    if len(set(found)) < len(found):
        raise UserError(f"a seed is given twice: {', '.join(map(str, found))}")
    return found or [1]


def _data(train: str, evaluation: str | None, reading: DataOptions) -> tuple[DataSet, DataSet]:
    """Read what is trained on and what is measured on, of which the task is the same."""
    from charrobust.cli.shared import tell
    from charrobust.datasets.load import read_source
    from charrobust.datasets.source import open_source

    opened = open_source(train, reading)
    data = read_source(opened)
    tell(data.notes())
    if evaluation is None:
        learnt, measured = data.held_out()
        tell([f"no --eval: holding out {len(measured):,} of {len(data):,} training examples to measure on"])
        return learnt, measured
    # The task is told once, by the training data: other records might look like those of another.
    others = read_source(open_source(evaluation, replace(reading, task=opened.task.name)))
    tell(others.notes())
    return data, others


def _described(metrics: Mapping[str, float]) -> str:
    shown = [f"{name} {metrics[key]:{form}}" for key, (name, form) in _SHOWN.items() if key in metrics]
    main = next((key for key in metrics if key.startswith("eval_")), None)
    return "  ".join([*shown, *([f"{main.removeprefix('eval_')} {metrics[main]:.3f}"] if main else [])])


def _show(configuration: FinetuningConfiguration, done: Sequence[Finetuned], measured: DataSet, output: Path) -> None:
    from rich.markup import escape

    from charrobust.cli.shared import console, table
    from charrobust.training.finetuning.seeds import spread

    out = console()
    rows = table(escape(f"on {len(measured.examples):,} examples of {measured.name}"), "", numbers=(1,))
    for name, (mean, deviation) in spread(done).items():
        rows.add_row(escape(name), f"{mean:.4f}" + (f" ± {deviation:.4f}" if len(done) > 1 else ""))
    out.print(rows)
    if len(done) > 1:
        out.print(f"mean and standard deviation of {len(done)} seeds")
    for defence in configuration.defences:
        out.print(f"defence: {defence}", markup=False)
    if configuration.behind:
        behind = "+".join([*configuration.behind, str(output)])
        out.print(f"score it behind the same: --model {behind}", markup=False, soft_wrap=True)
    if len(done) > 1:
        folders = ", ".join(each.output.name for each in done)
        out.print(f"wrote {output}: {folders}, and finetuning.json with mean and spread", markup=False, soft_wrap=True)
        return
    out.print(f"wrote {output}: model, model card, finetuning.json, metrics.jsonl", markup=False, soft_wrap=True)
