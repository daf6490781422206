"""Hooks of the documentation site: pages that stand outside docs/, links between them, the boards, roles in docstrings.

Not part of the site itself (``exclude_docs`` in mkdocs.yml). MkDocs calls the functions by name, griffe the extension.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from charrobust.report.cards import read_cards
from charrobust.report.leaderboard import leaderboard_markdown

ROOT = Path(__file__).parents[1]
# Pages of the repository outside docs/, and where each stands on the site.
ADDED_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "charrobust/models/shipped/charbert-minilm-l6/README.md": "models/charbert-minilm-l6.md",
    "charrobust/models/shipped/charbert-e5-small/README.md": "models/charbert-e5-small.md",
}
# The page that shows the cards of a folder, and what stands in the place of its tables.
LEADERBOARD, CARDS, BOARDS = "leaderboard.md", ROOT / "docs" / "leaderboard", "<!-- boards -->"
_SOURCES = {place: source for source, place in ADDED_PAGES.items()}
_LINK = re.compile(r"(!?)\[([^\]]+)\]\(([^)#\s]+)(#[^)\s]*)?\)")
_ROLE = re.compile(r":(?:func|class|meth|mod|attr|data):`~?([^`]+)`")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand outside docs/.

    Args:
        files: The pages under docs/.
        config: Configuration of the site.

    Returns:
        The same, with the added pages.
    """
    for source, place in ADDED_PAGES.items():
        files.append(File.generated(config, place, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Make the links of a page, which lead from file to file of the repository, lead from page to page.

    Args:
        markdown: Text of the page.
        page: The page.

    Returns:
        The text. A link to a file that is no page (a license, a source file) is left as its words alone.
    """
    place = page.file.src_uri
    if place == LEADERBOARD:
        markdown = markdown.replace(BOARDS, boards(CARDS))
    source = _SOURCES.get(place, f"docs/{place}")

    def on_site(link: re.Match[str]) -> str:
        image, words, target, anchor = link.groups()
        if "://" in target:
            return link[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path not in ADDED_PAGES and not path.startswith("docs/"):
            return words
        address = posixpath.relpath(ADDED_PAGES.get(path, path.removeprefix("docs/")), posixpath.dirname(place))
        return f"{image}[{words}]({address}{anchor or ''})"

    return _LINK.sub(on_site, markdown)


def boards(folder: Path) -> str:
    """Return the cards of a folder as tables.

    Args:
        folder: The folder, which may hold none yet.

    Returns:
        The tables, as Markdown.
    """
    if not any(folder.glob("*.json")):
        return "*There is no card here yet.*"
    return leaderboard_markdown(read_cards(folder))


class PlainRoles(griffe.Extension):
    """Shows the roles of docstrings, such as ``:func:`load_recipe```, as plain code: the site's Markdown knows none."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object.

        Args:
            obj: A module, class, function or attribute.
        """
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(r"`\1`", obj.docstring.value)
