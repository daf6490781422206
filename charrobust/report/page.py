"""The page: one self-contained HTML file of all that was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from charrobust.errors import UserError
from charrobust.files import made, replacing
from charrobust.report.example_browser import browser_data, embedded, example_data, how_many
from charrobust.report.headline import asides, headline, main_attack, main_example, worst_case
from charrobust.report.named_tables import tables_of
from charrobust.report.rankings import ranking_examples
from charrobust.report.search_tables import transfer_tables
from charrobust.report.selection import WordMap, highest, labels_by_attack, severity_curves, without_effect, word_maps
from charrobust.report.sensitivity_tables import operator_table, sensitivity_table
from charrobust.report.style import SHADES, can_draw, drawing
from charrobust.report.templating import asset, environment, policy
from charrobust.report.wording import in_options, number
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import interval_name
from charrobust.scoring.sensitivity.results import Sensitivity

if TYPE_CHECKING:
    from charrobust.report.plots import Plot

FILE = "report.html"
_HEAT_STEPS = 10


@dataclass(frozen=True)
class Drawing:
    """A figure as the page shows it.

    Attributes:
        plot: The figure with its title.
        svg: The figure as an element.
    """

    plot: Plot
    svg: Markup


def write_report(results: Results, folder: str | Path, *, sensitivity: Sensitivity | None = None) -> Path:
    """Write ``report.html``, and its figures as files under ``plots``; without matplotlib it has no figures.

    Args:
        results: What an evaluation found.
        folder: Where to write; made if there is none.
        sensitivity: What noise does inside the models, if it was measured.

    Returns:
        The page's path.

    Raises:
        UserError: The results hold no score, or a file cannot be written.
    """
    # The page first: empty results are refused before a folder is made.
    text = page(results, sensitivity)
    folder = Path(folder)
    path = folder / FILE
    with made(folder):
        if can_draw():
            _write_plots(results, folder / "plots", sensitivity)
        with replacing(path) as temporary:
            # JSON may hold halves of letters, which UTF-8 has no form for.
            temporary.write_text(text, encoding="utf-8", errors="replace")
    return path


def page(results: Results, sensitivity: Sensitivity | None = None) -> str:
    """Return the page.

    Args:
        results: What an evaluation found.
        sensitivity: What noise does inside the models, if it was measured.

    Returns:
        The page as HTML; it loads nothing from elsewhere.

    Raises:
        UserError: The results hold no score.
    """
    if not (results.examples and results.systems and results.metrics and results.scores):
        raise UserError(
            f"report of an empty result: expected examples, models and scores, got {results.examples} examples, "
            f"{len(results.systems)} models and {len(results.scores)} scores; run the evaluation again"
        )
    style, script = asset("page.css") + _shades(), asset("page.js")
    return (
        environment()
        .get_template("page.html")
        .render(
            results=results,
            level=interval_name(results.confidence),
            headline=headline(results),
            asides=asides(results),
            worst=worst_case(results),
            example=_first_example(results),
            tables=tables_of(results),
            transfers=transfer_tables(results),
            lost_queries=ranking_examples(results),
            unchanged=without_effect(results),
            seeds=_seeds(results),
            drawn=can_draw(),
            drawings=_drawings(results),
            curve=_main_curve(results),
            how_many=how_many(results),
            notes=list(map(in_options, results.notes)),
            data=embedded(browser_data(results)),
            policy=policy(style, script),
            style=Markup(style),  # noqa: S704  # a file of this package
            script=Markup(script),  # noqa: S704
            **_inside(sensitivity),
        )
    )


def _write_plots(results: Results, folder: Path, sensitivity: Sensitivity | None) -> None:
    # Here and below on use: the modules of figures need matplotlib.
    from charrobust.report.plots import write_plots

    write_plots(results, folder, sensitivity)


def _first_example(results: Results) -> dict[str, Any] | None:
    """Return the example of the first screen, with the title of its attack; None where there is none."""
    example = main_example(results)
    if example is None:
        return None
    label = labels_by_attack(results)[example.attack]  # of an attack with scores
    return {**example_data(results, example), "title": label.title, "mark": label.mark}


def _main_curve(results: Results) -> str:
    """Return the name of the figure of the first screen: a curve of the main attack, or else the first; or scores."""
    attack, curves = main_attack(results), severity_curves(results)
    if not curves or not can_draw():
        return "scores"
    from charrobust.report.plots import curve_files

    files = dict(zip(curve_files(curves), curves, strict=True))
    of_attack = [name for name, curve in files.items() if attack is not None and attack in curve.attacks]
    return [*of_attack, *files][0]


def _drawings(results: Results) -> list[Drawing]:
    """Return the figures; none where nothing can be drawn."""
    if not can_draw():
        return []
    from charrobust.report.plots import result_plots
    from charrobust.report.svg import inline

    with drawing():
        return [Drawing(plot, inline(plot)) for plot in result_plots(results)]


def _layers(sensitivity: Sensitivity) -> Drawing | None:
    """Return the layer curves; None where nothing can be drawn."""
    if not can_draw():
        return None
    from charrobust.report.plots import layer_plot
    from charrobust.report.svg import inline

    with drawing():
        layers = layer_plot(sensitivity)
        return Drawing(layers, inline(layers))


def _inside(sensitivity: Sensitivity | None) -> dict[str, Any]:
    """Return what the template needs for the section on what noise does inside the models."""
    if sensitivity is None:
        return {"sensitivity": None, "inside": None, "inside_tables": [], "heat": []}
    return {
        "sensitivity": sensitivity,
        "inside_level": interval_name(sensitivity.confidence),
        "inside": _layers(sensitivity),
        "inside_tables": [sensitivity_table(sensitivity), operator_table(sensitivity)],
        "heat": _heat_maps(sensitivity),
    }


def _shades() -> str:
    """Return the systems' colours as variables, in light and dark."""
    variables = []
    for series_number, (light, dark) in enumerate(SHADES):
        # The browser chooses by what its reader prefers: no script is needed, and printing works too.
        variables.append(f"--series-{series_number}: light-dark({light}, {dark});")
    return f":root {{ {' '.join(variables)} }}\n"


