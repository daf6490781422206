"""Files of pipelines that are refused."""

import sys

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from charrobust.errors import UserError
from charrobust.systems.naming import load_system
from tests.systems.test_skops import OWN, load, lowered, skops_io, written


def refusal(path, **options):
    with pytest.raises(UserError) as found:
        load(path, **options)
    return str(found.value)


@pytest.mark.parametrize("ending", ["pkl", "pickle", "joblib", "dill", "cloudpickle", "PKL"])
def test_pickles_are_not_read(tmp_path, ending):
    path = tmp_path / f"model.{ending}"
    path.write_bytes(b"cos\nsystem\n(S'touch taken'\ntR.")
    told = refusal(path)
    assert "runs whatever code" in told
    assert "skops.io.dump" in told
    assert "python:MODULE:NAME" in told


def test_types_that_nobody_trusts(tmp_path):
    path = written(tmp_path / "own.skops", FunctionTransformer(lowered))
    assert f"{OWN}; where you trust each of them, add --trust-type {OWN} (in Python trust_types=[{OWN!r}])" in refusal(
        path
    )
    assert OWN in refusal(path, trust_types=("of.another.model",))


def test_what_is_no_file_of_skops(tmp_path):
    path = tmp_path / "model.skops"
    assert "there is no such file" in refusal(path)
    path.write_bytes(b"nothing")
    assert "no file that skops can read: BadZipFile" in refusal(path)
    skops_io.dump({"a": 1}, path)
    assert "holds a dict, without a method `predict`" in refusal(path)


def test_estimators_that_are_not_fitted_and_tasks_that_are_not_known(tmp_path):
    path = tmp_path / "model.skops"
    skops_io.dump(LogisticRegression(), path)
    assert "system 'model' is not fitted" in refusal(path)
    with pytest.raises(UserError, match="does not tell its task"):
        load_system(str(path))
    skops_io.dump(CountVectorizer(), path)
    assert "without a method `predict`" in refusal(path)


def test_without_the_library(tmp_path, monkeypatch):
    path = written(tmp_path / "model.skops")
    monkeypatch.setitem(sys.modules, "skops.io", None)
    assert "charrobust[skops]" in refusal(path)
