"""Pictures of what each recipe does to one sentence, a picture a level: what is edited stands out.

python benchmarks/noise_gallery.py docs/pictures
"""

from __future__ import annotations

import argparse
import re
from html import escape
from pathlib import Path

from charrobust.perturb import Attack, EditedText, load_recipe, recipe_names
from charrobust.perturb.operators.base import LEVELS
from charrobust.visible import visible

# One for all recipes; where a recipe finds nothing to edit in it, the other.
SENTENCES = (
    "Their new café is quite good. I would not have believed it, but the weather helps!",
    "今天天气很好，我们去公园散步。",
)
SEEDS = 30
LINE, NAME_WIDTH, SIGN_WIDTH, MARGIN = 26, 190, 8.2, 14
GONE, HIDDEN = "‸", "▯"  # where something was taken away; in place of characters that are not shown
STYLE = """text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; fill: #1c1e22; white-space: pre; }
.name { font-weight: bold; }
.edit { fill: #b3261e; font-weight: bold; text-decoration: underline; }
.clean { fill: #5d636d; }"""


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    by_level: dict[str, list[tuple[str, EditedText]]] = {}
    for name in recipe_names():
        edited = shown(name)
        if edited is not None:
            by_level.setdefault(load_recipe(name).level, []).append((name, edited))
    for level in LEVELS:
        if level in by_level:
            (folder / f"gallery-{level}.svg").write_text(picture(by_level[level]), encoding="utf-8")


def shown(name: str) -> EditedText | None:
    """Return what a recipe makes of a sentence, with the first seed by which it edits one; None if none does."""
    attack = Attack.load(name)
    for sentence in SENTENCES:
        for seed in range(attack.seed, attack.seed + SEEDS):
            edited = Attack(attack.recipe, seed).text(sentence)
            if edited.edits:
                return edited
    return None


def picture(rows: list[tuple[str, EditedText]]) -> str:
    """Return a picture: the clean sentence, and a line a recipe."""
    clean = f'<tspan class="clean">{escape(SENTENCES[0])}</tspan>'
    lines = [line(0, "clean", clean)]
    lines += [line(number, name, marked(edited)) for number, (name, edited) in enumerate(rows, 1)]
    longest = max(len(plain(edited.text)) for _, edited in [("clean", rows[0][1]), *rows])
    width = NAME_WIDTH + SIGN_WIDTH * (max(longest, len(SENTENCES[0])) + 2)
    height = LINE * len(lines) + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{chr(10).join(lines)}\n</svg>\n'
    )


def line(number: int, name: str, content: str) -> str:
    """Return a line of a picture."""
    y = MARGIN + LINE * number + 16
    return (
        f'<text class="name" x="{MARGIN}" y="{y}">{escape(name)}</text>'
        f'<text x="{NAME_WIDTH}" y="{y}" xml:space="preserve">{content}</text>'
    )


def marked(edited: EditedText) -> str:
    """Return an attacked sentence with its edits marked."""
    parts, end = [], 0
    for edit in edited.edits:
        start, stop = edit.new
        parts.append(escape(plain(edited.text[end:start])))
        new = plain(edited.text[start:stop]) or GONE
        parts.append(f'<tspan class="edit">{escape(new)}</tspan>')
        end = stop
    return "".join([*parts, escape(plain(edited.text[end:]))])


def plain(text: str) -> str:
    """Return a text with a sign in the place of characters that are not shown or turn round what is beside them."""
    return re.sub(r"(\\x[0-9a-f]{2}|\\[uU][0-9a-f]{4,8})+", HIDDEN, visible(text))


if __name__ == "__main__":
    main()
