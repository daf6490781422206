"""One text or path where a list belongs is refused by name, and never taken for a list of its letters."""

from pathlib import Path

import pytest

from charrobust import Attack, evaluate, load_data
from charrobust.attackers.plan import plan_attackers
from charrobust.errors import UserError
from charrobust.scoring import NoisedSentences

TRAINING = pytest.mark.needs("torch", "transformers", "safetensors")


def pretrain(**lists):
    from charrobust.training import load_configuration
    from charrobust.training import pretrain as run

    run(load_configuration("minilm"), output="unused", **{"corpus": ["a.txt"], **lists})


def train_recogniser(**lists):
    from charrobust.training import RecogniserSettings
    from charrobust.training import train_recogniser as run

    run(RecogniserSettings(), output="unused", **{"corpus": ["a.txt"], **lists})


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: evaluate("plain", ["unused"]), "systems"),
        (lambda: evaluate(Path("plain"), ["unused"]), "systems"),
        (lambda: evaluate([], ["unused"], "charbert"), "attacks"),
        (lambda: plan_attackers("charbert"), "attacks"),
        (lambda: plan_attackers(["charbert"], severities="0.5"), "severities"),
        (lambda: NoisedSentences.attacked("a wonderful day", Attack.load("charbert")), "sentences"),
        pytest.param(lambda: pretrain(corpus="a.txt"), "corpus", marks=TRAINING),
        pytest.param(lambda: pretrain(evaluation=Path("a.txt")), "evaluation", marks=TRAINING),
        pytest.param(lambda: train_recogniser(corpus="a.txt"), "corpus", marks=TRAINING),
    ],
)
def test_one_text_is_no_list(call, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=rf"`{name}` must be a list, got .*; for one alone write \["):
        call()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["text_column", "label_column", "missing_label", "field"])
def test_options_of_data_name_what_they_are(option):
    with pytest.raises(UserError, match=option):
        load_data([{"text": "a wonderful day", "label": "good"}], task="classification", **{option: 3})
