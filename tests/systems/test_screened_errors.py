"""What cannot be screened in half precision."""

from dataclasses import replace

import pytest

from charrobust.errors import UserError
from charrobust.systems import models, screened
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, as_system, load_system
from tests.systems.tiny import examples, save_model


def test_a_model_that_half_precision_moves_far(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "in_bfloat16", lambda _precision, _device: True)
    monkeypatch.setattr(screened, "_MOST_DRIFT", 0.0)
    predictor = load_predictor(save_model(tmp_path / "model", "bert", "classification"), screen=True)
    some = [replace(example, target="O") for example in examples("classification")]
    message = r"model 'model \(screened in bfloat16\)': bfloat16 moves a margin by 0\.0\d, and .*; leave `screen` out"
    with pytest.raises(UserError, match=message):
        predictor.judge(some)


@pytest.mark.parametrize("options", [{"index": "minilm"}, {"fit_on": object()}])
def test_vectors(tmp_path, options):
    with pytest.raises(
        UserError, match="`screen` lets fine-tuned models run in half precision, without `fit_on` or `index`"
    ):
        load_system(str(tmp_path), SystemOptions(screen=True, **options))


def test_functions():
    with pytest.raises(
        UserError, match=r"^mine is no model of the transformers library, which alone `screen` lets run in half"
    ):
        as_system(len, task="classification", name="mine", options=SystemOptions(screen=True))


def test_margins_that_are_no_log_odds(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "regression")
    with pytest.raises(UserError, match="`screen` goes by margins in log odds, and those of its task are none"):
        load_predictor(folder, screen=True)
