"""Texts in scripts that a character channel cannot read."""

import logging
from types import SimpleNamespace

import pytest

from charrobust.systems.unread import warn_of_unread

LATIN = SimpleNamespace(character_vocabulary=["", *"abcdefghijklmnopqrstuvwxyz"])


def told(caplog, config, *texts):
    with caplog.at_level(logging.WARNING, logger="charrobust"):
        warn_of_unread("mine", config, texts)
    return caplog.text


def test_the_share_of_letters_is_said(caplog):
    found = told(caplog, LATIN, "half of it 書店書店書店書店")
    assert "mine: its character channel has no characters for 50 % of the letters of these texts (such as" in found
    assert "書" in found


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (LATIN, "Ordinary Words, 42 of them: naïve"),
        (LATIN, "one 書 in a text of so many letters"),
        (LATIN, ""),
        (SimpleNamespace(), "書店"),
    ],
)
def test_nothing_is_said_of_what_is_read(caplog, config, text):
    assert not told(caplog, config, text)
