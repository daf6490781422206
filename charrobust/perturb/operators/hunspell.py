"""Misspellings by the rules with which a spelling dictionary mends them, turned around."""

from __future__ import annotations

import codecs
import functools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.errors import RecipeError
from charrobust.perturb.operators.rewriting import Rewriting
from charrobust.perturb.rewrite_rules import END, START, RewriteRule, rewrite_rule

_BLANK = "_"  # how rules write a blank between two words


@dataclass(frozen=True, kw_only=True)
class Hunspell(Rewriting):
    """Write what a dictionary of Hunspell replaces (``REP``) for what it replaces it by: ``photo`` becomes ``foto``.

    Attributes:
        affix: Path of the dictionary's ``.aff`` file, such as ``/usr/share/hunspell/de_DE.aff``.
    """

    name = "hunspell"
    level = "misspellings"
    source = "Németh et al.: Hunspell, the REP tables of its dictionaries"
    affix: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.known_rules  # refuses a file that does not serve with the recipe, and not in the middle of a run

    @functools.cached_property
    def known_rules(self) -> tuple[RewriteRule, ...]:
        """See the base class."""
        return load_replacements(self.affix)

    def __getstate__(self) -> dict[str, Any]:
        """Keep the rules: a dictionary may not lie where the attack is sent."""
        return {**super().__getstate__(), "known_rules": self.known_rules}


def load_replacements(affix: str) -> tuple[RewriteRule, ...]:
    """Read the replacements of a dictionary, from the right letters to the wrong ones.

    Replacements by several words are left out, as are those of whole words by nothing.

    Args:
        affix: Path of its ``.aff`` file.

    Returns:
        A rule for each group of right letters.

    Raises:
        RecipeError: There is no such file, or a replacement in it is not understood; with the line.
    """
    path = Path(affix)
    if not affix or not path.is_file():
        raise RecipeError(
            f"operator 'hunspell': affix = {affix!r} is no file; give the path of a dictionary's .aff file, such as "
            "/usr/share/hunspell/de_DE.aff"
        )
    wrong_forms: dict[str, list[str]] = defaultdict(list)
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        fields = line.split()
        # The first of these lines tells how many there are.
        if not fields or fields[0] != "REP" or (len(fields) == 2 and fields[1].isdecimal()):
            continue
        if len(fields) < 3:
            raise RecipeError(f"{path}, line {number}: expected REP WRONG RIGHT, got {line.strip()!r}")
        wrong, right = fields[1], fields[2]
        bare = wrong.removeprefix(START).removesuffix(END)
        ends = wrong.startswith(START), wrong.endswith(END)
        pattern = START * ends[0] + right + END * ends[1]
        if _BLANK not in wrong + right and bare and bare.lower() != right.lower() and bare not in wrong_forms[pattern]:
            wrong_forms[pattern].append(bare)
    rules = [rewrite_rule(pattern, forms) for pattern, forms in wrong_forms.items() if forms]
    if not rules:
        raise RecipeError(f"{path} has no replacements (REP) that could be turned around; take another dictionary")
    return tuple(rules)


def _decoded(path: Path) -> str:
    """Return the text of an affix file, which names its encoding itself."""
    marked = path.read_bytes()
    content = marked.removeprefix(codecs.BOM_UTF8)
    encoding = "iso8859-1" if content == marked else "utf-8"
    for line in content.split(b"\n"):
        if line.startswith(b"SET "):
            encoding = line[4:].strip().decode("ascii", "replace").lower().removeprefix("microsoft-")
            break
    try:
        codecs.lookup(encoding)
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} cannot be read as {encoding!r}, which it names as its encoding: {error}") from error
