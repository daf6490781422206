"""The options that say how a system is loaded and asked, the same for every command that asks one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli import completion, panels
from charrobust.cli.result import Result
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.datasets.dataset import DataSet
    from charrobust.datasets.options import DataOptions
    from charrobust.systems.estimate import Estimate
    from charrobust.systems.share import Share

MODEL_NAME = "[NAME=][DEFENCE+...]PATH"
MODEL_HELP = (
    "A fine-tuned model: a directory, hub id or .onnx file; a .skops file; python:MODULE:NAME, which runs code; a "
    "model behind an address: https://..., or a TOML file; with --fit-on any encoder; for retrieval any encoder, or "
    "bm25; before it defences: spelling, or the directory of a recogniser, each also behind a gate: gate+spelling+PATH."
)
DataName = Annotated[
    str,
    typer.Option(
        "--data",
        help="A file, the name of a data set card (reviews:test), or hub:NAME:SPLIT.",
        autocompletion=completion.data_sets,
    ),
]
BatchSize = Annotated[
    int,
    typer.Option(
        "--batch-size", min=1, help="Texts that a model reads at once, at most.", rich_help_panel=panels.MODELS
    ),
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        help="How models behind an address are asked: kserve-v2, openai-chat, or a TOML file.",
        rich_help_panel=panels.RUNNING,
    ),
]
BudgetLimit = Annotated[
    float | None,
    typer.Option(
        "--budget",
        help="Most that calls of this run may cost, in the currency of the TOML file's price.",
        rich_help_panel=panels.RUNNING,
    ),
]
FitOn = Annotated[
    str | None,
    typer.Option(
        "--fit-on",
        help="Training set, named as --data, for a classifier of the vectors of each encoder without a head.",
        rich_help_panel=panels.MODELS,
    ),
]
Fit = Annotated[str, typer.Option("--fit", help="What is fitted: linear or neighbours.", rich_help_panel=panels.MODELS)]
GateOn = Annotated[
    str | None,
    typer.Option(
        "--gate-on",
        help="Data, named as --data, whose words gates let stay, such as the training set.",
        rich_help_panel=panels.MODELS,
    ),
]
TrustType = Annotated[
    list[str] | None,
    typer.Option(
        "--trust-type",
        metavar="TYPE",
        help="A type that a .skops file may hold besides those that skops trusts; repeatable.",
        rich_help_panel=panels.MODELS,
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Ask a model that costs money or time without a question.", rich_help_panel=panels.RUNNING
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        help="Where models are asked: local, ray, or ray://HOST:PORT for a cluster.",
        rich_help_panel=panels.RUNNING,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Workers of Ray, each with a model; else one a GPU, or one a core.",
        rich_help_panel=panels.RUNNING,
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        help="With ranks (RANK, WORLD_SIZE): minutes that the first waits for a sign of the others.",
        rich_help_panel=panels.RUNNING,
    ),
]
_LONG = 10  # minutes that a model is asked without a question


def share_done(share: Share) -> Result:
    """Say that this process is done, and which one goes on.

    Args:
        share: The share of this process.

    Returns:
        The result of the command.
    """
    from charrobust.cli.shared import tell

    tell([f"rank {share.rank} of {share.ranks} has done its share; rank 0 puts all of them together"])
    return Result({}, {"rank": share.rank, "ranks": share.ranks})


def training_set(name: str, reading: DataOptions) -> DataSet:
    """Read the training set as the data are read, but for the split, which is that of the data.

    Args:
        name: Its name.
        reading: How the data are read.

    Returns:
        The training set.

    Raises:
        UserError: There is none of that name.
        DataError: A record is not what the task asks for.
    """
    from charrobust.cli.shared import tell
    from charrobust.datasets.load import read_source
    from charrobust.datasets.source import open_source

    read = read_source(open_source(name, replace(reading, split=None)))
    tell(read.notes())
    return read


def code_run(models: list[str]) -> list[str]:
    """Return what to say of models that are code: it is run."""
    from charrobust.systems.naming import parse_system

    paths = dict.fromkeys(parse_system(text).path for text in models)
    return [f"{path} runs code of that module" for path in paths if path.startswith("python:")]


def confirmed(estimate: Estimate, *, yes: bool) -> bool:
    """Say what is still to be asked, and ask whether to go on where that costs money, or takes long.

    Args:
        estimate: What is still to be asked.
        yes: Whether to go on without a question.

    Returns:
        Whether to go on.

    Raises:
        UserError: There is nobody to ask.
    """
    from charrobust.cli.shared import tell

    tell([f"still to be asked: {estimate}"])
    if yes or (estimate.amount is None and estimate.minutes <= _LONG):
        return True
    if not sys.stdin.isatty():
        raise UserError(
            f"{estimate.system} costs money or takes long, and there is no terminal to ask at; add `yes` to go on"
        )
    return typer.confirm("Go on?", err=True)


def device_of_process(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the GPU of this process, where the environment tells it from others of its host.

    Args:
        environment: With ``LOCAL_RANK``, the number of the process on its host.

    Returns:
        Such as ``cuda:1``; None where there is no such number, or no GPU of CUDA.
    """
    local = environment.get("LOCAL_RANK", "")
    # Without torch there is nothing that runs on a GPU.
    if not local.isdecimal() or find_spec("torch") is None:
        return None
    import torch

    return f"cuda:{int(local) % torch.cuda.device_count()}" if torch.cuda.is_available() else None
