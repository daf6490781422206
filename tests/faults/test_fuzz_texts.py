"""A short form of the fuzzing of texts."""

from charrobust.perturb import recipe_names
from tests.faults.fuzz_texts import fuzz


def test_random_texts_show_no_fault():
    counts = fuzz(40, seed=7)
    assert counts.texts == 40
    assert counts.attacks == 40 * (len(recipe_names()) + 2)
    assert counts.edits > 100
