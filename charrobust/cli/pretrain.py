"""``charrobust pretrain``: noisy-LM pre-training of a character channel, or of an encoder without one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import panels
from charrobust.cli.ending import Interrupted as Ended
from charrobust.cli.model_options import Device, TrustRemoteCode
from charrobust.cli.options import changes, settings_options
from charrobust.cli.result import Result
from charrobust.cli.run_options import CorpusLanguage, MeasuredText, ModelFolder, Resume, TextColumn
from charrobust.errors import UserError
from charrobust.training.pretraining.configuration import Configuration, load_configuration, parse_configuration

if TYPE_CHECKING:
    from charrobust.training.pretraining.pretrain import Pretrained

_SHOWN = {
    "loss": ("loss", ".3f"),
    "nlm_loss": ("NLM", ".3f"),
    "mlm_loss": ("MLM", ".3f"),
    "distillation_loss": ("distillation", ".4f"),
    "nlm_accuracy": ("words right", ".1%"),
    "tokens_per_second": ("tokens/s", ",.0f"),
    "data_wait_share": ("waiting for data", ".0%"),
}
_MEASURED = {
    "mlm_loss": "masked LM, loss on clean text",
    "nlm_accuracy": "noised words recognised",
    "nlm_outside": "noised words outside the word vocabulary",
    "shift": "representation shift",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pretrain")(pretrain)


@settings_options(Configuration, show_defaults=False)
def pretrain(
    *,
    output: ModelFolder,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus", "-c", help="Text: .txt, .jsonl, .parquet, a folder or hub:NAME:SPLIT; may be repeated."
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option(help="minilm (default), e5-small, charbert-base, advbert, or a TOML file.")
    ] = None,
    resume: Resume = False,
    settings: Mapping[str, Any],
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any other value, such as training.batch_size=8; repeatable.",
            rich_help_panel=panels.RUNNING,
        ),
    ] = None,
    evaluation: MeasuredText = None,
    column: TextColumn = "text",
    language: CorpusLanguage = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
) -> Result | None:
    """Pre-train a character channel on any text (CharBERT), or an encoder on noised text (AdvBERT).

    For several GPUs: torchrun --nproc-per-node 2 -m charrobust pretrain ...
    """  # noqa: DOC501 - it is the help of the command
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import interruption, is_first, leave_group, stages
    from charrobust.training.interruptions import Interrupted
    from charrobust.training.pretraining.pretrain import pretrain as run

    hush_transformers()
    configuration = _configuration(output, config, changes(settings, change), resume=resume)
    if not corpus and not resume:
        raise UserError("there is no text to train on; give some with `corpus`")
    try:
        with stages(_described) as progress:
            done = run(
                configuration,
                corpus or [],
                output,
                resume=resume,
                evaluation=evaluation or [],
                column=column,
                language=language,
                device=device,
                trust_remote_code=trust_remote_code,
                progress=progress,
            )
    except Interrupted as error:
        leave_group()
        message = interruption(error, f"charrobust pretrain --output {output} --resume")
        raise Ended(128 + error.number, message) from None
    leave_group()
    if not is_first():
        return None
    _show(done)
    figures = {"steps": done.steps, "measured": done.evaluation, "metrics": done.metrics}
    return Result({"model": done.output}, figures)


def _configuration(output: Path, name: str | None, changes: Mapping[str, Any], *, resume: bool) -> Configuration:
    """Return the configuration that was named; on resumption, without a name, that of the run."""
    from dataclasses import asdict

    from charrobust.training.pretraining.manifest import configuration_of_run

    if resume and name is None:
        return parse_configuration(asdict(configuration_of_run(output)), changes)
    return load_configuration(name or "minilm", changes)


def _described(metrics: Mapping[str, float]) -> str:
    """Return the metrics that are shown while training, as text."""
    return "  ".join(f"{name} {metrics[key]:{form}}" for key, (name, form) in _SHOWN.items() if key in metrics)


def _show(done: Pretrained) -> None:
    from charrobust.cli.shared import console, table

    out = console()
    rows = table("on held-out blocks", "", numbers=(1,))
    for key, name in _MEASURED.items():
        value = getattr(done.evaluation, key)
        if value is not None:
            rows.add_row(name, f"{value:.4f}")
    out.print(rows)
    if done.metrics:
        out.print(_described(done.metrics))
    out.print(
        f"wrote {done.output} after {done.steps} steps: model, model card, pretraining.json, metrics.jsonl",
        markup=False,
        soft_wrap=True,
    )
