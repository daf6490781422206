"""charrobust: what typing errors do to language models, and what to do about it.

The names below load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.datasets import DataSet, load_data
    from charrobust.perturb import Attack, Edit, EditedText, Recipe, load_recipe, recipe_names, replay, revert
    from charrobust.scoring import evaluate

__version__ = "0.1.0"
__all__ = [
    "Attack",
    "DataSet",
    "Edit",
    "EditedText",
    "Recipe",
    "__version__",
    "evaluate",
    "load_data",
    "load_recipe",
    "recipe_names",
    "replay",
    "revert",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charrobust.perturb": (
            "Attack",
            "Edit",
            "EditedText",
            "Recipe",
            "load_recipe",
            "recipe_names",
            "replay",
            "revert",
        ),
        "charrobust.datasets": ("DataSet", "load_data"),
        "charrobust.scoring": ("evaluate",),
    },
)
