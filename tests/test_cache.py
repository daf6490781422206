"""What is made once and kept: whole, made anew where it is damaged, and by several processes at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from charrobust.cache import cache_directory, kept
from charrobust.errors import UserError


class Maker:
    """Writes two files, and counts how often."""

    def __init__(self, barrier=None):
        self.times = 0
        self.barrier = barrier

    def __call__(self, folder):
        self.times += 1
        assert not list(folder.iterdir())
        (folder / "inner").mkdir()
        (folder / "inner" / "one").write_text("1")
        if self.barrier:
            self.barrier.wait(timeout=60)
        (folder / "two").write_text("2")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "above" / "cache" / "made"


def look(folder, make):
    """Ask for the folder as another process would."""
    kept.cache_clear()
    assert kept(folder, make) == folder
    assert (folder / "inner" / "one").read_text() == "1"
    assert sorted(path.name for path in folder.iterdir()) == ["inner", "manifest.json", "two"]
    assert list(folder.parent.iterdir()) == [folder], "nothing temporary is left"


def test_it_is_made_once(folder):
    make = Maker()
    look(folder, make)
    look(folder, make)
    assert make.times == 1


def damage_content(folder):
    (folder / "inner" / "one").write_text("0")


def damage_list(folder):
    (folder / "manifest.json").write_text("{")


def lose_file(folder):
    (folder / "two").unlink()


def lose_list(folder):
    (folder / "manifest.json").unlink()


def add_file(folder):
    (folder / "three").write_text("3")


@pytest.mark.parametrize("damage", [damage_content, damage_list, lose_file, lose_list, add_file])
def test_what_is_damaged_is_made_anew(folder, damage):
    make = Maker()
    look(folder, make)
    damage(folder)
    look(folder, make)
    assert make.times == 2


def test_a_file_of_that_name_makes_way(folder):
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    look(folder, Maker())


def test_two_at_once_both_have_it(folder):
    barrier = Barrier(2)
    makers = Maker(barrier), Maker(barrier)
    kept.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda make: kept(folder, make), makers)) == [folder, folder]
    look(folder, makers[0])
    assert [make.times for make in makers] == [1, 1]


def test_what_fails_leaves_nothing(folder):
    def fail(place):
        (place / "part").write_text("")
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        kept(folder, fail)
    assert not folder.parent.parent.exists()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"CHARROBUST_CACHE": "/there", "XDG_CACHE_HOME": "/cache"}, "/there"),
        ({"XDG_CACHE_HOME": "/cache"}, "/cache/charrobust"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/charrobust"),
        ({"CHARROBUST_CACHE": "~/mine"}, "/home/me/mine"),
        ({}, "/home/me/.cache/charrobust"),
    ],
)
def test_where_it_is(variables, expected, monkeypatch):
    for name in ("CHARROBUST_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/me"} | variables).items():
        monkeypatch.setenv(name, value)
    assert cache_directory() == Path(expected)
