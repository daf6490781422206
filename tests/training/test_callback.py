"""Scores under attack while a model is trained."""

import warnings

import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

from charrobust.datasets.load import load_data
from charrobust.errors import UserError
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.training import RobustnessCallback
from tests.systems.encoders import TEXTS
from tests.systems.tiny import save_model
from tests.tasks.retrieval.collection import write_collection

LABELS = ["B", "I"] * 4
ARGUMENTS = {
    "max_steps": 4, "per_device_train_batch_size": 4, "report_to": [], "use_cpu": True, "disable_tqdm": True,
    "save_strategy": "no", "logging_strategy": "no",
}  # fmt: skip


def trainer_of(folder, tmp_path, callbacks=(), **more):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    data = [
        {**tokenizer(text), "labels": model.config.label2id[label]} for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    return Trainer(
        model, TrainingArguments(str(tmp_path / "out"), **{**ARGUMENTS, **more}), train_dataset=data, eval_dataset=data,
        data_collator=DataCollatorWithPadding(tokenizer), processing_class=tokenizer, callbacks=list(callbacks),
    )  # fmt: skip


@pytest.fixture
def data():
    return load_data(TEXTS, LABELS, task="classification", name="texts")


@pytest.fixture
def folder(tmp_path):
    return save_model(tmp_path / "model", "bert", "classification")


def test_scores_are_those_of_evaluate(folder, tmp_path, data):
    callback = RobustnessCallback(data, ["charbert", "drop@0.5"], every=2)
    trainer = trainer_of(folder, tmp_path, [callback])
    trainer.train()
    assert [scores["step"] for scores in callback.history] == [2, 4]
    trainer.save_model(str(tmp_path / "trained"))
    results = evaluate([str(tmp_path / "trained")], data, ["charbert", "drop@0.5"], device="cpu")
    expected = {f"eval_{score.attack}_{score.metric}": score.value.value for score in results.scores}
    found = {name: value for name, value in callback.history[-1].items() if name != "step"}
    assert len(found) == 3 * len(results.metrics)
    assert found == pytest.approx({name: expected[name] for name in found})
    logged = [entry for entry in trainer.state.log_history if "eval_charbert_accuracy" in entry]
    assert [entry["step"] for entry in logged] == [2, 4]


def test_training_is_the_same_without(folder, tmp_path, data):
    weights = []
    for callbacks in ([], [RobustnessCallback(data, every=1)]):
        trainer = trainer_of(folder, tmp_path, callbacks)
        trainer.train()
        weights.append(trainer.model.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_the_model_that_is_best_under_attack_can_be_kept(folder, tmp_path, data):
    callback = RobustnessCallback(data)
    trainer = trainer_of(
        folder, tmp_path, [callback], eval_strategy="steps", eval_steps=1, save_strategy="steps", save_steps=1,
        load_best_model_at_end=True, metric_for_best_model="charbert_accuracy",
    )  # fmt: skip
    trainer.train()
    values = [scores["eval_charbert_accuracy"] for scores in callback.history]
    assert len(values) == 4
    assert trainer.state.best_metric == max(values)


def test_a_model_of_sentence_transformers(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("sentence_transformers")
        pytest.importorskip("datasets")
    from datasets import Dataset
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    from tests.models.test_sentence_files import write_files
    from tests.systems.encoders import save_encoder

    collection = load_data(write_collection(tmp_path / "collection"))
    folder = write_files(save_encoder(tmp_path / "encoder"), "cls_token")
    model = library.SentenceTransformer(str(folder), device="cpu")
    callback = RobustnessCallback(collection, every=2)
    arguments = library.SentenceTransformerTrainingArguments(str(tmp_path / "out"), **ARGUMENTS)
    pairs = Dataset.from_dict({"anchor": TEXTS, "positive": TEXTS[::-1]})
    trainer = library.SentenceTransformerTrainer(
        model, arguments, train_dataset=pairs, loss=MultipleNegativesRankingLoss(model), callbacks=[callback]
    )
    trainer.train()
    model.save(str(tmp_path / "trained"))
    options = SystemOptions(task=type(collection.task), device="cpu")
    system = load_system(str(tmp_path / "trained"), options)
    metric = collection.task.metrics([])[0]
    targets = [example.target for example in collection.examples]
    value = metric.value(metric.statistics(targets, system.predict(collection.examples)).sum(0))
    assert callback.history[-1]["eval_clean_nDCG@10"] == pytest.approx(float(value))
    assert "eval_charbert_nDCG@10" in callback.history[-1]


def test_mistakes(folder, tmp_path, data):
    with pytest.raises(UserError, match="`every` is a number of steps, 1 or more, or None; got 0"):
        RobustnessCallback(data, every=0)
    with pytest.raises(UserError, match="asks a model about many texts"):
        RobustnessCallback(data, "worst:charbert:greedy:1")
    other = load_data(TEXTS, ["warm", "cold"] * 4, task="classification", name="texts")
    with pytest.raises(UserError, match="warm"):
        trainer_of(folder, tmp_path, [RobustnessCallback(other, every=1)]).train()
    trainer = trainer_of(folder, tmp_path, [RobustnessCallback(data, every=1)])
    trainer.callback_handler.processing_class = None
    with pytest.raises(UserError, match="the trainer has no tokenizer"):
        trainer.train()
