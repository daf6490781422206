"""The documentation site: the page of the leaderboard shows the cards of its folder, the gallery all recipes."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.noise_gallery import GONE, HIDDEN, marked, picture
from benchmarks.noise_gallery import shown as gallery_example
from charrobust.perturb import load_recipe, recipe_names
from charrobust.report.cards import read_cards, write_cards
from tests.report import sample_results

DOCS = Path(__file__).parents[1] / "docs"
MKDOCS = pytest.mark.needs("mkdocs", "griffe")


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


@MKDOCS
def test_cards_are_tables_of_the_page(site, tmp_path, monkeypatch):
    folder = write_cards(sample_results.searched(), tmp_path, measured_by="Ada")
    monkeypatch.setattr(site, "CARDS", folder)
    text = shown(site)
    assert site.BOARDS not in text
    assert "## sst2: 872 examples" in text
    for card in read_cards(folder):
        assert f"| {card.system.name} ({card.system.model}) |" in text


@MKDOCS
def test_a_folder_without_cards_says_so(site, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "CARDS", tmp_path)
    assert "There is no card here yet." in shown(site)


@MKDOCS
def test_all_cards_that_ship_are_shown(site):
    files = list(site.CARDS.glob("*.json"))
    text = shown(site)
    assert not files or all(f"| {card.system.name} " in text for card in read_cards(site.CARDS))


def test_the_gallery_shows_every_recipe():
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    names = set()
    for file in re.findall(r"\((pictures/gallery-.+?\.svg)\)", page):
        root = ET.fromstring((DOCS / file).read_text(encoding="utf-8"))
        found = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "name"}
        level = file.removeprefix("pictures/gallery-").removesuffix(".svg")
        assert all(load_recipe(name).level == level for name in found - {"clean"})
        names |= found
    # What is left out needs a text of another kind, or changes nothing by itself.
    assert not {name for name in set(recipe_names()) - names if gallery_example(name) is not None}


@pytest.mark.parametrize("name", ["drop", "invisible", "homoglyphs"])
def test_pictures_mark_edits_and_stay_pictures(name):
    edited = gallery_example(name)
    text = marked(edited)
    assert text.count("<tspan") == len(edited.edits)
    assert (GONE in text) == (name == "drop")
    assert (HIDDEN in text) == (name == "invisible")
    ET.fromstring(picture([("<b>&", edited)]))
