"""The page of a first look: one self-contained HTML file, made without any model."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from charrobust.files import replacing
from charrobust.perturb import Attack, load_recipe, recipe_names
from charrobust.perturb.operators.base import LEVELS
from charrobust.perturb.recipe_examples import SENTENCES, can_run, changed_stretch
from charrobust.report.look import AttackLook, Look
from charrobust.report.names import level_title
from charrobust.report.tables import Cell, Row, Table
from charrobust.report.templating import asset, environment, policy
from charrobust.report.wording import NONE, in_options, listed, number, percent, points
from charrobust.scoring.fragility.results import Fragility
from charrobust.scoring.intervals import Interval


def write_look(look: Look, path: Path) -> Path:
    """Write the page of a first look.

    Args:
        look: What there is to see.
        path: The page.

    Returns:
        The page.

    Raises:
        UserError: It cannot be written.
    """
    text = look_page(look)
    with replacing(path) as temporary:
        # Texts may hold halves of letters, which UTF-8 has no form for.
        temporary.write_text(text, encoding="utf-8", errors="replace")
    return path


def look_page(look: Look) -> str:
    """Return the page of a first look as HTML; it loads nothing from elsewhere.

    Args:
        look: What there is to see.

    Returns:
        The page.
    """
    style, script = asset("page.css") + asset("look.css"), asset("page.js")
    template = environment().get_template("look.html")
    return template.render(
        look=look,
        headline=_headline(look),
        notes=list(map(in_options, look.data.notes())),
        counts=list(map(_counts, look.attacks)),
        edits=list(map(_edit_table, look.attacks)),
        levels=_recipe_tables(look.sentence),
        fragility=look.fragility and _fragility_table(look.fragility),
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704  # a file of this package
        script=Markup(script),  # noqa: S704
    )


def _headline(look: Look) -> str:
    """Return what the attacks do in one sentence."""
    parts = [f"{attack.attack.recipe.name} changes {percent(attack.changed)}" for attack in look.attacks]
    return f"{listed(parts)} of the words"


def _counts(look: AttackLook) -> str:
    """Return how many words there are, and why some stay."""
    tally = look.tally
    stay = [f"{reason} {count:,}" for reason, count in tally.excluded.most_common()]
    why = f" Not eligible: {', '.join(stay)}." if stay else ""
    words = f"{tally.words:,} words, {tally.eligible:,} of them eligible."
    return f"{percent(look.touched)} of the examples change. {words}{why}"


def _edit_table(look: AttackLook) -> Table:
    """Return how often each operator edited a word."""
    tally = look.tally
    total = max(1, sum(tally.edited.values()))
    rows: list[Row] = []
    for operator, drawn in sorted(tally.drawn.items(), key=lambda item: -item[1]):
        edits = tally.edited[operator]
        left = [f"{why} {count:,}" for (name, why), count in tally.left.items() if name == operator]
        cells = [
            Cell(operator, kind="name"),
            Cell(f"{edits:,}", value=edits, kind="number"),
            _share(edits / total),
            _share(edits / max(1, tally.words)),
            Cell(f"{drawn - sum(_left(look, operator)):,} of {drawn:,}", note=", ".join(left), value=drawn),
        ]
        rows.append(tuple(cells))
    heads = ("operator", "edits", "of all edits, %", "edits for 100 words", "words edited, of those drawn")
    return Table(f"Edits of {look.attack.recipe.name} by operator", heads, tuple(rows))


def _left(look: AttackLook, operator: str) -> list[int]:
    return [count for (name, _), count in look.tally.left.items() if name == operator]


def _share(value: float) -> Cell:
    return Cell(points(value), value=value, kind="number")


def _recipe_tables(sentence: str) -> list[tuple[str, Table]]:
    """Return what each recipe that ships does, a table a level."""
    rows: dict[str, list[Row]] = {level: [] for level in LEVELS}
    sentences = [sentence, *SENTENCES] if sentence else SENTENCES
    for name in recipe_names():
        recipe = load_recipe(name)
        before, after = NONE, NONE
        if all(map(can_run, recipe.operators)):
            before, after = changed_stretch(Attack.load(recipe), sentences) or (before, after)
        cells = [Cell(name, note=f"severity {recipe.severity}", kind="name"), Cell(recipe.summary)]
        rows[recipe.level].append((*cells, Cell(before, kind="code"), Cell(after, kind="code")))
    heads = ("recipe", "what it does", "before", "after")
    tables = []
    for level, of_level in rows.items():
        if of_level:
            tables.append((level, Table(f"Noise of {level_title(level)}", heads, tuple(of_level))))
    return tables


def _fragility_table(measured: Fragility) -> Table:
    """Return what edits do to the sub-tokens of words."""
    rows: list[Row] = []
    for tokenizer in measured.tokenizers:
        for group in tokenizer.groups:
            for edit in group.edits:
                shares = [_interval(share) for share in (edit.replaced, edit.recounted, edit.overlap)]
                words = Cell(f"{edit.words:,}", value=edit.words, kind="number")
                name = Cell(tokenizer.tokenizer, note=f"splits {percent(group.split.value)} of the clean words")
                rows.append((name, Cell(edit.operator), words, *shares))
    heads = ("tokenizer", "edited by", "words", "no sub-token left, %", "another number, %", "sub-tokens that stay, %")
    return Table(f"Words after an edit by {measured.attack}", heads, tuple(rows))


def _interval(share: Interval) -> Cell:
    half = (share.high - share.low) / 2
    return Cell(points(share.value), note=f"± {number(100 * half)}", value=share.value, kind="number")
