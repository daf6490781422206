"""Training sets that nothing can be fitted on, and encoders without one."""

import pytest

from charrobust.errors import UserError
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.vector_classifier import load_vector_classifier
from charrobust.tasks.encoders import TextVectors
from charrobust.tasks.registry import task_class
from tests.systems.encoders import LABELS, NUMBERS, PAIRS, TEXTS, data_of, save_encoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return save_encoder(tmp_path_factory.mktemp("models") / "encoder")


def test_without_a_training_set(encoder):
    with pytest.raises(UserError, match=r"run charrobust finetune first, .*; or give a training set with `fit_on`"):
        evaluate([encoder], data_of(LABELS))
    with pytest.raises(UserError, match=r"has no head; give a training set with `fit_on`"):
        load_vector_classifier(str(encoder), SystemOptions())
    with pytest.raises(UserError) as caught:
        load_system(str(encoder), SystemOptions(task=task_class("tagging")))
    assert "fit_on" not in str(caught.value)


def test_tasks_that_are_not_learnt_so(encoder):
    tagged = data_of([["O", "B"], ["O", "O"]], "tagging", [["a", "b"], ["c", "d"]])
    with pytest.raises(
        UserError, match=r"'tagging' is not learnt from vectors .*: classification, multilabel, regression; run"
    ):
        evaluate([encoder], tagged, fit_on=tagged)


def test_a_training_set_of_another_task(encoder):
    with pytest.raises(UserError, match="'train' is for the task 'regression', the data for 'classification'"):
        evaluate([encoder], data_of(LABELS), fit_on=data_of(NUMBERS, "regression"))


def test_a_training_set_of_pairs_for_texts(encoder):
    with pytest.raises(UserError, match="was trained on examples of 2 texts, those of the data set 'train' have 1"):
        evaluate([encoder], data_of(LABELS), fit_on=data_of(LABELS, inputs=PAIRS))


def test_a_training_set_without_a_class_of_the_data(encoder):
    with pytest.raises(UserError, match="the classes of model 'encoder' are 'bad', 'good'; those of the data set"):
        evaluate([encoder], data_of(["fair", *LABELS[1:]]), fit_on=data_of(LABELS))


def test_training_sets_of_one_class_or_no_label(encoder):
    with pytest.raises(UserError, match="all 8 examples of the training set are 'good'; give `fit_on` data of two"):
        evaluate([encoder], data_of(LABELS), fit_on=data_of(["good"] * 8))
    lists = data_of([[], []], "multilabel", TEXTS[:2])
    with pytest.raises(UserError, match="none of the 2 examples of the training set has a label"):
        evaluate([encoder], data_of([["a"], []], "multilabel", TEXTS[:2]), fit_on=lists)


def test_another_kind(encoder):
    with pytest.raises(UserError, match="`fit` 'linaer' is not known; did you mean 'linear'"):
        evaluate([encoder], data_of(LABELS), fit_on=data_of(LABELS), fit="linaer")


def test_encoders_whose_vectors_are_features_are_not_trained():
    for taught in (TextVectors().lesson, TextVectors().loss):
        with pytest.raises(NotImplementedError):
            taught(None, None)
    with pytest.raises(NotImplementedError):
        TextVectors().distance(None, None, None)
