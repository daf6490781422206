"""Fine-tuning behind defences: whatever is trained on, measured and searched is read through them."""

import json

import pytest

from charrobust.errors import UserError
from charrobust.perturb import load_recipe
from charrobust.scoring import evaluate
from charrobust.systems.encodings import Encodings
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.finetuning.augmentation import Noise
from charrobust.training.finetuning.behind import Behind
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.training_batches import Material, TrainingBatches
from charrobust.training.interruptions import Interrupted
from tests.models.tokenizers import wordpiece
from tests.training.runs import interrupting
from tests.training.tasks import TASKS, data, entries, examples, small

READ_AS = {"storms": "storms", "north": "north", "weather": "north", "words": "north"}


@pytest.fixture
def encodings(tmp_path):
    folder = tmp_path / "encodings"
    folder.mkdir()
    Encodings("ladder-any", READ_AS, "the").save(folder)
    return folder


@pytest.mark.parametrize("task", ["classification", "tagging", "qa"])
def test_noise_is_read_away_before_a_model_learns(encodings, task):
    kind, tokenizer = TASKS[task], wordpiece()
    behind = Behind.of([str(encodings)], type(kind))
    head = kind.head_class()(labels=("O", "B-X") if task == "tagging" else ("bad", "good"))
    read = []
    for noise in (None, Noise(load_recipe("ladder-any"), 1.0, 1, kind)):
        windower = Windower(tokenizer, 64, 8, segments=False)
        material = Material(examples(task), windower, head, noise=noise, behind=behind)
        batches = TrainingBatches(material, Padding.of(tokenizer), batch_size=8, epochs=1, seed=1)
        items = [item for number in range(len(batches)) for item in batches.items(number)]
        read.append(sorted((item.window.example, item.window.ids, str(item.lesson)) for item in items))
    clean, noised = read
    if task == "qa":  # contexts stay as they are, for answers lie in them
        assert [ids[:4] for _, ids, _ in clean] == [ids[:4] for _, ids, _ in noised]
    else:
        assert clean == noised
        assert tokenizer.convert_tokens_to_ids("weather") not in {token for _, ids, _ in clean for token in ids}


def test_what_is_measured_is_what_both_reach_together(backbone, encodings, tmp_path):
    configuration = small(backbone, behind=(str(encodings),), training__epochs=8)
    _, dev = given = data("classification")
    done = finetune(configuration, *given, output=tmp_path / "out", attacks=("charbert",))
    manifest = json.loads((tmp_path / "out" / "finetuning.json").read_text(encoding="utf-8"))
    assert manifest["defences"] == ["read behind encodings"]
    found = evaluate([f"{encodings}+{tmp_path / 'out'}"], dev, attacks=["charbert"])
    assert "| to be scored as | `encodings+MODEL` |" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    accuracy = {each.attack: each.value.value for each in found.scores if each.metric == "accuracy"}
    assert accuracy["clean"] == pytest.approx(done.measured["accuracy"])
    assert accuracy["charbert"] == pytest.approx(manifest["attacked"]["charbert"]["accuracy"])
    assert accuracy["clean"] > 0.9


def test_searches_of_training_go_through_the_defence(backbone, encodings, tmp_path):
    changes = {"adversarial__search": "ladder-any:greedy:1", "adversarial__share": 1.0, "adversarial__budget": 64}
    configuration = small(backbone, behind=(str(encodings),), training__epochs=8, **changes)
    done = finetune(configuration, *data("classification"), output=tmp_path / "out")
    assert done.measured["accuracy"] > 0.9
    # Without the defence before it, a model that has learnt this loses nearly every "storms" to a typo.
    assert {entry["adversarial_success"] for entry in entries(tmp_path / "out", "adversarial_success")} == {0}


def test_a_run_goes_on_behind_the_same_alone(backbone, encodings, tmp_path):
    configuration = small(backbone, behind=(str(encodings),), training__save_every=2)
    given = data("classification")
    with pytest.raises(Interrupted):
        finetune(configuration, *given, output=tmp_path / "out", progress=interrupting(2))
    Encodings("ladder-any", READ_AS, "a").save(encodings)
    with pytest.raises(UserError, match="the data or the recipe hold something else"):
        finetune(configuration, *given, output=tmp_path / "out", resume=True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("spel", "unknown defence 'spel'; did you mean 'spelling'"),
        ("gate@3", "behind spelling, fold or a folder .*, got 'gate@3'; leave out gates"),
        ("", "behind spelling, fold or a folder .*, got ''"),
    ],
)
def test_what_is_no_defence_is_refused(backbone, tmp_path, name, message):
    with pytest.raises(UserError, match=message):
        finetune(small(backbone, behind=(name,)), *data("classification"), output=tmp_path / "out")
    assert not (tmp_path / "out").exists()
