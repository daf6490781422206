"""Fixtures of the command line's tests."""

import pytest

from tests.cli.running import Runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Run the command line in this process."""
    return Runner(monkeypatch, capsys)
