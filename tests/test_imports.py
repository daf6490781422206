"""Importing is light, and every module can be imported."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import charrobust

HEAVY = ("torch", "transformers", "datasets", "pandas", "sklearn", "nlpaug", "matplotlib")


def loaded_by(code: str) -> set[str]:
    """Return which heavy packages a fresh process has loaded after some code."""
    check = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import charrobust") == set()


def test_attacking_loads_nothing_heavy(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "wonderful story", "label": 1}\n')
    arguments = ["charrobust", "attack", str(path), "--task", "classification", "-r", "charbert"]
    arguments += ["-o", str(tmp_path / "out.jsonl"), "--edits", str(tmp_path / "log.parquet")]
    code = (
        f"import sys\nfrom charrobust.cli import main\nsys.argv = {arguments!r}\ntry: main()\nexcept SystemExit: pass"
    )
    # Arrow loads pandas, if it is installed, to check for its types.
    assert loaded_by(code) <= {"pandas"}
    assert (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("recipe", ["ocr", "spelling"])
def test_nlpaug_recipes_do_not_load_torch(recipe):
    code = f"from charrobust import Attack\nAttack.load({recipe!r}).text('wonderful weather')"
    assert not loaded_by(code) & {"torch", "transformers"}


def test_transformers_works_after_an_nlpaug_recipe():
    code = (
        "from charrobust import Attack\nAttack.load('ocr').text('wonderful')\n"
        "import torch, transformers\nassert transformers.utils.is_torch_available()\nprint()"
    )
    assert {"torch", "transformers"} <= loaded_by(code)


@pytest.mark.parametrize("module", [m.name for m in pkgutil.walk_packages(charrobust.__path__, "charrobust.")])
def test_every_module_can_be_imported(module):
    if not module.endswith("__main__"):
        assert importlib.import_module(module).__doc__


def test_the_top_level_names_are_there():
    for name in charrobust.__all__:
        assert getattr(charrobust, name)
    with pytest.raises(AttributeError, match="no attribute 'attack'"):
        charrobust.__getattr__("attack")


@pytest.mark.parametrize("package", ["charrobust", "charrobust.search", "charrobust.training", "charrobust.report"])
def test_names_that_load_on_first_use_can_be_completed(package: str) -> None:
    """What `dir` lists is what an interactive session offers on a press of the tab key."""
    module = importlib.import_module(package)
    assert set(module.__all__) <= set(dir(module))
