"""Layouts that an operator cannot use are refused with the recipe."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators import Keyboard


@pytest.mark.parametrize(("row", "keys", "message"), [
    ("123", "letters", r"mine.toml' has no letter keys; name a layout with some, or set keys = 'all'"),
    ("  ", "letters", r"mine.toml' has no letter keys"),
    ("  ", "all", r"operator 'keyboard': layout '.*mine.toml' has no keys; name a layout with some$"),
])  # fmt: skip
def test_layouts_without_keys_to_draw_from(tmp_path, row, keys, message):
    path = tmp_path / "mine.toml"
    path.write_text(f"rows = [{{ keys = '{row}' }}]")
    with pytest.raises(RecipeError, match=message):
        Keyboard(layout=str(path), keys=keys)
