"""Configurations of pre-training runs."""

from dataclasses import asdict

import pytest

from charrobust.errors import UserError
from charrobust.perturb import load_recipe
from charrobust.settings import differences, parse_change
from charrobust.training.pretraining.configuration import (
    Configuration,
    configuration_names,
    load_configuration,
    parse_configuration,
)


@pytest.mark.parametrize("name", configuration_names())
def test_shipped_configurations_are_valid(name):
    configuration = load_configuration(name)
    assert configuration.summary
    assert load_recipe(configuration.data.recipe)
    assert parse_configuration(asdict(configuration)) == configuration


def test_what_ships():
    assert configuration_names() == ["advbert", "charbert-base", "e5-small", "minilm"]
    paper = load_configuration("charbert-base")
    assert (paper.training.steps, paper.training.batch_size, paper.data.block_size) == (320_000, 32, 384)
    assert load_configuration("advbert").model == "plain"
    assert load_configuration("minilm").training.freeze_backbone


def test_the_noise_of_noisy_lm():
    recipe = load_recipe("noisy-lm")
    assert [operator.name for operator in recipe.operators] == ["drop", "add", "swap"]
    assert recipe.min_length == 4


def test_changes():
    configuration = load_configuration("minilm", {"training.steps": 3, "backbone": "there", "data.recipe": None})
    assert configuration.training.steps == 3
    assert configuration.backbone == "there"
    assert configuration.data.recipe == "charbert"


def test_whole_numbers_serve_as_fractions():
    configuration = parse_configuration({"data": {"noise_share": 1}})
    assert isinstance(configuration.data.noise_share, float)
    assert parse_configuration({"data": {"noise_share": "uniform"}}).data.noise_share == "uniform"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"trainig": {}}, "unknown key 'trainig'; did you mean 'training'?"),
        ({"training": {"step": 3}}, r"\[training\] unknown key 'step'; did you mean 'steps'?"),
        ({"training": 3}, r"training must be written as a \[training\] table, got 3"),
        ({"training": {"steps": "3"}}, r"\[training\] steps must be of type int, got '3'"),
        ({"training": {"steps": True}}, "steps must be of type int, got True"),
        ({"training": {"steps": 0}}, "steps must be at least 1, got 0"),
        ({"training": {"warmup": 1.0}}, "warmup must be between 0 and 0.99, got 1.0"),
        ({"training": {"learning_rate": float("nan")}}, "learning_rate must be a finite number, got nan"),
        ({"training": {"precision": "bfloat"}}, "unknown precision 'bfloat'; did you mean 'bfloat16'?"),
        ({"data": {"noise_share": "unifrom"}}, "noise_share must be of type float or 'uniform'"),
        ({"data": {"noise_share": 1.5}}, "noise_share must be between 0 and 1, got 1.5"),
        ({"data": {"masking": "words"}}, "unknown masking 'words'"),
        ({"model": "bert"}, "unknown model 'bert'"),
        ({"warm_start": {"steps": 5, "adversarial": 1}}, "adversarial is 1, and of one form none is worst; give 2 or"),
        ({"warm_start": {"adversarial": 4}}, "adversarial is 4, but steps is 0: .*; give it `warm_start.steps`"),
        ({"warm_start": {"adversarial_share": 1.5}}, "adversarial_share must be between 0 and 1, got 1.5"),
        ({"channel": []}, "channel must be of type dict"),
        ({"objective": {"nlm": 0, "mlm": 0}}, "only weights of 0"),
        ({"data": {"mask_share": 0.0}}, "mlm is above 0, but .* mask_share is 0"),
        ({"model": "plain"}, 'objective.nlm = 1.0 needs a character channel, but model is "plain"'),
        (
            {"model": "plain", "objective": {"nlm": 0.0}, "training": {"freeze_backbone": True}},
            "training.freeze_backbone = True needs a character channel",
        ),
    ],
)
def test_mistakes(content, message):
    with pytest.raises(UserError, match=message):
        parse_configuration(content)


def test_mistakes_in_files(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[training]\nstep = 3\n", encoding="utf-8")
    with pytest.raises(UserError, match=rf"{path}: \[training\] unknown key 'step'"):
        load_configuration(path)
    path.write_text("[training\n", encoding="utf-8")
    with pytest.raises(UserError, match="is not a valid TOML file"):
        load_configuration(path)
    with pytest.raises(UserError, match="configuration file not found"):
        load_configuration(tmp_path / "no.toml")
    with pytest.raises(UserError, match=r"unknown configuration 'minlm'; did you mean 'minilm'\?"):
        load_configuration("minlm")


def test_changes_are_read_from_text():
    assert parse_change("training.learning_rate=1e-4") == ("training.learning_rate", 1e-4)
    assert parse_change("data.noise_share = uniform") == ("data.noise_share", "uniform")
    assert parse_change("channel.interaction_layers=[0, 1]") == ("channel.interaction_layers", [0, 1])
    with pytest.raises(UserError, match="expected KEY=VALUE"):
        parse_change("training.steps")


def test_differences():
    old = Configuration()
    free = {"training.steps": 3, "training.workers": 0, "training.log_every": 1, "summary": "x"}
    assert differences(old, parse_configuration(asdict(old), free)) == []
    new = parse_configuration(asdict(old), {"training.seed": 1, "channel.interaction": "paper"})
    assert differences(old, new) == ["training.seed: 2020, now 1", "channel.interaction: None, now 'paper'"]
