"""Servers for the tests of endpoints."""

import pytest

from charrobust.report import page
from tests.cli.running import Runner
from tests.systems.endpoint.servers import SECRET, chat, inference, sentiment, serving


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process."""
    return Runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """Set a secret, and write no plots, which takes a while."""

    def write_report(results, folder):
        (folder / "report.html").write_text("")
        return folder / "report.html"

    monkeypatch.setattr(page, "write_report", write_report)
    monkeypatch.setenv("TEST_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


@pytest.fixture
def kserve():
    with serving(inference) as server:
        yield server


@pytest.fixture
def openai():
    """Says a sentiment, in a sentence."""
    with serving(chat(lambda prompt: f"I would say {sentiment(prompt.rpartition(': ')[2]).upper()}.")) as server:
        yield server
