"""The option that says in which language texts are attacked, the same for every command that has it."""

from __future__ import annotations

from typing import Annotated

import typer

from charrobust.cli import completion, panels

Language = Annotated[
    str | None,
    typer.Option(
        help="Language of the texts, such as de (`recipes --languages` lists them), or a TOML file: the recipe takes "
        "its keyboard layout, alphabet and stop words.",
        autocompletion=completion.languages,
        rich_help_panel=panels.EDITS,
    ),
]
