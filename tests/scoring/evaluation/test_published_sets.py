"""The attack set published with CharBERT lines up with the clean one, as its authors attacked it."""

import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets import load_data


@pytest.mark.slow
def test_the_published_ner_set(shared):
    data = load_data(shared / "conll2003_ner" / "testb.jsonl.gz", task="tagging")
    clean, published, ours = make_versions(
        data, plan_attackers([shared / "charbert_attack" / "ner_test.jsonl.gz", "charbert"])
    )
    assert len(clean.examples) == len(published.examples) == 3_453
    assert published.info.case == "given"
    assert published.info.words_changed == pytest.approx(ours.info.words_changed, abs=0.05)
    assert published.info.distance == pytest.approx(ours.info.distance, rel=0.15)
