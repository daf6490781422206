"""What packages may not add, and what is said where something that they add does not work."""

from importlib.metadata import EntryPoint

import pytest

from charrobust.errors import UserError
from charrobust.perturb.operators import OPERATORS, Drop
from charrobust.plugins import Registry
from charrobust.tasks.registry import task_class, task_names


class Package:
    """What an entry point knows of the package that it stands in."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version


def point(kind, name, value="tests.nothing:Nothing", package="mine"):
    made = EntryPoint(name, value, f"charrobust.{kind}s")
    vars(made)["dist"] = Package(package, "1.0")
    return made


@pytest.fixture
def installed(monkeypatch):
    """Let packages add what a test says."""
    points = []
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [each for each in points if each.group == group]
    )
    return points


def test_what_cannot_be_loaded(installed):
    installed.append(point("task", "stars"))
    assert task_names()[-1] == "stars"  # listing loads nothing
    message = r"the task 'stars' of the package mine 1\.0 cannot be loaded from tests\.nothing:Nothing: ModuleNotFound"
    with pytest.raises(UserError, match=message):
        task_class("stars")


def test_two_packages_with_one_name(installed):
    installed += [point("operator", "shout"), point("operator", "shout", package="yours")]
    message = r"the packages mine 1\.0 and yours 1\.0 both add an operator 'shout'; uninstall one of them"
    with pytest.raises(UserError, match=message):
        OPERATORS.find("shout")
    assert OPERATORS.find("drop") is Drop  # what ships is found all the same


def test_packages_of_a_path_that_grows_are_known(tmp_path, monkeypatch):
    assert "stars" not in task_names()
    folder = tmp_path / "mine-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[charrobust.tasks]\nstars = mine:Stars\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert task_names()[-1] == "stars"
    monkeypatch.undo()
    assert "stars" not in task_names()


def test_packages_are_read_once(installed):
    installed.append(point("task", "stars"))
    assert task_names()[-1] == "stars"
    installed.append(point("task", "moons"))
    assert task_names()[-1] == "stars"


def test_names_that_ship_cannot_be_taken(installed):
    installed.append(point("operator", "drop"))
    assert OPERATORS.find("drop") is Drop
    with pytest.raises(UserError, match=r"mine 1\.0 adds an operator 'drop', which charrobust has itself"):
        OPERATORS.names()


def test_names_that_a_program_registers():
    registry = Registry("metric", {"shipped": object()})
    thing = object()
    registry.register("mine", thing)
    registry.register("mine", thing)
    assert registry.find("mine") is thing
    for name in ("mine", "shipped"):
        with pytest.raises(UserError, match=f"a metric '{name}' is registered already"):
            registry.register(name, object())
    registry.unregister("mine")
    assert registry.find("mine") is None


def test_what_ships_is_found_without_a_look_at_packages(monkeypatch):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: pytest.fail(f"looked for {group}"))
    assert OPERATORS.find("swap") is not None
    assert task_class("qa").name == "qa"
