"""Models that are asked in half precision first."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from charrobust.datasets import load_data
from charrobust.perturb import Attack
from charrobust.scoring.evaluation.searches import SCREENED, screening_notes
from charrobust.search import search
from charrobust.systems import models
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.predictor import Predictor
from charrobust.systems.screened import NEAR, Screened
from tests.systems.tiny import LABELS, SENTENCES, examples, save_model


@pytest.fixture(autouse=True)
def _instructions(monkeypatch):
    """Let half precision be the faster one, wherever the test runs."""
    monkeypatch.setattr(models, "in_bfloat16", lambda _precision, _device: True)


def pair(folder, family, task):
    """Return a model as it is and screened, which is sure of half of what it says."""
    save_model(folder, family, task)
    both = load_predictor(folder), load_predictor(folder, screen=True)
    some = right_and_wrong(both[0], task)
    margins = np.abs(both[0].judge(some).margins)
    factor = NEAR / np.median(margins[np.isfinite(margins)])
    for predictor in both:
        heads = [part for name, part in predictor.model.named_parameters() if "classifier" in name or "outputs" in name]
        with torch.no_grad():
            for part in heads:
                part.mul_(factor)
    return both


def right_and_wrong(predictor, task):
    """Return examples with what the model says of them as targets, and with what it says of others."""
    some = examples(task)
    said = predictor.predict(some)
    if task == "qa":
        said = [(answer,) for answer in said]
    following = dict(zip(LABELS, LABELS[1:] + LABELS[:1], strict=True))
    if task == "tagging":
        other = [tuple(map(following.get, tags)) for tags in said]
    elif task == "classification":
        other = [following[label] for label in said]
    else:
        other = said[1:] + said[:1]
    return [replace(e, target=target) for targets in (said, other) for e, target in zip(some, targets, strict=True)]


class Asked:
    """Counts the windows that a model reads in each precision."""

    def __init__(self, monkeypatch):
        self.half = self.full = 0
        outputs = Predictor._outputs

        def counted(predictor, inputs):
            rows = len(inputs["input_ids"])
            if torch.is_autocast_enabled("cpu"):
                self.half += rows
            else:
                self.full += rows
            return outputs(predictor, inputs)

        monkeypatch.setattr(Predictor, "_outputs", counted)


@pytest.mark.parametrize("task", ["classification", "tagging", "qa"])
@pytest.mark.parametrize("family", ["bert", "charbert"])
def test_near_margins_are_those_of_full_precision(tmp_path, monkeypatch, family, task):
    plain, screened = pair(tmp_path / "model", family, task)
    some = right_and_wrong(plain, task)
    full = plain.judge(some)
    told = screened.judge(some)
    near = full.margins <= NEAR * 0.9
    assert 0 < near.sum() < len(some)
    assert np.allclose(told.margins[near], full.margins[near], atol=1e-4)
    assert np.array_equal(told.margins > 0, full.margins > 0)
    assert told.predictions == full.predictions
    assert told.readings == full.readings
    assert screened.predict(some) == plain.predict(some)
    asked = Asked(monkeypatch)
    screened.judge([example for example, is_near in zip(some, near, strict=True) if not is_near])
    assert 0 <= asked.full < asked.half


def test_a_search_finds_what_turns_texts(tmp_path, monkeypatch):
    plain, screened = pair(tmp_path / "model", "charbert", "classification")
    records = [{"text": text, "label": label} for text, label in zip(SENTENCES, plain.predict(examples("classification")), strict=True)]  # fmt: skip
    data = load_data([record for record in records if record["text"]], task="classification")
    attack = Attack.load("ladder-last")
    expected = search(plain, data, attack, search="exhaustive")
    asked = Asked(monkeypatch)
    found = search(screened, data, attack, search="exhaustive")
    assert [outcome.success for outcome in found.outcomes] == [outcome.success for outcome in expected.outcomes]
    assert 0 < asked.full < asked.half
    turned = [outcome.success for outcome in found.outcomes]
    answers = plain.predict(data.with_records([batch.records for batch in found.batches]))
    assert [answer != example.target for answer, example in zip(answers, data.examples, strict=True)] == turned


def test_what_is_screened_is_told_and_kept_apart(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    screened = load_system(str(folder), SystemOptions(screen=True))
    plain = load_system(str(folder))
    assert screened.name == "model (screened in bfloat16)"
    assert screened.fingerprint != plain.fingerprint
    assert (screening_notes([plain]), screening_notes([plain, screened])) == ((), (SCREENED,))


def test_without_instructions_for_it_nothing_is_screened(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "in_bfloat16", lambda _precision, _device: False)
    folder = save_model(tmp_path / "model", "bert", "classification")
    predictor = load_predictor(folder, screen=True)
    assert not isinstance(predictor, Screened)
    assert predictor.name == "model"
