"""Limits on what words may become, and dictionaries, that are refused."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.recipe_files import load_recipe, parse_recipe

DROP = [{"name": "drop"}]
LIMITED = {"errors": "non-word"}


def parsed(words, **more):
    content = {"summary": "s", "source": "s", "seed": 3, "operators": DROP, **more}
    if "mixture" in more:
        del content["operators"]
    return parse_recipe("mine", {**content, "words": words})


def recipe_file(folder, words):
    path = folder / "inner.toml"
    path.write_text(f'summary = ""\nsource = ""\nseed = 1\n[words]\n{words}\n[[operators]]\nname = "drop"\n')
    return str(path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"errors": "nonword"}, "unknown errors 'nonword'; did you mean 'non-word'"),
        ({"errors": True}, "errors"),
        ({"errors": "non-word", "dictionary": "xx"}, "unknown dictionary 'xx'.*en"),
        ({"errors": "non-word", "dictionary": "none/words.txt"}, "dictionary file not found: none/words.txt"),
        ({"dictionary": "de"}, "a dictionary is named, 'de', but errors = 'any' looks at none"),
        ({"dictionary": "none/words.txt"}, "looks at none"),
    ],
)
def test_refused(words, message):
    with pytest.raises(RecipeError, match=message):
        parsed(words)


@pytest.mark.parametrize(("name", "label"), [("join", "join"), ("drop-word", "drop-word"), ("swap-sentence", "")])
def test_edits_across_words(name, label):
    operators = [*([] if name == "swap-sentence" else DROP), {"name": name if label else "drop-sentence"}]
    with pytest.raises(
        RecipeError, match=f"what an edited word may become, but '{label or 'drop-sentence'}' edits across"
    ):
        parsed(LIMITED, operators=operators)


def test_a_mixture_with_edits_across_words():
    with pytest.raises(RecipeError, match="'drop-sentence' edits across words"):
        parsed(LIMITED, mixture=[{"recipe": "drop"}, {"recipe": "drop-sentences"}], mix="text")


def test_a_limit_in_a_mixture_and_in_its_part(tmp_path):
    with pytest.raises(RecipeError, match="'inner' says itself which errors are made; say it in one of the two"):
        parsed(LIMITED, mixture=[{"recipe": recipe_file(tmp_path, 'errors = "real-word"')}])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"cat\nbig dog\n", "words.txt, line 2: expected one word, got 'big dog'"),
        (b"# nothing\n\n", "the dictionary is empty; write a word a line"),
        (b"caf\xe9\n", r"is not UTF-8 \(byte 3\)"),
    ],
)
def test_a_list_that_is_none(tmp_path, content, message):
    (tmp_path / "words.txt").write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe_file(tmp_path, 'errors = "non-word"\ndictionary = "words.txt"'))


def test_another_language():
    with pytest.raises(RecipeError, match="its dictionary is of the language 'en', and the texts of 'de'; name a list"):
        parsed(LIMITED).in_language("de")
    assert parsed({}).in_language("de").language == "de"
