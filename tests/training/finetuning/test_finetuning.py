"""Fine-tuning runs, from examples to a model."""

import json
import shutil

import pytest
from safetensors.torch import load_file
from transformers import AutoTokenizer

from charrobust.datasets import load_data
from charrobust.models import CharBertModel
from charrobust.scoring import evaluate
from charrobust.systems.models import load_predictor
from charrobust.tasks.metrics import score
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.seeds import finetune_seeds, spread
from charrobust.training.finetuning.trainer import best_of, evaluations, is_over
from charrobust.training.finetuning.training_batches import TrainingBatches
from charrobust.training.interruptions import Interrupted
from tests.models.families import rest_at_night
from tests.training.runs import interrupting, same_weights
from tests.training.tasks import TASKS, data, data_of, entries, examples, small

LEARNT = {"classification": 1.0, "regression": 0.9, "tagging": 1.0, "qa": 0.9}


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_what_can_be_learnt_is_learnt(backbone, tmp_path, task):
    configuration = small(backbone, training__epochs=12, training__save_every=1_000)
    train, dev = data(task, 120)
    if task == "qa":  # whether there is an answer is too much for so small a model
        train, dev = (data_of(each.name, task, [e for e in each.examples if e.target]) for each in (train, dev))
    done = finetune(configuration, train, dev, output=tmp_path / "out")
    main = next(iter(done.measured.values()))
    assert main >= LEARNT[task]
    predictor = load_predictor(tmp_path / "out")
    measured = dev.examples
    predictions, targets = predictor.predict(measured), [example.target for example in measured]
    for metric in dev.task.metrics(targets, predictor.labels):
        assert score(metric, targets, predictions) == pytest.approx(done.measured[metric.name])


@pytest.mark.parametrize("use", ["frozen", "mix"])
def test_a_frozen_encoder_stays(backbone, tmp_path, use):
    finetune(small(backbone, use=use), *data("tagging"), output=tmp_path / "out")
    before, after = (load_file(folder / "model.safetensors") for folder in (backbone, tmp_path / "out"))
    assert all(
        before[name.removeprefix("encoder.")].equal(w) for name, w in after.items() if name.startswith("encoder.")
    )
    assert after["head.weight"].abs().sum() > 0
    assert ("layer_weights" in after) == (use == "mix")
    assert load_predictor(tmp_path / "out").labels == ("B-X", "O")


def test_weights_that_stay(backbone, tmp_path):
    finetune(
        small(backbone, training__freeze="bert.embeddings, bert.encoder.layer.0."),
        *data("tagging"),
        output=tmp_path / "out",
    )
    before, after = (load_file(folder / "model.safetensors") for folder in (backbone, tmp_path / "out"))
    stays = {name: before[name].equal(after[f"bert.{name}"]) for name in before if f"bert.{name}" in after}
    frozen = {name for name, same in stays.items() if same}
    assert frozen == {name for name in stays if name.startswith(("embeddings.", "encoder.layer.0."))}


@pytest.mark.parametrize("context", [0, 6])
@pytest.mark.parametrize(("freeze", "stays"), [(None, True), ("", False)])
def test_a_channel_that_recognises_words_stays_unless_told_otherwise(backbone, tmp_path, freeze, stays, context):
    options = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}
    options["recogniser_context_size"] = context
    model = CharBertModel.from_backbone(backbone, character_hidden_size=16, **options)
    model.save_pretrained(tmp_path / "channel")
    AutoTokenizer.from_pretrained(backbone).save_pretrained(tmp_path / "channel")
    changes = {} if freeze is None else {"training__freeze": freeze}
    finetune(small(tmp_path / "channel", **changes), *data("tagging"), output=tmp_path / "out")
    before, after = (load_file(tmp_path / folder / "model.safetensors") for folder in ("channel", "out"))
    parts = ("recogniser.", "character_encoder.", "interactions.", "context.")
    channel = [name for name in before if name.startswith(parts)]
    assert any(name.startswith("context.") for name in channel) == bool(context)
    assert all(before[name].equal(after[f"charbert.{name}"]) for name in channel) == stays


