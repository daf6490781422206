"""Pages as people see them: pictures of them, and what axe-core finds that keeps somebody from reading them.

Pictures are left in the folder that CHARROBUST_SCREENSHOTS names, or else in that of the test. axe-core is taken from
the folder that CHARROBUST_AXE names, or else fetched with npm.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.report.drawn import page_of

pytestmark = pytest.mark.nightly
AXE = "axe-core@4.11.0"
WIDTHS = (390, 1400)


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    given = os.environ.get("CHARROBUST_AXE")
    if given:
        return Path(given) / "axe.min.js"
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here, which fetches axe-core, and CHARROBUST_AXE names no folder of it")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", AXE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm did not fetch {AXE}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in ("classification", "searched", "tagging", "rankings", "regression"):
        (folder / f"{name}.html").write_text(page_of(name), encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["classification", "searched", "tagging", "rankings", "regression"])
def test_pictures(name, dark, width, browser, pages, tmp_path):
    browser.open(pages / f"{name}.html", width=width, dark=dark)
    folder = Path(os.environ.get("CHARROBUST_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    scheme = "dark" if dark else "light"
    for part, whole in (("first", False), ("whole", True)):
        path = folder / f"{name}-{width}-{scheme}-{part}.png"
        browser.screenshot(path, whole=whole)
        assert path.stat().st_size > 10_000
    shown = browser.value("document.querySelector('h1').getBoundingClientRect().bottom")
    assert shown < 900, "the sentence is on the first screen"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["classification", "searched"])
def test_nothing_keeps_somebody_from_reading(name, dark, width, browser, pages, axe):
    browser.open(pages / f"{name}.html", width=width, dark=dark)
    browser.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
    # The page's policy lets no other script in; the browser's own tools may run one all the same.
    browser.value(axe.read_text(encoding="utf-8") + "; true")
    found = browser.value("axe.run(document, { resultTypes: ['violations'] })")
    told = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]
    assert told == []
