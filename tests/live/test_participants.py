"""Who is asked on the live page, and what is shown of their answers."""

import pytest

from charrobust.errors import UserError
from charrobust.live.participants import participants
from charrobust.live.trial import Question, Trial
from charrobust.systems.naming import SystemOptions
from charrobust.tasks.registry import task_class

FUNCTION = "python:tests.cli.searched_model:mood"
QUESTION = Question("great weather", "drop", 1, 1)


def said(*names, task="classification", question=QUESTION):
    asked = participants(list(names), SystemOptions(task=task_class(task), device="cpu"))
    return Trial(asked).answer(question)["models"]


def test_classes_have_probabilities():
    (model,) = said(FUNCTION)
    assert model["name"] == "mood"
    assert model["clean"]["classes"][0] == pytest.approx(("positive", 0.55))
    assert model["attacked"]["classes"][0] == pytest.approx(("negative", 0.55))


def test_what_a_defence_writes_is_shown():
    first, second = said(FUNCTION, f"folded=fold+{FUNCTION}", question=Question("great wea\u200bther", "drop", 0, 1))
    assert "read" not in first["clean"]
    assert second["clean"]["read"] == "great weather"


def test_nothing_is_asked_about_an_empty_text():
    assert said(FUNCTION, question=Question(" ", "drop", 1, 1)) == [{"name": "mood", "clean": {}, "attacked": {}}]


def test_models_that_tag_words(tmp_path):
    pytest.importorskip("torch")
    from tests.systems.tiny import LABELS, save_model

    (model,) = said(str(save_model(tmp_path / "tagger", "bert", "tagging")), task="tagging")
    word, tag = model["clean"]["prediction"].split()[0].split("/")
    assert (word, tag in LABELS) == ("great", True)


def test_models_of_pairs_and_of_other_inputs_are_refused(tmp_path):
    pytest.importorskip("torch")
    from tests.systems.tiny import save_model

    model = save_model(tmp_path / "answers", "bert", "qa")
    with pytest.raises(UserError, match="model 'answers' is for qa; the page asks about one text"):
        said(str(model), task="qa")


def test_two_of_one_name_are_refused():
    with pytest.raises(UserError, match="2 models are called 'mood'; tell them apart with NAME=PATH"):
        said(FUNCTION, FUNCTION)
