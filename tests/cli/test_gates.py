"""``charrobust evaluate`` on models behind gates."""

from charrobust.scoring import read_results
from charrobust.systems.recognition import WordRecognition
from tests.models.semi_character import network
from tests.systems.tiny import save_model


def test_a_gated_recogniser_is_scored_and_searched_through(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    WordRecognition(network()).save(tmp_path / "words")
    labels = {"id2label": {0: "negative", 1: "positive"}, "label2id": {"negative": 0, "positive": 1}}
    save_model(tmp_path / "plain", "bert", "classification", **labels)
    result = run(
        "evaluate", "--model", "gate+words+plain", "--model", "wide=gate@0+words+plain", "--gate-on", "reviews:train",
        "--data", "reviews:test", "--limit", 6, "--attack", "worst:ladder-inner:greedy:1", "--search-budget", 5,
        "--output", "out",
    )  # fmt: skip
    assert result.status == 0, result.err
    systems = read_results(tmp_path / "out").systems
    assert [system.name for system in systems] == ["gated word recognition + plain", "wide"]
    assert {system.defences for system in systems} == {("gated word recognition",)}
    assert len({system.fingerprint for system in systems}) == 2


def test_words_for_no_gate_are_refused(run, tmp_path):
    plain = save_model(tmp_path / "plain", "bert", "classification")
    result = run(
        "evaluate", "--model", plain, "--gate-on", "reviews:train", "--data", "reviews:test", "--limit", 4, "--output",
        tmp_path / "out",
    )  # fmt: skip
    assert result.status == 2
    assert "no model stands behind a gate that --gate-on could tell words" in result.err
