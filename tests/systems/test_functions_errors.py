"""Functions that answer wrongly, and names of code that is not there."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from charrobust.errors import UserError
from charrobust.scoring import evaluate
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.scoring.fakes import reviews

EXAMPLES = [Example(name, ("wonderful weather",), None) for name in ("first", "second", "third")]


def broken(texts):
    raise KeyError("weights")


def leaving(texts):
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("function", "task", "message"),
    [
        (lambda texts: ["good"], "classification", r"returned 1 answers for 3 inputs; expected one for each"),
        (lambda texts: "good", "classification", r"returned 'good' for a list of 3 inputs; expected a list"),
        (lambda texts: None, "classification", r"returned None for a list of 3 inputs"),
        (lambda texts: [None] * 3, "classification", r"answer for example first: expected a label"),
        (lambda texts: ["good", "bad", 0.5], "classification", r"answer for example third: expected a label"),
        (lambda texts: [{"bad": np.nan, "good": 1}] * 3, "classification", r"example first: expected a finite number"),
        (
            lambda texts: np.full((3, 2), 0.5),
            "classification",
            r"an array of 2 columns, and has no labels; return a label",
        ),
        (lambda texts: [float("nan")] * 3, "regression", r"example first: expected a finite number, got nan"),
        (lambda texts: ["many"] * 3, "regression", r"expected a finite number, got 'many'"),
        (lambda texts: [["O"]] * 3, "tagging", None),
        (lambda texts: [["O", "O"]] * 3, "tagging", r"expected 1 tags, one a token, got 2"),
        (lambda texts: ["spam"] * 3, "multilabel", r"expected a list of labels, got 'spam'"),
        (lambda texts: [{"a": 3}] * 3, "multilabel", r"expected the probability of each label, got 3.0 of 'a'"),
        (lambda texts: [[(0, 99, "PER")]] * 3, "spans", r"inside of a text of 17 characters, got 0 to 99"),
        (lambda texts: [[(0, "PER")]] * 3, "spans", r"expected \(start, end, type\) of a span"),
        (
            broken,
            "classification",
            r"'broken' raised KeyError: 'weights' \(line \d+ of .*errors\.py\); it was given a list of 3 inputs, the first",
        ),
        (leaving, "classification", r"'leaving' raised SystemExit: 0 \(line"),
        (lambda texts: texts.clear() or ["good"] * 2, "classification", r"returned 2 answers for 3 inputs"),
    ],
)
def test_wrong_answers(function, task, message):
    system = System.of(function, task=task)
    if message is None:
        assert system.predict(EXAMPLES) == [("O",)] * 3
        return
    with pytest.raises(UserError, match=message):
        system.predict(EXAMPLES)


def test_the_task_must_be_known():
    with pytest.raises(UserError, match=r"'broken' does not tell its task; give `task`"):
        System.of(broken)
    with pytest.raises(UserError, match=r"unknown task 'clasification'; did you mean 'classification'"):
        System.of(broken, task="clasification")


@pytest.mark.parametrize("thing", [3, None, object(), LogisticRegression])
def test_what_cannot_be_asked(thing):
    with pytest.raises(UserError, match=r"cannot ask"):
        System.of(thing, task="classification")


def test_an_estimator_that_is_not_fitted():
    with pytest.raises(UserError, match=r"'LogisticRegression' is not fitted; call its method fit first"):
        System.of(LogisticRegression(), task="classification")


def test_no_answer_is_a_label():
    with pytest.raises(UserError, match=r"6 of 6 answers of function are no classes of the data set, such as 'up'"):
        evaluate([lambda texts: ["up"] * len(texts)], reviews(), [])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("python:my_systems", r"expected python:MODULE:NAME"),
        ("python:my_systems:", r"expected python:MODULE:NAME"),
        ("python:", r"expected python:MODULE:NAME"),
        ("python:./my_systems.py:answer", r"expected python:MODULE:NAME, the module as `import` names it"),
        ("python:my_systems.py:answer", r"expected python:MODULE:NAME, the module as `import` names it"),
        ("python:my_systems:Model", r"'python:my_systems:Model': cannot ask the class Model; give an object of it"),
        ("python:my_leaving:answer", r"importing my_leaving raised SystemExit: 0 \(line 1 of .*my_leaving\.py\)"),
        ("python:my_systms:answer", r"there is no module 'my_systms' in "),
        ("python:my_systems:anwser", r"my_systems has no 'anwser'; did you mean 'answer'"),
        ("python:my_systems:number", r"cannot ask 3: expected a function"),
        ("python:my_broken:answer", r"importing my_broken raised ZeroDivisionError: division by zero \(line 1 of"),
        ("python:my_needy:answer", r"my_needy needs the module 'not_there', which is not installed"),
    ],
)
def test_names_of_code(path, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_systems.py").write_text("number = 3\ndef answer(texts):\n    return texts\nclass Model: ...\n")
    (tmp_path / "my_leaving.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "my_broken.py").write_text("1 / 0\n")
    (tmp_path / "my_needy.py").write_text("import not_there\n")
    monkeypatch.delitem(__import__("sys").modules, "my_systems", raising=False)
    with pytest.raises(UserError, match=message):
        load_system(path, SystemOptions(task=task_class("classification")))