@pytest.mark.parametrize("task", rest_at_night(TASKS))
def test_resumption_is_exact(backbone, tmp_path, task):
    configuration = small(backbone, noise__recipe="charbert", noise__consistency=0.5, training__save_every=2)
    given = data(task)
    whole = finetune(configuration, *given, output=tmp_path / "whole", seed=4)
    with pytest.raises(Interrupted, match=r"after step 3 of 10; .* Go on with `resume`"):
        finetune(configuration, *given, output=tmp_path / "parts", seed=4, progress=interrupting(3))
    assert (tmp_path / "parts" / "checkpoint-3").is_dir()
    done = finetune(configuration, *given, output=tmp_path / "parts", seed=4, resume=True)
    assert (done.steps, done.measured) == (whole.steps, whole.measured)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")
    for key in ("loss", "consistency_loss"):
        losses = [[(entry["step"], entry[key]) for entry in entries(tmp_path / name)] for name in ("whole", "parts")]
        assert losses[0] == losses[1]
    again = finetune(configuration, *given, output=tmp_path / "parts", seed=4, resume=True, progress=pytest.fail)
    assert (again.steps, again.measured) == (done.steps, done.measured)


def test_seeds_differ_and_repeat(backbone, tmp_path):
    given = data("classification")
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        finetune(small(backbone, training__epochs=1), *given, output=tmp_path / name, seed=seed)
    assert same_weights(tmp_path / "one", tmp_path / "again")
    assert not same_weights(tmp_path / "one", tmp_path / "other")


def test_what_is_written(backbone, tmp_path):
    output = tmp_path / "out"
    given = data("tagging")
    configuration = small(backbone, noise__recipe="charbert", noise__share=0.25)
    done = finetune(configuration, *given, output=output, seed=3)
    names = {path.name for path in output.iterdir()}
    assert names == {
        "README.md", "config.json", "finetuning.json", "metrics.jsonl", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
    }  # fmt: skip
    record = json.loads((output / "finetuning.json").read_text(encoding="utf-8"))
    assert record["task"] == "tagging"
    assert (record["use"], record["seed"], record["max_length"], record["stride"]) == ("finetuned", 3, 64, 32)
    assert record["examples"] == {"train": 40, "eval": 20}
    assert record["data"] == {"train": "train", "eval": "dev"}
    assert record["defences"] == ["noise augmentation (charbert, 0.25 of the examples)"]
    assert record["measured"] == done.measured
    assert record["configuration"]["training"]["batch_size"] == 8
    assert {"python", "torch", "transformers", "charrobust"} <= set(record["versions"])
    card = (output / "README.md").read_text(encoding="utf-8")
    assert card.startswith('---\nlibrary_name: "transformers"\npipeline_tag: "token-classification"\n')
    assert "| defences | noise augmentation (charbert, 0.25 of the examples) |" in card
    assert str(tmp_path) not in card
    assert AutoTokenizer.from_pretrained(output)("the north")["input_ids"]
    assert [entry["step"] for entry in entries(output, "eval_span F1")] == [5, 10]
    assert [entry["step"] for entry in entries(output)] == list(range(1, 11))


@pytest.mark.parametrize("keep", ["best", "last"])
def test_which_model_is_kept(backbone, tmp_path, keep):
    configuration = small(backbone, training__keep=keep, training__epochs=4, training__learning_rate=1e-2)
    done = finetune(configuration, *data("classification"), output=tmp_path / "out")
    scores = [entry["eval_accuracy"] for entry in entries(tmp_path / "out", "eval_accuracy")]
    assert done.measured["accuracy"] == (max(scores) if keep == "best" else scores[-1])
    measured = examples("classification", 20, seed=9)
    found = load_predictor(tmp_path / "out").predict(measured)
    right = sum(example.target == label for example, label in zip(measured, found, strict=True))
    assert right / 20 == done.measured["accuracy"]


@pytest.mark.parametrize("keep", ["best", "last"])
def test_early_stopping_goes_through_resumption(backbone, tmp_path, keep):
    options = {"training__patience": 2, "training__epochs": 30, "training__learning_rate": 1e-9}
    configuration = small(backbone, training__keep=keep, **options)
    given = data("classification")
    done = finetune(configuration, *given, output=tmp_path / "out", keep_checkpoints=True)
    assert done.steps == 15
    assert (tmp_path / "out" / "checkpoint-15").is_dir()
    record = json.loads((tmp_path / "out" / "finetuning.json").read_text())
    del record["measured"]  # as if it had been killed before its end
    (tmp_path / "out" / "finetuning.json").write_text(json.dumps(record))
    shutil.copytree(tmp_path / "out", tmp_path / "killed")
    again = finetune(configuration, *given, output=tmp_path / "out", resume=True)
    assert (again.steps, again.measured) == (done.steps, done.measured)
    assert same_weights(tmp_path / "out", tmp_path / "killed")


def test_when_a_run_is_over():
    found = [{"F1": value, "other": 1 - value} for value in (0.2, 0.5, 0.5, 0.4)]
    assert best_of(found) == 1
    assert is_over(found, 2)
    assert not is_over(found[:3], 2)
    assert not is_over(found, 0)
    assert not is_over([], 1)
    assert evaluations([{"loss": 1, "step": 1}, {"eval_F1": 0.3, "step": 2}]) == [{"F1": 0.3, "step": 2}]


