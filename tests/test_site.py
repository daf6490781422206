"""The documentation site: the page of the leaderboard shows the cards of its folder."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from charrobust.report.cards import read_cards, write_cards
from tests.report import sample_results

DOCS = Path(__file__).parents[1] / "docs"
pytestmark = pytest.mark.needs("mkdocs", "griffe")


@pytest.fixture(scope="module")
def site():
    spec = importlib.util.spec_from_file_location("site_pages", DOCS / "site_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(site):
    page = SimpleNamespace(file=SimpleNamespace(src_uri=site.LEADERBOARD))
    text = (DOCS / site.LEADERBOARD).read_text(encoding="utf-8")
    return site.on_page_markdown(text, page=page)


def test_cards_are_tables_of_the_page(site, tmp_path, monkeypatch):
    folder = write_cards(sample_results.searched(), tmp_path, measured_by="Ada")
    monkeypatch.setattr(site, "CARDS", folder)
    text = shown(site)
    assert site.BOARDS not in text
    assert "## sst2: 872 examples" in text
    for card in read_cards(folder):
        assert f"| {card.system.name} ({card.system.model}) |" in text


def test_a_folder_without_cards_says_so(site, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "CARDS", tmp_path)
    assert "There is no card here yet." in shown(site)


def test_all_cards_that_ship_are_shown(site):
    files = list(site.CARDS.glob("*.json"))
    text = shown(site)
    assert not files or all(f"| {card.system.name} " in text for card in read_cards(site.CARDS))
