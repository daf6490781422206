"""The files of an evaluation as they go to others: without absolute paths of the machine that it ran on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from charrobust.errors import UserError
from charrobust.report import page
from charrobust.report.publishable import without_folders
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.evaluation.results_file import write_results
from charrobust.scoring.sensitivity import results as inside
from charrobust.scoring.stored import save_csv

_CARDS, _PLOTS, _SCORES = "cards/", "plots/", "scores.csv"
_PANEL = '<section id="inside">'  # of the page: what sensitivity.json tells


def published_files(published: Results, folder: Path, contents: Mapping[str, Path | bytes]) -> dict[str, Path | bytes]:
    """Make the files of an evaluation again, of what others may read.

    Args:
        published: The results as others read them.
        folder: The folder of the evaluation.
        contents: Its files by their paths.

    Returns:
        The same files with what they hold now; cards as they are, without figures that cannot be drawn here.

    Raises:
        UserError: The page shows what noise does inside the models, and that is not beside it.
    """
    found = {file: content for file, content in contents.items() if file.startswith(_CARDS)}
    with TemporaryDirectory() as name:
        again = Path(name)
        write_results(published, again)
        if _SCORES in contents:
            save_csv(published.to_frame(), again / _SCORES)
        if page.FILE in contents or any(file.startswith(_PLOTS) for file in contents):
            page.write_report(published, again, sensitivity=_inside(folder))
        found |= {file: (again / file).read_bytes() for file in contents if (again / file).is_file()}
    return found


def _inside(folder: Path) -> inside.Sensitivity | None:
    """Return what noise does inside the models, as others read it; None where it was not measured.

    Raises:
        UserError: The page shows it, and it is not beside the page.
    """
    if not (folder / inside.FILE).is_file():
        report = folder / page.FILE
        if report.is_file() and _PANEL in report.read_text(encoding="utf-8", errors="replace"):
            raise UserError(
                f"{report} is made again, without paths of this machine, and shows what is not beside it; expected "
                f"{inside.FILE} in {folder}: copy it there"
            )
        return None
    found = inside.Sensitivity.load(folder)
    models = tuple(replace(model, model=without_folders(model.model)) for model in found.models)
    return replace(found, data=without_folders(found.data), attack=without_folders(found.attack), models=models)
