"""Plain text where targets are asked for."""

from __future__ import annotations

import pytest

from charrobust import load_data
from charrobust.errors import DataError


def test_texts_without_targets_are_refused_with_what_can_be_done(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("one line\nanother\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_data(path)
    message = str(refused.value)
    assert message.startswith("some.txt: the task 'text' says nothing of what is right")
    for remedy in ("`task`", "`label_column`", "attack, predict"):
        assert remedy in message
