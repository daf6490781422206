"""Metrics go where the library's Trainer is told to report them, and mistakes are told before anything is made."""

from typing import ClassVar

import pytest
from transformers import TrainerCallback
from transformers.integrations import integration_utils

from charrobust.cli.options import with_options
from charrobust.errors import UserError
from charrobust.settings import declared_options
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.settings import FinetuningConfiguration
from tests.training.tasks import data, small


class Tracker(TrainerCallback):
    """Keeps what it is told, as TensorBoard would."""

    told: ClassVar[list[dict[str, float]]] = []

    def on_log(self, args, state, control, logs=None, **_):
        self.told.append(dict(logs))


def test_a_tracker_is_told_losses_and_scores(backbone, tmp_path, monkeypatch):
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "tracker", Tracker)
    monkeypatch.setattr(integration_utils, "get_available_reporting_integrations", lambda: ["tracker"])
    monkeypatch.setattr(Tracker, "told", [])
    finetune(small(backbone, training__report_to=("tracker",)), *data("classification"), output=tmp_path / "out")
    names = set().union(*Tracker.told)
    assert {"loss", "eval_accuracy"} <= names


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tensrboard", r"unknown `training.report_to` 'tensrboard'; did you mean 'tensorboard'\?"),
        ("comet_ml", "needs its package, which is not installed; install it with: pip install comet-ml"),
    ],
)
def test_trackers_that_are_not_there(backbone, tmp_path, monkeypatch, name, message):
    monkeypatch.setattr(integration_utils, "get_available_reporting_integrations", list)
    configuration = small(backbone, training__report_to=(name,))
    with pytest.raises(UserError, match=message):
        finetune(configuration, *data("classification"), output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_messages_name_the_option():
    options = {option.path: option.names[0] for option in declared_options(FinetuningConfiguration)}
    assert with_options("`training.report_to` wandb", options) == "--report-to wandb"
