"""The page in a real browser."""

import csv
from pathlib import Path

import pytest

from charrobust.report.example_browser import browser_data
from charrobust.visible import visible
from tests.report import sample_results
from tests.report.drawn import CASES, page_of

pytestmark = pytest.mark.nightly
NAMES = [
    "classification",
    "tagging",
    "questions",
    "rankings",
    "regression",
    "hostile",
    "hostile tags",
    "hostile rankings",
]
RESULTS = CASES["classification"][0]
FLIPPED = [
    (example.attack, {said.system for said in example.predictions if said.clean_right and not said.attacked_right})
    for example in RESULTS.shown
]


class Pages(dict[str, Path]):
    """Files of pages, each drawn when it is first asked for: of two processes, each draws what it opens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        self[name] = self.folder / f"{name}.html"
        self[name].write_text(page_of(name), encoding="utf-8")
        return self[name]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return Pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def page(browser, pages):
    browser.open(pages["classification"])
    return browser


def choose(page, name, value):
    """Set a control as a user would; return how many examples are found."""
    key = "checked" if isinstance(value, bool) else "value"
    shown = {True: "true", False: "false"}.get(value, repr(value))
    page.value(f"(e => {{ e.{key} = {shown}; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})({name})")
    return int(page.value("count.textContent").split()[0].replace(",", ""))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_pages_open_without_errors_and_fetch_nothing(name, dark, width, browser, pages):
    browser.open(pages[name], dark=dark, width=width)
    assert browser.value("document.querySelectorAll('#cards > li').length") > 0
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.errors == []
    assert browser.requests == [pages[name].as_uri()]


@pytest.mark.parametrize("name", ["hostile", "hostile tags"])
def test_hostile_text_stays_text(name, browser, pages):
    browser.open(pages[name])
    assert browser.value("document.querySelectorAll('script').length") == 2
    assert browser.value("document.querySelectorAll('img, [onerror]').length") == 0
    first = browser_data(CASES[name][0])["examples"][0]
    shown = "".join(text for text, _ in first["fields"][0]["attacked"])
    assert browser.value("document.querySelectorAll('#cards .field p')[1].textContent") == shown
    assert visible(sample_results.HOSTILE) in shown
    assert browser.value("system.options[1].textContent") == f"model {visible(CASES[name][0].systems[0].name)}"
    assert visible(sample_results.HOSTILE) in browser.value("document.querySelector('#cards .says tbody').textContent")


def test_flipped_examples(page):
    assert choose(page, "flipped", True) == sum(bool(systems) for _, systems in FLIPPED)
    assert choose(page, "system", "MiniLM") == sum("MiniLM" in systems for _, systems in FLIPPED)
    expected = sum(attack == "charbert" and "MiniLM" in systems for attack, systems in FLIPPED)
    assert choose(page, "attack", "charbert") == expected
    assert page.value("document.querySelectorAll('#cards > :first-child .says tbody tr').length") == 1
    assert page.value("document.querySelector('#cards .flip').textContent") == "made wrong"
    assert page.value("document.querySelectorAll('#cards > :not(:has(.flip))').length") == 0


def test_operators_and_labels(page):
    swapped = sum(any(edit.operator == "swap" for edit in example.edits) for example in RESULTS.shown)
    assert choose(page, "operator", "swap") == swapped
    assert choose(page, "operator", "") == len(RESULTS.shown)
    assert choose(page, "label", "positive") == sum(example.target == "positive" for example in RESULTS.shown)


def test_tags_are_labels(browser, pages):
    browser.open(pages["tagging"])
    assert choose(browser, "label", "B-PER") == 1
    assert browser.value("document.querySelector('#cards .says li').textContent") == "Blakburn: B-LOC, not I-PER"


def test_search_and_reset(page):
    expected = sum("THE" in f"{each.id}{each.target}{each.clean}{each.attacked}".upper() for each in RESULTS.shown)
    assert choose(page, "query", "THE") == expected
    assert 0 < expected < len(RESULTS.shown)
    assert choose(page, "query", "no such words") == 0
    page.value("document.querySelector('[type=reset]').click()")
    assert page.value("new Promise(done => setTimeout(() => done(count.textContent), 20))") == "80 of 80 examples"


def test_edits_are_marked(page):
    first = RESULTS.shown[0]
    lines = page.value("[...document.querySelectorAll('#cards > :first-child .field p')].map(p => p.textContent)")
    assert lines == [first.clean[0], first.attacked[0]]
    marks = page.value("[...document.querySelectorAll('#cards > :first-child ins')].map(e => [e.textContent, e.title])")
    expected = [[first.attacked[0][slice(*edit.new)], edit.operator] for edit in first.edits]
    assert marks == expected
    carets = page.value("document.querySelectorAll('#cards > :first-child ins.caret').length")
    assert carets == sum(not text for text, _ in expected) > 0


def test_right_and_wrong_are_told_without_colour(page):
    marks = page.value(
        "[...document.querySelectorAll('#cards > :first-child .says td > span:first-child')]"
        ".map(e => [getComputedStyle(e, '::before').content, e.textContent])"
    )
    for mark, text in marks:
        assert ("✓" in mark) == text.endswith("(right)")
        assert ("✗" in mark) == text.endswith("(wrong)")


def test_keyboard(page):
    page.key("/")
    assert page.value("document.activeElement.id") == "query"
    for letter in "bland":
        page.key(letter)
    assert page.value("count.textContent") == f"{choose(page, 'query', 'bland')} of 80 examples"
    for _ in range(12):
        page.key("Tab")
        if page.value("document.activeElement.id") == "flipped":
            break
    page.key(" ")
    assert page.value("flipped.checked") is True


def test_pages_turn(page):
    assert page.value("place.textContent") == "Page 1 of 16"
    page.key("n")
    assert page.value("place.textContent") == "Page 2 of 16"
    page.key("p")
    page.key("p")
    assert page.value("[place.textContent, previous.disabled]") == ["Page 1 of 16", True]
    choose(page, "size", "25")
    assert page.value("[place.textContent, cards.children.length]") == ["Page 1 of 4", 25]


def test_tables_are_sorted(page):
    rows = (
        "[...document.querySelectorAll('#scores table')[0].tBodies[0].rows].map(r => r.cells[0].firstChild.textContent)"
    )
    click = "document.querySelectorAll('#scores table')[0].tHead.rows[0].cells[1].firstChild.click()"
    before = page.value(rows)
    page.value(click)
    assert page.value(rows)[0] == "clean text"
    page.value(click)
    assert page.value(rows)[0] == "worst attack of each text"
    page.value(click)
    assert page.value(rows) == before


def test_the_theme_can_be_switched(page):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.value(ground)
    page.value("theme.click()")
    assert page.value(ground) != light
    assert page.value("theme.textContent") == "Light"


def test_the_theme_is_remembered(page):
    page.value("theme.click()")
    page.again()
    assert page.value("[document.documentElement.dataset.theme, theme.textContent]") == ["dark", "Light"]


def test_filters_stand_in_the_address(page):
    found = choose(page, "attack", "drop@0.5")
    choose(page, "flipped", True)
    page.key("n")
    assert page.value("location.hash") == "#examples?attack=drop%400.5&flipped=1&page=2"
    page.again()
    assert page.value("[attack.value, flipped.checked]") == ["drop@0.5", True]
    assert page.value("place.textContent").startswith("Page 2 of")
    assert 0 < int(page.value("count.textContent").split()[0]) < found


def test_a_row_leads_to_the_examples_of_its_attack(page):
    page.value("document.querySelector('#scores a.main').click()")
    wanted = page.value("decodeURIComponent(document.querySelector('#scores a.main').hash.split('=')[1])")
    page.page.wait_for_function(f"attack.value === {wanted!r}")
    assert int(page.value("count.textContent").split()[0]) == sum(each.attack == wanted for each in RESULTS.shown)


def test_nothing_found_has_a_way_back(page):
    assert choose(page, "query", "no such words") == 0
    assert page.value("[empty.hidden, pages.hidden, cards.children.length]") == [False, True, 0]
    page.value("all.click()")
    page.page.wait_for_function("cards.children.length > 0")
    assert page.value("[empty.hidden, query.value]") == [True, ""]


def test_tables_are_written_as_csv(page):
    with page.page.expect_download() as download:
        page.page.locator("#scores .csv").first.click()
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    heads, clean, *_ = rows
    assert heads[:3] == ["text", "text (mark)", "text (note)"]
    by_head = dict(zip(heads, clean, strict=True))
    assert (by_head["text"], by_head["model MiniLM"]) == ("clean text", "86.0")
    assert rows[-1][heads.index("model MiniLM (change)")] == "-55.4"


def test_the_story_is_told_without_a_script(browser, pages):
    browser.open(pages["classification"], script=False)
    assert browser.page.locator("#story .card").is_visible()
    assert browser.page.locator("noscript").first.inner_text().startswith("To browse them needs JavaScript")
    assert not browser.page.locator("#theme").is_visible()


def test_tables_stack_on_a_phone(browser, pages):
    browser.open(pages["searched"], width=390)
    tables = "[...document.querySelectorAll('.data')].map(t => t.closest('.scroll')).filter(b => b.scrollWidth > b.clientWidth)"
    assert browser.value(f"{tables}.length") == 0
    before = "getComputedStyle(document.querySelector('#scores td'), '::before').content"
    assert browser.value(before) == '"model MiniLM"'


@pytest.mark.needs("matplotlib")
def test_figures_take_the_page_s_colours(browser, pages):
    fill = "getComputedStyle(document.querySelector('.plot svg text')).fill"
    browser.open(pages["classification"])
    light = browser.value(fill)
    browser.open(pages["classification"], dark=True)
    assert browser.value(fill) != light
