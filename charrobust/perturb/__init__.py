"""Text in, edited text and edit log out. Knows no files, no tasks and no models."""

from charrobust.perturb.attack import Attack
from charrobust.perturb.candidates import Candidates
from charrobust.perturb.edits import Edit, EditedText, replay, revert
from charrobust.perturb.languages import Language, language_codes, load_language
from charrobust.perturb.perturbed import EditTable, Perturbed, PerturbedTokens, Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.recipe_files import load_recipe, recipe_names

__all__ = [
    "Attack",
    "Candidates",
    "Edit",
    "EditTable",
    "EditedText",
    "Language",
    "Perturbed",
    "PerturbedTokens",
    "Recipe",
    "Tally",
    "language_codes",
    "load_language",
    "load_recipe",
    "recipe_names",
    "replay",
    "revert",
]
