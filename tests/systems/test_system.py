"""Systems: their names, and what stands before a model."""

from pathlib import Path

import pytest

from charrobust.systems import models as predicting
from charrobust.systems import restoration
from charrobust.systems.defended import Defended
from charrobust.systems.naming import SystemName, SystemOptions, load_system, parse_system
from charrobust.systems.system import SystemInfo
from charrobust.tasks.examples import Example
from tests.scoring.fakes import FakePredictor, FakeRestorer, fake_system


@pytest.mark.parametrize(
    ("text", "name", "defences", "path"),
    [
        ("models/sst2", None, (), "models/sst2"),
        ("plain=models/sst2", "plain", (), "models/sst2"),
        ("spelling+models/sst2", None, ("spelling",), "models/sst2"),
        ("A + b=spelling+words/rnn+org/model", "A + b", ("spelling", "words/rnn"), "org/model"),
    ],
)
def test_the_parts_of_a_system(text, name, defences, path):
    assert parse_system(text) == SystemName(name, defences, path)


def test_what_exists_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lr=1+warm").mkdir()
    assert parse_system("lr=1+warm") == SystemName(None, (), "lr=1+warm")
    assert parse_system("x=lr=1+warm") == SystemName("x", (), "lr=1+warm")


def test_loading_and_naming(monkeypatch):
    loaded = []

    def load_models(path, options):
        loaded.append((path, options.batch_size))
        return FakePredictor(name=Path(path).name, source=path)

    monkeypatch.setattr(predicting, "load_models", load_models)
    monkeypatch.setattr(restoration, "load_restorer", lambda name: FakeRestorer(name=f"{name} check"))
    assert load_system("runs/sst2/", SystemOptions(batch_size=4)).name == "sst2"
    system = load_system("spelling+org/model")
    assert (system.name, loaded) == ("spelling check + model", [("runs/sst2/", 4), ("org/model", 32)])
    assert system.info == SystemInfo("spelling check + model", "org/model", ("spelling check",), system.fingerprint)
    assert load_system("mine=spelling+org/model").name == "mine"


def test_texts_are_restored_before_they_are_read():
    predictor = FakePredictor()
    system = Defended("s", predictor, (FakeRestorer(), FakeRestorer(wrong="errors", right="wonderful")))
    said = system.predict([Example("0", ("wonderfull, weather",), None), Example("1", ("typing errors",), None)])
    assert said == ["good", "good"]
    assert predictor.asked == [("wonderful, weather",), ("typing wonderful",)]


def test_fingerprints_tell_systems_apart():
    plain, other = fake_system("a"), fake_system("b")
    assert plain.fingerprint == fake_system("a").fingerprint != other.fingerprint
    defended = Defended("a", plain.system, (FakeRestorer(),))
    assert len({defended.fingerprint, plain.fingerprint}) == 2
    twice = (FakeRestorer(), FakeRestorer(fingerprint="q"))
    orders = {Defended("a", plain.system, order).fingerprint for order in (twice, twice[::-1])}
    assert len(orders) == 2


def test_a_name_alone_makes_no_other_system():
    plain = FakePredictor()
    assert Defended("a", plain).fingerprint == Defended("b", plain).fingerprint == plain.fingerprint
