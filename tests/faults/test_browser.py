"""A report of hostile data in a real browser: no script of the data runs, nothing is fetched, and the page works."""

import json
import zlib
from dataclasses import replace

import pytest

from charrobust.report import page as report
from charrobust.visible import visible
from tests.report import sample_results
from tests.report.conftest import browser, chrome

__all__ = ["browser", "chrome"]  # fixtures

pytestmark = pytest.mark.nightly

# Each would say so if it were obeyed: by the title, by a variable, by a request to a place that the browser would note.
OWN = "document.title='owned';window.owned=1"
PAYLOADS = {
    "script": f"<script>{OWN}</script>",
    "end of the script": f"</script><script>{OWN}</script>",
    "comment in a script": f"<!--<script>{OWN}//",
    "attribute": f"\"'><img src=https://evil.example/x onerror={OWN}>",
    "handlers": f"' onmouseover='{OWN}' autofocus onfocus=\"{OWN}\" x='",
    "end of the style": f"</style><style>@import url(https://evil.example/x.css);</style><script>{OWN}</script>",
    "style": "};*{background:url(https://evil.example/x)}",
    "title": f"</title></textarea></noscript><script>{OWN}</script>",
    "svg": f"<svg onload={OWN}><script>{OWN}</script><use href='data:image/svg+xml,x'/></svg>]]>",
    "link": f"javascript:{OWN}",
    "frames": "<iframe srcdoc='<script>parent.owned=1</script>'></iframe><base href=//evil.example><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "form": "<form action=https://evil.example><input autofocus name=q></form><a href=https://evil.example ping=https://evil.example>x</a>",
    "templates": "{{7*7}}{% raw %}${window.owned=1}`<%= 7*7 %>",
    "json": "\",\"systems\":[],\"x\":\"\\u003cscript\\u003e",
    "prototype": "__proto__",
    "mathematics": r"$\frac{1}{0}$ $x_$ \input{x}",
    "controls": "\x00\x1b]52;c;x\x07\x9b2J\u2028\u2029\x0c\ud83d",
    "directions": "\u202egnp.exe\u2066\u2067 שלום عليكم",
    "joiners": "a\u200b\ufeff\u00ad\U000e0041",
    "long word": "W" * 100_000,
}  # fmt: skip


SHORT = [payload for payload in PAYLOADS.values() if len(payload) < 1000]
PAGES = 3


def hostile(page):
    """Return results and sensitivity of which every text ends with a payload, in each page with another one."""

    def change(text):
        # The same for the same text, as names are referred to.
        return text + SHORT[(zlib.crc32(text.encode()) + page * len(SHORT) // PAGES) % len(SHORT)]

    results = sample_results.with_strings(sample_results.classification(4), change)
    first = results.shown[0]
    everything = replace(first, attacked=(first.attacked[0] + "".join(PAYLOADS.values()),))
    shown = (everything, *results.shown[1:])
    return replace(results, shown=shown), sample_results.with_strings(sample_results.sensitivity(), change)


@pytest.fixture(scope="module", params=range(PAGES))
def hostile_page(request, tmp_path_factory):
    results, sensitivity = hostile(request.param)
    path = tmp_path_factory.mktemp("hostile") / "page.html"
    path.write_text(report.page(results, sensitivity), encoding="utf-8")
    return path, results


@pytest.fixture
def opened(hostile_page, browser):
    browser.path, browser.results = hostile_page
    browser.open(browser.path)
    return browser


def check(page):
    """Check that nothing of the data has run, and nothing was asked of the network."""
    assert page.value("document.title") != "owned"
    assert page.value("typeof window.owned") == "undefined"
    assert page.value("document.querySelectorAll('script').length") == 2
    assert page.value("document.querySelectorAll('style').length") == 1
    assert page.value("document.querySelectorAll('img, iframe, base, object, embed, form form').length") == 0
    assert page.value("document.querySelectorAll('a:not([href^=\"#\"])').length") == 0
    handlers = (
        "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length"
    )
    assert page.value(handlers) == 0
    assert page.errors == []
    assert page.requests == [page.path.as_uri()]


def test_nothing_of_the_data_is_obeyed(opened):
    check(opened)
    # What a reader does: searches, filters, opens what is folded, turns pages, sorts.
    found = int(opened.value("count.textContent").split()[0])
    assert found == len(opened.results.shown)
    for control in ("system", "attack", "operator", "label"):
        opened.value(
            f"(e => {{ e.selectedIndex = e.options.length - 1; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})({control})"
        )
    opened.value("document.querySelector('[type=reset]').click()")
    opened.value("new Promise(done => setTimeout(done, 30))")
    assert int(opened.value("count.textContent").split()[0]) == found
    opened.value("document.querySelectorAll('details').forEach(e => { e.open = true })")
    opened.value("document.querySelectorAll('.data th button').forEach(e => e.click())")
    opened.value(
        "document.querySelectorAll('[onmouseover], [title]').forEach(e => e.dispatchEvent(new MouseEvent('mouseover')))"
    )
    check(opened)


def test_the_payloads_are_shown(opened):
    text = opened.value("[...document.querySelectorAll('.field p')].map(p => p.textContent).join('\\n')")
    for payload in PAYLOADS.values():
        assert visible(payload) in text
    assert opened.value("document.documentElement.scrollWidth") <= 1280


def test_directions_do_not_reach_beyond_their_place(browser, tmp_path):
    """The name of a system in letters from right to left, with an override, leaves the numbers beside it where they are."""
    results = sample_results.with_strings(
        sample_results.classification(4), lambda text: text + "\u202e שלום" if text == "sst2" else text
    )
    path = tmp_path / "page.html"
    path.write_text(report.page(results, None), encoding="utf-8")
    browser.open(path)
    rectangle = "(e => [e.getBoundingClientRect().left, e.getBoundingClientRect().right])"
    name = browser.value(f"{rectangle}(document.querySelector('.eyebrow bdi'))")
    behind = browser.value(
        "(() => { const r = document.createRange(); const t = document.querySelector('.eyebrow bdi').nextSibling;"
        " r.selectNodeContents(t); const b = r.getBoundingClientRect(); return [b.left, b.right]; })()"
    )
    assert name[1] <= behind[0] + 1
    assert (
        json.dumps(browser.value("document.querySelector('.eyebrow').textContent")).count("202e") == 1
    )  # as an escape
