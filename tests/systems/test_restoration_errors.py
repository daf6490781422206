"""What is said about defences that cannot be loaded."""

import sys

import pytest

from charrobust.errors import UserError
from charrobust.systems import spelling
from charrobust.systems.recognition import WordRecognition
from charrobust.systems.restoration import load_restorer
from tests.models.semi_character import network


def refused(name, message):
    with pytest.raises(UserError, match=message):
        load_restorer(name)


def test_unknown_names_are_refused(tmp_path):
    refused(
        "speling", "unknown defence 'speling'; did you mean 'spelling'.* or a folder that charrobust train-recogniser"
    )
    refused(str(tmp_path / "none"), "unknown defence .*none'")


def test_other_folders_are_refused(tmp_path):
    refused(tmp_path, "holds no recogniser and no encodings; expected a folder that charrobust train-recogniser or")


def test_a_missing_background_is_told(tmp_path):
    WordRecognition(network(backoff="background"), network()).save(tmp_path)
    for path in (tmp_path / "background").iterdir():
        path.unlink()
    refused(tmp_path, "background holds no recogniser")


def test_the_extra_is_named(monkeypatch):
    spelling._shipped.cache_clear()
    monkeypatch.setitem(sys.modules, "symspellpy", None)
    refused("spelling", r"the spelling corrector needs the package symspellpy.*pip install 'charrobust\[spelling\]'")
