"""``charrobust attack --look``: a page of what attacks do to data, without any model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from charrobust.cli.result import Result
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.datasets.options import DataOptions
    from charrobust.perturb import Attack

_SUFFIX = ".look.html"
_EXAMPLES = 2000  # of the beginning of the data, which the page is made of


def check_only_looks(**options: object) -> None:
    """Refuse options that say how data are written, where a page is.

    Args:
        options: What was given, nothing or a false value where nothing was.

    Raises:
        UserError: With the first that was.
    """
    for name, value in options.items():
        if value:
            raise UserError(f"`look` writes a page and no data: leave out `{name}`, or leave out `look`")


def look(
    source: str, reading: DataOptions, attacks: Sequence[Attack], output: Path | None, tokenizers: Mapping[str, str]
) -> Result:
    """Write the page.

    Args:
        source: Name of the data set.
        reading: How it is read.
        attacks: The attacks.
        output: The page; None names it by the data.
        tokenizers: Tokenizers that are asked about, by their names.

    Returns:
        What was written.

    Raises:
        UserError: The data cannot be read or attacked, or the page cannot be written.
    """
    from charrobust.cli.shared import say, tell
    from charrobust.datasets.load import read_source
    from charrobust.datasets.source import open_source
    from charrobust.report.look import look_at
    from charrobust.report.look_page import write_look

    page = output or Path(default_page(source))
    if page.suffix != ".html":
        raise UserError(f"`look` writes a page: end the name of `output` with .html, got {page}")
    data = read_source(open_source(source, reading), limit=_EXAMPLES, labelled=False)
    tell(data.notes())
    seen = look_at(data, attacks, tokenizers)
    write_look(seen, page)
    for each in seen.attacks:
        say(f"{each.attack.recipe.name}: {100 * each.changed:.0f} % of {each.tally.words:,} words change")
    say(f"wrote {page}; open it in a browser. To write the attacked data, name a file with --output")
    changed = [{"recipe": each.attack.recipe.name, "words_changed": each.changed} for each in seen.attacks]
    return Result({"page": page}, {"examples": len(data), "attacks": changed})


def default_page(source: str) -> str:
    """Return the name of the page of a data set, which lies in the folder that one works in.

    Args:
        source: A file, a card's name or ``hub:NAME:SPLIT``.

    Returns:
        A name of a file.
    """
    path = Path(source)
    name = path.name.removesuffix(".gz") if path.exists() else re.sub(r"[/\\:]", "-", source)
    return f"{Path(name).stem if path.is_file() else name}{_SUFFIX}"
