"""Plots: which are written, that they are whole, and that nothing in the data breaks them."""

import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from charrobust.report import plot_sensitivity, write_plots
from charrobust.report.style import series
from charrobust.scoring.intervals import Interval
from tests.report import sample_results

ALL = {"scores", "severity", "operators", "splits"}
CASES = {
    "classification": (sample_results.classification(0), ALL),
    "tagging": (sample_results.tagging(), ALL),
    "questions": (sample_results.questions(), ALL - {"splits"}),
    "regression": (sample_results.regression(), {"scores"}),
    "hostile": (sample_results.hostile(sample_results.classification(0)), ALL),
}


def check(files, names):
    assert {file.name for file in files} == {f"{name}{suffix}" for name in names for suffix in (".png", ".svg", ".pdf")}
    for file in files:
        if file.suffix == ".png":
            pixels = matplotlib.image.imread(file)
            assert pixels.shape[0] > 100
            assert pixels.shape[1] > 500
            assert np.ptp(pixels) > 0
        elif file.suffix == ".pdf":
            assert file.read_bytes().startswith(b"%PDF-")
        else:
            root = ElementTree.parse(file).getroot()
            assert root.tag.endswith("}svg")
            assert not [element for element in root.iter() if element.tag.endswith("script")]
            assert len(list(root.iter())) > 30


@pytest.mark.parametrize("case", CASES)
def test_plots_are_written_where_there_is_data(case, tmp_path):
    results, names = CASES[case]
    check(write_plots(results, tmp_path / "new" / "folder"), names)


def of_sentences(count):
    """Return a sensitivity with heat maps of so many sentences."""
    found = sample_results.sensitivity()
    kept = list(dict.fromkeys(each.sentence for each in found.models[0].maps))[:count]

    def cut(model):
        return replace(model, maps=tuple(each for each in model.maps if each.sentence in kept))

    return replace(found, models=tuple(map(cut, found.models)))


@pytest.mark.parametrize(
    "found", [sample_results.sensitivity(), sample_results.hostile(of_sentences(1))], ids=["usual", "hostile"]
)
def test_sensitivity_plots(found, tmp_path):
    numbers = {each.sentence for each in found.models[0].maps}
    check(plot_sensitivity(found, tmp_path), {"layers", *(f"heat-map-{number}" for number in numbers)})


def test_both_kinds_at_once(tmp_path):
    written = write_plots(sample_results.regression(), tmp_path, of_sentences(0))
    assert {"scores.png", "layers.svg"} <= {file.name for file in written}


def test_equal_results_give_equal_files(tmp_path):
    pairs = zip(*(write_plots(sample_results.regression(), tmp_path / name) for name in "ab"), strict=True)
    assert all(first.read_bytes() == second.read_bytes() for first, second in pairs)


def test_scores_that_are_no_numbers_or_missing_leave_gaps(tmp_path):
    results = sample_results.classification(0)
    nothing = Interval(*[float("nan")] * 3)
    scores = [replace(score, value=nothing, lost=score.lost and nothing) for score in results.scores[::2]]
    check(write_plots(replace(results, scores=tuple(scores)), tmp_path), ALL)


def test_severity_holds_clean_text_and_whole_curves(tmp_path):
    mild = [attack for attack in sample_results.attacks() if attack.name in ("clean", "drop@0.1", "charbert")]
    files = write_plots(replace(sample_results.classification(0), attacks=tuple(mild)), tmp_path)
    assert "severity.png" not in {file.name for file in files}


def test_titles_stand_above_legends(tmp_path, monkeypatch):
    figures = set()
    save = Figure.savefig

    def kept(figure, *arguments, **options):
        figures.add(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", kept)
    write_plots(sample_results.classification(0), tmp_path)
    with_legend = [figure for figure in figures if figure.legends]
    assert len(with_legend) > 2
    for figure in with_legend:
        assert figure.get_suptitle() == ""
        assert figure.legends[0].get_title().get_text()


def test_many_systems_differ_by_more_than_colour():
    looks = {(each.colour, each.marker, each.hatch) for each in series([str(number) for number in range(14)])}
    assert len(looks) == 14
    assert len({(each.marker, each.hatch, str(each.line)) for each in series(list("abcdefg"))}) == 7


def test_no_window_is_opened():
    code = (
        "import sys, pathlib, tempfile\nfrom charrobust.report import write_plots\nfrom tests.report import sample_results\n"
        "write_plots(sample_results.regression(), pathlib.Path(tempfile.mkdtemp()))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=sample_results.ROOT, check=True)


def test_plots_of_an_earlier_run_go(tmp_path):
    (tmp_path / "severity.png").write_text("old")
    (tmp_path / "heat-map-77.svg").write_text("old")
    (tmp_path / "mine.png").write_text("kept")
    write_plots(sample_results.regression(), tmp_path)
    assert (tmp_path / "mine.png").exists()
    assert not (tmp_path / "severity.png").exists()
    assert (tmp_path / "heat-map-77.svg").exists()  # sensitivity was not measured anew
