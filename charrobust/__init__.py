"""charrobust: what typing errors do to language models, and what to do about it.

The names below load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from charrobust.perturb import Attack, Edit, EditedText, Recipe, load_recipe, recipe_names, replay, revert

__version__ = "0.1.0"
__all__ = ["Attack", "Edit", "EditedText", "Recipe", "__version__", "load_recipe", "recipe_names", "replay", "revert"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("charrobust.perturb"), name)
    raise AttributeError(f"module 'charrobust' has no attribute {name!r}")
