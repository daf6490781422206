"""A cache that is damaged, or cannot be written: known words are made anew, and loading goes on."""

import json

import pytest

from charrobust import cache
from charrobust.errors import UserError
from tests.models.kept import Kept, same


@pytest.fixture
def kept(tmp_path, monkeypatch):
    return Kept(tmp_path, monkeypatch)


def cut(folder):
    path = folder / "tables.safetensors"
    path.write_bytes(path.read_bytes()[:100])


def change_a_number(folder):
    path = folder / "tables.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def lose_list(folder):
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize("damage", [cut, change_a_number, lose_list])
def test_what_is_damaged_is_made_anew(kept, damage):
    whole = kept.load()
    (name,) = kept.names
    damage(kept.cache / name)
    assert same(kept.load(), whole)
    assert kept.times == 2
    assert same(kept.load(), whole)
    assert kept.times == 2


def test_what_is_whole_but_no_tables_is_done_without(kept):
    whole = kept.load()
    (name,) = kept.names
    folder = kept.cache / name
    cut(folder)
    (folder / "manifest.json").write_text(json.dumps(cache._digests(folder)))
    assert same(kept.load(), whole)
    assert kept.times == 2


def test_a_cache_that_cannot_be_made_is_done_without(kept):
    kept.cache.write_text("no folder")
    assert same(kept.load(), kept.load())
    assert kept.times == 2
    assert kept.cache.read_text() == "no folder"


def test_a_full_disk_stops_nothing(kept, monkeypatch):
    def full(folder, make):
        raise UserError("cannot write: no space left on device")

    monkeypatch.setattr(cache, "keep", full)
    kept.load()
    assert not kept.cache.exists()


def test_a_user_without_a_home_loads_it_all_the_same(kept, monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache, "cache_directory", nowhere)
    kept.load()
    assert not kept.cache.exists()