@pytest.mark.parametrize("family", ["roberta", "charbert"])
def test_other_families(tmp_path, family):
    from tests.systems.tiny import save_model

    folder = save_model(tmp_path / "model", family, "tagging")
    for task in ("tagging", "qa"):
        finetune(small(folder, training__epochs=1), *data(task), output=tmp_path / task)
        assert len(load_predictor(tmp_path / task).predict(examples(task))) == 40


def test_precision_and_accumulation(backbone, tmp_path):
    configuration = small(backbone, training__precision="bfloat16", training__accumulation=2, training__evaluations=2)
    done = finetune(configuration, *data("classification"), output=tmp_path / "out")
    assert done.steps == 5  # two epochs of five batches, two batches a step
    assert [entry["step"] for entry in entries(tmp_path / "out", "eval_accuracy")] == list(range(1, 6))


@pytest.mark.parametrize(("accumulation", "steps"), [(1, 15), (4, 4), (16, 1)])
def test_every_batch_is_read_once(backbone, tmp_path, monkeypatch, accumulation, steps):
    read = []

    class Watched(TrainingBatches):
        def __getitem__(self, number):
            read.append(number)
            return super().__getitem__(number)

    monkeypatch.setattr("charrobust.training.finetuning.plan.TrainingBatches", Watched)
    configuration = small(backbone, training__epochs=3, training__accumulation=accumulation)
    done = finetune(configuration, *data("classification"), output=tmp_path / "out")
    assert (done.steps, read) == (steps, list(range(15)))


@pytest.mark.parametrize("use", ["finetuned", "frozen", "mix"])
def test_what_is_trained_can_be_evaluated(backbone, tmp_path, use):
    done = finetune(small(backbone, use=use), *data("classification"), output=tmp_path / "out")
    dev = examples("classification", 20, seed=9)
    scored = load_data([example.texts[0] for example in dev], [example.target for example in dev])
    found = evaluate([done.output], scored)
    assert found.scores[0].value.value == pytest.approx(done.measured["accuracy"])


def test_several_seeds(backbone, tmp_path):
    output = tmp_path / "out"
    given = data("classification")
    stages = set()
    configuration = small(backbone, training__epochs=1)
    done = finetune_seeds(
        configuration, *given, output=output, seeds=(1, 2), progress=lambda stage, *_: stages.add(stage)
    )
    assert [each.output.name for each in done] == ["seed-1", "seed-2"]
    assert stages == {"training, seed 1", "training, seed 2"}
    record = json.loads((output / "finetuning.json").read_text(encoding="utf-8"))
    values = [each.measured["accuracy"] for each in done]
    assert record["seeds"] == [1, 2]
    assert record["measured"]["accuracy"]["values"] == values
    assert record["measured"]["accuracy"]["mean"] == pytest.approx(sum(values) / 2)
    assert spread(done)["accuracy"] == pytest.approx((sum(values) / 2, abs(values[0] - values[1]) / 2**0.5))
    stages.clear()
    more = finetune_seeds(
        configuration,
        *given,
        output=output,
        seeds=(1, 2, 5),
        resume=True,
        progress=lambda stage, *_: stages.add(stage),
    )
    assert stages == {"training, seed 5"}
    assert [each.measured for each in more[:2]] == [each.measured for each in done]


def test_no_answer_is_said_only_where_it_was_seen(backbone, tmp_path):
    train, dev = data("qa")
    answered = data_of("train", "qa", [example for example in train.examples if example.target])
    for name, given in (("with", train), ("without", answered)):
        finetune(small(backbone, training__epochs=1), given, dev, output=tmp_path / name)
        assert load_predictor(tmp_path / name).settings.head.no_answer == (name == "with")


def test_samples_keep_labels_and_order():
    whole = data_of("some", "classification", examples("classification", 50))
    some = whole.sample(7)
    assert some.examples == whole.sample(7).examples
    numbers = [int(example.id) for example in some.examples]
    assert (len(numbers), numbers) == (7, sorted(numbers))
    assert some.classes == whole.sample(1).classes == ("bad", "good")
    assert whole.sample(50) is whole
    train, measured = whole.held_out()
    assert (len(train.examples), len(measured.examples), measured.name) == (45, 5, "a tenth of some")
    assert {example.id for example in (*train.examples, *measured.examples)} == {str(n) for n in range(50)}


def test_labels_stand_in_order():
    found = TASKS["classification"].classes(("10", "9", "b", "a", None))
    assert found == ("9", "10", "a", "b")
