"""``charrobust try``: a page on this machine where sentences are typed and shown to models."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli.asking import MODEL_NAME, Fit, FitOn, TrustType
from charrobust.cli.ending import Interrupted
from charrobust.cli.model_options import Device, TrustRemoteCode
from charrobust.cli.result import Result
from charrobust.tasks.registry import DEFAULT_TASK

if TYPE_CHECKING:
    from charrobust.live.server import LiveServer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("try")(try_sentences)


def try_sentences(
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar=MODEL_NAME,
            help="A model as `evaluate` takes it, or a character channel without a head; repeatable. Without one, the "
            "page shows edits.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes a free one.")] = 8421,
    task: Annotated[str, typer.Option(help="Task of models that do not tell theirs.")] = DEFAULT_TASK,
    fit_on: FitOn = None,
    fit: Fit = "linear",
    device: Device = None,
    trust_type: TrustType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> Result:
    """Serve a page where you type a sentence, move the severity, and see edits and what models say of them.

    The page is for browsers on this machine alone, and asks nobody else. Ctrl-C ends it.
    """
    from charrobust.cli.asking import code_run, training_set
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.shared import say, tell
    from charrobust.datasets.options import DataOptions
    from charrobust.live.participants import participants
    from charrobust.live.server import LiveServer
    from charrobust.live.trial import Trial
    from charrobust.systems.naming import SystemOptions
    from charrobust.tasks.registry import task_class

    hush_transformers()
    names = model or []
    tell(code_run(names))
    options = SystemOptions(
        device=device,
        task=task_class(task),
        fit_on=None if fit_on is None else training_set(fit_on, DataOptions()),
        fit=fit,
        trust_types=tuple(trust_type or ()),
        trust_remote_code=trust_remote_code,
    )
    with LiveServer(Trial(participants(names, options)), port) as server:
        say(f"open {server.address} in a browser; Ctrl-C ends")
        _serve(server)
    return Result({}, {"address": server.address, "models": names})


def _serve(server: LiveServer) -> None:
    """Serve until Ctrl-C, which is how one ends it; a scheduler's signal ends it as any other command.

    Raises:
        Interrupted: A scheduler's signal came.
    """
    try:
        server.serve_forever()
    except Interrupted as stopped:
        if stopped.status != 128 + signal.SIGINT:
            raise
    finally:
        # Python goes through all objects at its end: with libraries and models loaded that takes seconds.
        gc.freeze()
