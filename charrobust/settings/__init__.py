"""Dataclasses whose fields are declared once: types, bounds, choices, defaults and help, for TOML, JSON and options.

Recipes, the settings of runs and results are such dataclasses. From the declaration of a field come what is read from a
file and what is refused (:func:`read`), what ``KEY=VALUE`` may change (:func:`read_changed`, of a file
:func:`read_file`), with what a run may go on (:func:`differences`), and an option of the command line with its help
(:func:`declared_options`).

It is a machine of our own, because pydantic adds 0.1 s to the start of every command, and neither it nor msgspec names
the closest known key, so that errors would have to be written around either.
"""

from charrobust.settings.changes import differences, parse_change, read_changed, read_file
from charrobust.settings.fields import Checked, setting
from charrobust.settings.options import DeclaredOption, declared_options, field_texts
from charrobust.settings.reading import check_known, field_names, read, read_values

__all__ = [
    "Checked",
    "DeclaredOption",
    "check_known",
    "declared_options",
    "differences",
    "field_names",
    "field_texts",
    "parse_change",
    "read",
    "read_changed",
    "read_file",
    "read_values",
    "setting",
]
