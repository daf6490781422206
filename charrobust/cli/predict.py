"""``charrobust predict``: what a model says of a data set, in a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.asking import (
    MODEL_HELP,
    MODEL_NAME,
    BatchSize,
    BudgetLimit,
    DataName,
    Endpoint,
    Engine,
    Fit,
    FitOn,
    GateOn,
    TrustType,
    Wait,
    Workers,
    Yes,
)
from charrobust.cli.data_options import takes_data
from charrobust.cli.model_options import Device, TrustRemoteCode
from charrobust.cli.result import Result
from charrobust.datasets.options import DataOptions


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(takes_data(predict))


def predict(
    model: Annotated[str, typer.Option("--model", "-m", metavar=MODEL_NAME, help=MODEL_HELP)],
    data: DataName,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: .jsonl, .csv, .tsv or .parquet; also with .gz.")
    ],
    scores: Annotated[
        bool, typer.Option("--scores", help="Write how probable each class is, too; the model is asked twice.")
    ] = False,
    batch_size: BatchSize = 32,
    device: Device = None,
    endpoint: Endpoint = None,
    budget: BudgetLimit = None,
    fit_on: FitOn = None,
    fit: Fit = "linear",
    gate_on: GateOn = None,
    trust_type: TrustType = None,
    trust_remote_code: TrustRemoteCode = False,
    yes: Yes = False,
    engine: Engine = "local",
    workers: Workers = None,
    wait: Wait = 30.0,
    *,
    reading: DataOptions,
) -> Result:
    """Write what a model says of each example, in order, to a file that `score` reads.

    A run that was broken off goes on with the same command. With RANK and WORLD_SIZE in the environment, as torchrun
    sets them, each process asks about its share, and the first writes the file.
    """
    from charrobust.cli.asking import code_run, confirmed, device_of_process, share_done, training_set
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import stages
    from charrobust.cli.shared import say, tell
    from charrobust.datasets.source import open_source
    from charrobust.scoring.predicting.predict import predict as run
    from charrobust.systems.share import Share, ShareDone

    hush_transformers()
    share = Share.of_environment(patience=wait)
    opened = open_source(data, reading)
    tell([*opened.notes, *code_run([model])])
    training = None if fit_on is None else training_set(fit_on, reading)
    known = None if gate_on is None else training_set(gate_on, reading)
    try:
        with stages(lambda _: "") as progress:
            found = run(
                model,
                opened,
                output,
                scores=scores,
                batch_size=batch_size,
                device=device or device_of_process(),
                endpoint=endpoint,
                budget=budget,
                fit_on=training,
                fit=fit,
                gate_on=known,
                trust_types=trust_type or (),
                trust_remote_code=trust_remote_code,
                confirm=partial(confirmed, yes=yes),
                engine=engine,
                workers=workers,
                share=share,
                progress=progress,
            )
    except ShareDone:
        return share_done(share)
    if found.skipped:
        tell([f"{opened.name}: {len(found.skipped):,} bad records are left out: {'; '.join(found.skipped)}"])
    say(f"wrote {output}: {found.examples:,} predictions of {found.system}")
    figures = {"system": found.system, "examples": found.examples, "left_out": len(found.skipped)}
    return Result({"predictions": output}, figures)
