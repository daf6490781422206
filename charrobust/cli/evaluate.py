"""``charrobust evaluate``: what attacks do to models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion, panels
from charrobust.cli.asking import (
    MODEL_HELP,
    MODEL_NAME,
    BatchSize,
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
from charrobust.cli.language_option import Language
from charrobust.cli.model_options import Device, SegmentationDropout, TrustRemoteCode
from charrobust.cli.result import Result
from charrobust.cli.search_options import BudgetLimit, Budgets, Screen, SearchBudget
from charrobust.datasets.options import DataOptions

if TYPE_CHECKING:
    from charrobust.attackers.versions import AttackInfo
    from charrobust.scoring.evaluation.results import Comparison, Results, Score

CSV = "scores.csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(takes_data(evaluate))


def evaluate(
    model: Annotated[list[str], typer.Option("--model", "-m", metavar=MODEL_NAME, help=f"{MODEL_HELP} Repeatable.")],
    data: DataName,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; a rerun computes what is new.")],
    attack: Annotated[
        list[str] | None,
        typer.Option(
            "--attack",
            "-a",
            help="Recipe (charbert, drop@0.5, charbert:de), TOML file, or attacked data in a file; or a search for the "
            "worst case: worst:RECIPE:SEARCH:EDITS (worst:charbert:greedy:2), worst:standard. Repeatable.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    severity: Annotated[
        list[str] | None, typer.Option(help="Use each recipe at this severity, too, such as 0.25; repeatable.")
    ] = None,
    per_operator: Annotated[
        bool,
        typer.Option(
            "--per-operator",
            help="Use each recipe with each of its operators alone, too.",
            rich_help_panel=panels.EDITS,
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the recipes; their own where none is given.", rich_help_panel=panels.EDITS),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            help="Draw the edits of each recipe so often, for mean, spread and worst draw.",
            rich_help_panel=panels.EDITS,
        ),
    ] = 1,
    language: Language = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use no more than this many examples.")] = None,
    batch_size: BatchSize = 32,
    device: Device = None,
    endpoint: Endpoint = None,
    budget: BudgetLimit = None,
    search_budget: SearchBudget = None,
    screen: Screen = False,
    fit_on: FitOn = None,
    fit: Fit = "linear",
    gate_on: GateOn = None,
    trust_type: TrustType = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Report this metric of another package, too; repeatable.", rich_help_panel=panels.RESULTS),
    ] = None,
    trust_remote_code: TrustRemoteCode = False,
    segmentation_dropout: SegmentationDropout = 0.0,
    index: Annotated[
        str | None,
        typer.Option(
            metavar="ENCODER",
            help="In retrieval: search the documents as this encoder reads them, whoever reads queries.",
            rich_help_panel=panels.MODELS,
        ),
    ] = None,
    yes: Yes = False,
    engine: Engine = "local",
    workers: Workers = None,
    wait: Wait = 30.0,
    confidence: Annotated[float, typer.Option(help="Level of all intervals.", rich_help_panel=panels.RESULTS)] = 0.95,
    card: Annotated[
        str | None,
        typer.Option(
            metavar="WHO",
            help="Write a card of each model for `leaderboard`, and say in it who measured: WHO.",
            rich_help_panel=panels.RESULTS,
        ),
    ] = None,
    protect_pattern: Annotated[
        list[str] | None,
        typer.Option(
            help="Words that overlap a match of this regular expression stay; repeatable.", rich_help_panel=panels.EDITS
        ),
    ] = None,
    *,
    reading: DataOptions,
) -> Result:
    """Score models on clean and attacked data, with intervals and paired tests, and write a report."""
    # Within the command, as in all of them: these imports take seconds, which `--help` should not.
    from charrobust.cli.asking import code_run, confirmed, device_of_process, share_done, training_set
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import stages
    from charrobust.cli.shared import check_folder, tell
    from charrobust.cli.shown_searches import lost_so_far
    from charrobust.datasets.load import read_source
    from charrobust.datasets.source import open_source
    from charrobust.report.cards import check_name, check_proved, write_cards
    from charrobust.report.publishable import published_data
    from charrobust.scoring.attacked_folder.manifest import refuse_attacked
    from charrobust.scoring.evaluation.evaluate import PREDICTIONS, SEARCHES
    from charrobust.scoring.evaluation.evaluate import evaluate as run
    from charrobust.systems.share import Share, ShareDone

    hush_transformers()
    share = Share.of_environment(patience=wait)
    check_folder(output)
    if card is not None:
        check_name(card)
        check_proved(is_screened=screen)
    limits = Budgets.of(budget, search_budget, attacks=attack or [], models=model)
    refuse_attacked(data)
    opened = open_source(data, reading)
    read = read_source(opened, limit=limit)
    told = read.notes()
    tell([*told, *code_run(model)])
    training = None if fit_on is None else training_set(fit_on, reading)
    known = None if gate_on is None else training_set(gate_on, reading)
    try:
        with stages(lost_so_far) as progress:
            found = run(
                model,
                read,
                attack or [],
                severities=severity or [],
                per_operator=per_operator,
                seed=seed,
                draws=seeds,
                language=language,
                batch_size=batch_size,
                device=device or device_of_process(),
                endpoint=endpoint,
                budget=limits.money,
                search_budget=limits.queries,
                screen=screen,
                fit_on=training,
                fit=fit,
                gate_on=known,
                trust_types=trust_type or (),
                trust_remote_code=trust_remote_code,
                segmentation_dropout=segmentation_dropout,
                index=index,
                confirm=partial(confirmed, yes=yes),
                metrics=metric or (),
                output=output,
                engine=engine,
                workers=workers,
                share=share,
                confidence=confidence,
                protect_patterns=protect_pattern or (),
                progress=progress,
            )
    except ShareDone:
        return share_done(share)
    tell([note for note in found.notes if note not in told])
    # Before anything is printed, as nobody may read that to its end.
    outputs = write_scores(found, output, PREDICTIONS, SEARCHES)
    if card is not None:
        outputs["cards"] = write_cards(replace(found, data=published_data(data)), output, measured_by=card)
    show_scores(found)
    tell_written(output, outputs)
    return Result(outputs, score_figures(found))


def write_scores(found: Results, output: Path, *others: str) -> dict[str, Path]:
    """Write all that was found.

    Args:
        found: The results.
        output: The folder to write.
        others: What else it may hold.

    Returns:
        The files and folders by what they are.
    """
    from charrobust.cli.noising import output_folder
    from charrobust.cli.shared import tell_of_figures
    from charrobust.report import write_report
    from charrobust.scoring.evaluation.results_file import write_results
    from charrobust.scoring.stored import save_csv

    with output_folder(output):
        path = write_results(found, output)
        save_csv(found.to_frame(), output / CSV)
        page = write_report(found, output)
    tell_of_figures()
    written = {"results": path, "scores": output / CSV, "report": page}
    for other in ("plots", *others):
        # What is not there was not kept, as the predictions of functions; or not drawn.
        if (output / other).exists():
            written[other] = output / other
    return written


def tell_written(output: Path, written: Mapping[str, Path]) -> None:
    """Say what was written, and where.

    Args:
        output: The folder.
        written: What it holds.
    """
    from charrobust.cli.shared import say

    names = ", ".join(path.name for path in written.values())
    say(f"wrote {output}: {names}")


def score_figures(found: Results) -> dict[str, Any]:
    """Return what was found, for programs: without the examples, which lie in the file of the results.

    Args:
        found: The results.

    Returns:
        Data, task, level of intervals, scores, comparisons, and what searches met.
    """
    kept = ("data", "task", "examples", "confidence", "metrics", "scores", "comparisons", "searches", "transfers")
    return {name: getattr(found, name) for name in kept}


def show_scores(found: Results) -> None:
    """Print the main metric of every system on every version, what was lost, and for two systems their difference.

    Args:
        found: The results.
    """
    from rich.markup import escape

    from charrobust.attackers.versions import CLEAN, WORST
    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import console, stacked, table
    from charrobust.cli.shown_searches import show_searches, show_transfers
    from charrobust.scoring.intervals import interval_name

    out, metric, level = console(), found.metrics[0], interval_name(found.confidence)
    single = found.systems[0].name if len(found.systems) == 1 else None
    title = f"on {found.examples:,} examples of {found.data}" + (f": {single}" if single else "")
    out.print(f"[bold]{escape(metric)}[/], times 100, {escape(title)}; below: {level}")
    rows = table("text" if single else "", metric, "lost", "relative", "flipped", numbers=tuple(range(1, 5)))
    labels = {each.name: _label(each) for each in found.attacks}
    labels |= {CLEAN: CLEAN, WORST: stacked(WORST, "each text under its worst attack")}
    scores = [score for score in found.scores if score.metric == metric]
    for attack in dict.fromkeys(score.attack for score in scores):
        if not single:
            rows.add_section()
            rows.add_row(f"[bold]{labels[attack]}[/]")
        for score in (score for score in scores if score.attack == attack):
            rows.add_row(labels[attack] if single else stacked_name(score.system, indent="  "), *_cells(score))
    out.print(rows)
    _show_spread([score for score in scores if score.spread is not None])
    show_searches(found.searches)
    show_transfers(found.transfers)
    if len(found.systems) == 2 and found.comparisons:
        _show_comparisons(found.comparisons, level)
    elif found.comparisons:
        out.print("paired tests between all models: in report.html and results.json")


def _label(attack: AttackInfo) -> str:
    """Return the name of a version above how many words it changes; average cases are the usual ones."""
    from rich.markup import escape

    from charrobust.attackers.versions import AVERAGE
    from charrobust.cli.shared import stacked

    words = f"{attack.words_changed:.0%} of the words"
    return stacked(escape(attack.name), words if attack.case == AVERAGE else f"{attack.case}, {words}")


def _show_spread(scores: list[Score]) -> None:
    """Print how far scores vary over draws and seeds, where there are several."""
    from rich.markup import escape

    from charrobust.cli.shared import console, stacked, table

    if not scores:
        return
    headers = ("text", "mean", "lowest", "highest", "± data", "± draws", "± seeds")
    rows = table(*headers, numbers=tuple(range(1, len(headers))))
    for score in scores:
        if score.spread is None:
            continue
        spread = score.spread
        values = (score.value.value, spread.lowest, spread.highest, spread.data, spread.draws, spread.seeds)
        rows.add_row(stacked(escape(score.attack), escape(score.system)), *map(_points, values))
    console().print("means over draws and seeds of fine-tuning; ±: standard deviation of what is due to each")
    console().print(rows)


def _points(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _cells(score: Score) -> tuple[str, ...]:
    from charrobust.cli.shared import interval_cell

    relative = "" if score.relative is None else f"{score.relative:.1%}"
    flipped = "" if score.success is None else f"{score.success.value:.1%}"
    return interval_cell(score.value), interval_cell(score.lost), relative, flipped


def _show_comparisons(comparisons: tuple[Comparison, ...], level: str) -> None:
    from rich.markup import escape

    from charrobust.cli.shared import console, interval_cell, table

    first, second = comparisons[0].first, comparisons[0].second
    rows = table("text", "difference", "p", numbers=(1, 2))
    for found in comparisons:
        rows.add_row(escape(found.attack), interval_cell(found.difference), f"{found.p:.4f}")
    console().print(f"[bold]{escape(first)}[/] minus [bold]{escape(second)}[/], on the same examples; below: {level}")
    console().print(rows)