def _seeds(results: Results) -> str:
    """Return each seed with the attacks that drew from it."""
    names_by_seed: dict[int, list[str]] = {}
    for attack in results.attacks:
        if attack.seed is not None and not attack.is_worst:
            names_by_seed.setdefault(attack.seed, []).append(attack.name)
    parts = []
    for seed, names in names_by_seed.items():
        # A search is there once for each system that it was made against.
        parts.append(f"{seed} ({', '.join(dict.fromkeys(names))})")
    return "; ".join(parts) or "none"


def _heat_maps(sensitivity: Sensitivity) -> list[dict[str, Any]]:
    """Return the heat maps by sentence."""
    by_sentence = word_maps(sensitivity)
    top = highest(by_sentence)
    heat_maps = []
    for maps in by_sentence:
        sentence = " ".join(maps[0].sentence_map.noised)
        heat_maps.append({"sentence": sentence, "maps": [_heat_map(word_map, top) for word_map in maps]})
    return heat_maps


def _heat_map(word_map: WordMap, top: float) -> dict[str, Any]:
    """Return one heat map: words, and for each layer, the last on top, (value, shade) of each word.

    Args:
        word_map: The words and their values.
        top: The value of the darkest shade.
    """
    sentence_map = word_map.sentence_map
    layers = []
    # As in figures, where heights grow upwards: the last layer on top.
    for layer, values in zip(reversed(sentence_map.layers), reversed(sentence_map.values), strict=True):
        cells = [(number(value, 2), _shade(value, top)) for value in values]
        layers.append((layer, cells))
    words = list(zip(sentence_map.clean, sentence_map.noised, sentence_map.operators, strict=True))
    return {"title": word_map.title, "words": words, "layers": layers}


def _shade(value: float, top: float) -> int:
    """Return which of the steps of colour in page.css a value has, from 0."""
    return round(_HEAT_STEPS * min(value / top, 1))
