"""Models that read words in other pieces than their tokenizers'."""

import pytest

from charrobust.models.segmentation import Segmentation
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, load_system
from tests.systems.tiny import examples, save_model


@pytest.mark.parametrize("task", ["classification", "tagging", "qa"])
@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet", "charbert"])
def test_windows_hold_other_pieces_and_answers_the_same_places(tmp_path, family, task):
    folder = save_model(tmp_path / "model", family, task)
    plain, cut = load_predictor(folder), load_predictor(folder, segmentation=Segmentation(0.4))
    some = examples(task)
    assert [list(window.ids) for window in plain.windows(some)] != [list(window.ids) for window in cut.windows(some)]
    assert cut.name == "model (segmentation dropout 0.4)"
    answers = cut.predict(some)
    if task == "tagging":
        assert list(map(len, answers)) == list(map(len, plain.predict(some)))
    if task == "qa":
        assert all(answer in example.texts[1] for answer, example in zip(answers, some, strict=True))
    assert load_predictor(folder, batch_size=1, segmentation=Segmentation(0.4)).predict(some[::-1]) == answers[::-1]


def test_fingerprints_tell_rates_and_seeds_and_stay_without(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    ways = [None, Segmentation(0.1), Segmentation(0.2), Segmentation(0.1, seed=1)]
    prints = [load_predictor(folder, segmentation=way).fingerprint for way in ways]
    assert len(set(prints)) == 4
    assert load_system(str(folder)).fingerprint == prints[0]
    assert load_system(str(folder), SystemOptions(segmentation_dropout=0.1)).fingerprint == prints[1]
