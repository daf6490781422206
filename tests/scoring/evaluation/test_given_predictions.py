"""Predictions that were made elsewhere, from Python."""

import numpy as np
import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets import load_data
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.scoring import evaluate_versions, read_attacked, score, score_predictions
from charrobust.scoring.attacked_folder.write import write_attacked
from tests.scoring.fakes import FakePredictor, fake_system, reviews
from tests.tasks.data import SQUAD, write


def said_of(system, versions):
    """Return what a system says of versions, as lists."""
    draws = {version.name: [system.predict(list(draw)) for draw in version.draws] for version in versions}
    return {name: answers if len(answers) > 1 else answers[0] for name, answers in draws.items()}


@pytest.mark.needs("transformers")
def test_lists_arrays_and_draws():
    data = reviews()
    versions = make_versions(data, plan_attackers(["drop", "swap"], draws=3))
    wanted = evaluate_versions([fake_system("one"), fake_system("two", word="weather")], data, versions)
    said = {"one": said_of(FakePredictor(), versions), "two": said_of(FakePredictor(word="weather"), versions)}
    said["one"]["clean"] = np.array(said["one"]["clean"])
    found = score_predictions(data, versions, said)
    assert (found.scores, found.comparisons, found.shown) == (wanted.scores, wanted.comparisons, wanted.shown)
    assert found.attacks == wanted.attacks
    assert (found.splits, len(wanted.splits) > 0) == ((), True)
    assert "no tokenizer is known" in found.notes[-1]


def test_fingerprints_are_those_of_the_predictions():
    data = reviews()
    versions = make_versions(data, plan_attackers(["drop"]))
    said = {"clean": ["good"] * 6, "drop": ["bad"] * 6}
    found = score_predictions(data, versions, {"one": said, "two": said, "three": {**said, "drop": ["good"] * 6}})
    first, second, third = (system.fingerprint for system in found.systems)
    assert first == second != third


def test_what_is_read_is_what_was_attacked(tmp_path):
    """Versions of a folder are those that are made in memory: examples, edits and what these cost."""
    import json

    path = write(tmp_path / "in.json", json.dumps(SQUAD))
    source = open_source(path, DataOptions(field=("question", "context")))
    attackers = plan_attackers(["charbert", "drop@0.5"], draws=2)
    write_attacked(source, attackers, tmp_path / "attacked")
    data, versions = read_attacked(tmp_path / "attacked")
    wanted = make_versions(load_data(path, field=["question", "context"]), attackers)
    assert [version.info for version in versions] == [version.info for version in wanted]
    for found, made in zip(versions, wanted, strict=True):
        assert found.draws == made.draws
        assert [found.edits(number) for number in range(len(data))] == [made.edits(n) for n in range(len(data))]


def test_score_files(tmp_path):
    path = write(tmp_path / "in.csv", "text,label\nwonderful one,pos\ndreadful two,negative\n")
    source = open_source(path, DataOptions(task="classification"))
    write_attacked(source, plan_attackers(["swap"]), tmp_path / "attacked")
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.txt", "positive\nnegative\n")
    files = [tmp_path / "clean.txt", tmp_path / "attacked.txt"]
    found = score(tmp_path / "attacked", files, name="mine", label_map={"pos": "positive"})
    assert [(each.name, each.model) for each in found.systems] == [("mine", "given predictions")]
    assert found.scores[0].value.value == 1
