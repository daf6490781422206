"""Several draws of an attack, several seeds of fine-tuning: means, spread, and the worst of them."""

import json
import re

import numpy as np
import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.errors import UserError
from charrobust.report.page import page
from charrobust.scoring import evaluate, read_results, write_results
from charrobust.systems.naming import load_system
from charrobust.systems.seeds import Seeds
from charrobust.systems.system import System
from charrobust.tasks.metrics import score
from tests.scoring.fakes import fake_system, names, reviews
from tests.systems.tiny import save_model

DRAWS = 4


def letters(texts):
    """Answers that hang on letters anywhere, so that each draw differs."""
    return [["bad", "good"][sum(map(ord, text)) % 2] for text in texts]


def of(function=letters, name="letters"):
    return System.of(function, task="classification", name=name, labels=["bad", "good"])


def found_scores(found, system="letters", metric="accuracy"):
    return {s.attack: s for s in found.scores if (s.system, s.metric) == (system, metric)}


def test_draws_are_those_of_the_next_seeds():
    data = reviews(12)
    (attacker,) = plan_attackers(["drop"], seed=7, draws=3)
    version = make_versions(data, [attacker])[1]
    alone = [make_versions(data, plan_attackers(["drop"], seed=seed))[1] for seed in (7, 8, 9)]
    assert version.draws == tuple(each.examples for each in alone)
    assert version.info.draws == 3
    assert version.info.edits == pytest.approx(np.mean([each.info.edits for each in alone]))
    assert version.edits(0) == alone[0].edits(0)


def test_the_mean_and_the_worst_over_draws():
    data = reviews(24)
    found = found_scores(evaluate([of()], data, ["drop"], draws=DRAWS))
    right = []
    for seed in range(DRAWS):
        base = plan_attackers(["drop"])[0].attack_of.seed
        version = make_versions(data, plan_attackers(["drop"], seed=base + seed))[1]
        said = letters([example.texts[0] for example in version.examples])
        right.append([one == example.target for one, example in zip(said, version.examples, strict=True)])
    by_draw = np.mean(right, axis=1)
    drop, worst = found["drop"], found["drop, worst of 4"]
    assert drop.value.value == pytest.approx(by_draw.mean())
    assert worst.value.value == pytest.approx(np.all(right, axis=0).mean())
    assert drop.spread.draws == pytest.approx(by_draw.std(ddof=1))
    assert (drop.spread.lowest, drop.spread.highest) == (by_draw.min(), by_draw.max())
    assert (drop.spread.seeds, worst.spread, found["clean"].spread) == (None, None, None)
    clean = np.array(
        [one == e.target for one, e in zip(letters([e.texts[0] for e in data.examples]), data.examples, strict=True)]
    )
    flipped = (clean & ~np.array(right)).sum() / (DRAWS * clean.sum())
    assert drop.success.value == pytest.approx(flipped)


def test_one_draw_is_as_before():
    data = reviews(12)
    one, several = evaluate([of()], data, ["drop"]), evaluate([of()], data, ["drop"], draws=1)
    assert one == several
    assert all(each.spread is None for each in one.scores)


def test_f1_over_draws_is_that_of_all_counts():
    data = names()
    system = fake_system("tagger", task="tagging", labels=("O", "B-PER"))
    found = found_scores(evaluate([system], data, ["charbert"], draws=3), "tagger", "span F1")
    (attacker,) = plan_attackers(["charbert"], draws=3)
    version = make_versions(data, [attacker])[1]
    metric = data.task.metrics([example.target for example in data.examples])[0]
    targets = [example.target for draw in version.draws for example in draw]
    said = [prediction for draw in version.draws for prediction in system.predict(draw)]
    assert found["charbert"].value.value == pytest.approx(score(metric, targets, said))


def shifted(by):
    return lambda texts: [["bad", "good"][(sum(map(ord, text)) + by * (len(text) % 3 == 0)) % 2] for text in texts]


def test_seeds_of_a_model_and_draws_together(tmp_path):
    data = reviews(24)
    models = [of(letters, "seed-1"), of(shifted(1), "seed-2")]
    both = evaluate([Seeds("run", models)], data, ["drop"], draws=3)
    grid = []
    for model in models:
        alone = evaluate([model], data, ["drop"], draws=3)
        grid.append(found_scores(alone, model.name)["drop"])
    drop, clean = found_scores(both, "run")["drop"], found_scores(both, "run")["clean"]
    means = [each.value.value for each in grid]
    assert drop.value.value == pytest.approx(np.mean(means))
    assert drop.spread.seeds == pytest.approx(np.std(means, ddof=1))
    assert drop.spread.lowest == min(each.spread.lowest for each in grid)
    assert drop.spread.draws is not None
    assert drop.spread.data > 0
    assert (clean.spread.draws, clean.spread.seeds is None) == (None, False)
    assert read_results(write_results(both, tmp_path)) == both
    text = page(both)
    assert "How far scores vary" in text
    assert re.search(r"worst of 3", text)
    frame = both.to_frame()
    assert {"spread_draws", "spread_seeds", "spread_lowest", "draws"} <= set(frame.columns)


def run_of_seeds(folder, *seeds):
    for seed in seeds:
        place = save_model(folder / f"seed-{seed}", "bert", "classification")
        record = {"task": "classification", "max_length": 32, "stride": 0}
        (place / "finetuning.json").write_text(json.dumps(record))
    return folder


def test_a_run_of_several_seeds_is_one_system(tmp_path):
    folder = run_of_seeds(tmp_path / "run", 1, 2, 3)
    (folder / "finetuning.json").write_text(json.dumps({"seeds": [1, 2, 3], "measured": {}}))
    system = load_system(f"spelling+{folder}")
    assert [member.name for member in system.members] == ["seed-1", "seed-2", "seed-3"]
    assert system.name == "spelling + run"
    assert all(member.defences == ("spelling",) for member in system.members)
    with pytest.raises(UserError, match=r"holds models of several seeds: seed-1, seed-2, seed-3"):
        system.predict(reviews().examples)


def test_a_run_of_seeds_that_is_not_finished(tmp_path):
    folder = run_of_seeds(tmp_path / "run", 1)
    (folder / "finetuning.json").write_text(json.dumps({"seeds": [1, 2]}))
    with pytest.raises(UserError, match=r"is not finished: it lacks seed-2; go on with"):
        load_system(str(folder))
