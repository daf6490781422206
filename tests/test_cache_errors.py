"""A cache that cannot be written."""

import pytest

from charrobust.cache import kept
from charrobust.errors import UserError


def test_a_cache_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file.cache: .*; give a folder that can be written"):
        kept(tmp_path / "file" / "cache" / "made", lambda folder: None)


def test_a_name_that_cannot_be_given_is_told(tmp_path, monkeypatch):
    def refuse(path, target):
        raise PermissionError(13, "no")

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(UserError, match=r"cannot write .*made: .* remove it, or set CHARROBUST_CACHE"):
        kept(tmp_path / "made", lambda folder: None)
    assert not list(tmp_path.iterdir())
