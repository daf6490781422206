"""Fine-tuned models as functions."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, GPT2Config, GPT2ForSequenceClassification

from charrobust.systems.models import load_predictor
from charrobust.tasks.examples import Example
from charrobust.tasks.windows.batching import Padding, by_length
from charrobust.tasks.windows.windower import Window
from tests.models.tokenizers import byte_level
from tests.systems.tiny import LABELS, SENTENCES, examples, save_model

TASKS = ("classification", "regression", "tagging", "qa")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet", "charbert"])
def test_predictions_do_not_depend_on_batches_or_order(tmp_path, family, task):
    folder = save_model(tmp_path / "model", family, task)
    some = examples(task)
    done = []
    predictor = load_predictor(folder, batch_size=1)
    expected = predictor.predict(some, lambda stage, count, *_: done.append(count))
    assert (predictor.task.name, done[-1], len(expected)) == (task, len(some), len(some))
    shuffled = list(some)
    random.Random(1).shuffle(shuffled)
    found = load_predictor(folder, batch_size=4).predict(shuffled)
    again = dict(zip([example.id for example in shuffled], found, strict=True))
    for example, prediction in zip(some, expected, strict=True):
        if task == "regression":
            assert again[example.id] == pytest.approx(prediction, abs=1e-5)
        else:
            assert again[example.id] == prediction


def test_shapes_of_predictions(tmp_path):
    tags = load_predictor(save_model(tmp_path / "tags", "bert", "tagging"), max_length=24).predict(examples("tagging"))
    assert [len(found) for found in tags] == [len(text.split()) for text in SENTENCES]
    assert {tag for found in tags for tag in found} <= set(LABELS)
    asked = examples("qa")
    answers = load_predictor(save_model(tmp_path / "qa", "bert", "qa"), max_length=24).predict(asked)
    assert all(answer in example.texts[1] for answer, example in zip(answers, asked, strict=True))
    predictor = load_predictor(save_model(tmp_path / "classes", "bert", "classification"))
    assert (predictor.labels, predictor.name) == (LABELS, "classes")
    assert set(predictor.predict(examples("classification"))) <= set(LABELS)
    assert predictor.predict([]) == []


def test_the_library_says_the_same(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    pairs = [Example(str(n), (text, "the north"), None) for n, text in enumerate(SENTENCES)]
    found = load_predictor(folder).predict(pairs)
    for example, prediction in zip(pairs, found, strict=True):
        encoded = tokenizer(*example.texts, return_tensors="pt", truncation=True, max_length=64)
        assert LABELS[int(model.eval()(**encoded).logits.argmax())] == prediction


def test_the_released_scheme_sees_no_padding(tmp_path):
    folder = save_model(tmp_path / "model", "charbert", "regression", interaction="released", padding="released")
    some = examples("regression")
    together, alone = load_predictor(folder).predict(some), load_predictor(folder, batch_size=1).predict(some)
    assert together == pytest.approx(alone, abs=1e-5)


def test_fingerprints(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    first = load_predictor(folder)
    assert load_predictor(folder, batch_size=3).fingerprint == first.fingerprint
    assert load_predictor(folder, max_length=32).fingerprint != first.fingerprint
    other = load_predictor(folder)
    with torch.no_grad():
        other.model.classifier.bias[0] += 1
    assert other.fingerprint != first.fingerprint
    assert load_predictor(save_model(tmp_path / "other", "roberta", "classification")).fingerprint != first.fingerprint


def test_names_that_the_library_made_up_are_numbers(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    config = json.loads((folder / "config.json").read_text())
    for key in ("id2label", "label2id"):
        del config[key]
    (folder / "config.json").write_text(json.dumps(config | {"num_labels": 3}))
    assert load_predictor(folder).labels == ("0", "1", "2")


def test_classes_that_hold_at_once_are_several_labels(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification", problem_type="multi_label_classification")
    assert load_predictor(folder).task.name == "multilabel"


def test_batches_hold_windows_of_like_length():
    lengths = np.random.default_rng(0).integers(1, 60, 200).tolist()
    windows = [Window(0, [1] * length) for length in lengths]
    batches = list(by_length(windows, 8, 200))
    assert sorted(number for batch in batches for number in batch) == list(range(200))
    for batch in batches:
        assert len(batch) <= 8
        assert len(batch) * max(lengths[number] for number in batch) <= 200
    assert all(len({lengths[number] for number in batch}) == 1 for batch in by_length(windows, 8, 200, equal=True))


@pytest.mark.parametrize("left", [False, True])
def test_padding(left):
    padding = Padding(9, 3, left)
    windows = [Window(0, [1, 2, 3], [0, 0, 1]), Window(1, [4], [0])]
    batch = {name: value.tolist() for name, value in padding(windows).items()}
    short, mask, segments = ([9, 9, 4], [0, 0, 1], [3, 3, 0]) if left else ([4, 9, 9], [1, 0, 0], [0, 3, 3])
    assert batch["input_ids"] == [[1, 2, 3], short]
    assert batch["attention_mask"] == [[1, 1, 1], mask]
    assert batch["token_type_ids"] == [[0, 0, 1], segments]
    assert [padding.displacement(window, 3) for window in windows] == ([0, 2] if left else [0, 0])


def test_fingerprints_stay_whatever_was_asked_before(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    first, asked = load_predictor(folder), load_predictor(folder)
    asked.tokenizer("a text", padding="max_length", truncation=True, max_length=7)
    assert asked.fingerprint == first.fingerprint


def test_fingerprints_know_how_texts_are_padded_and_cut(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    first, other = load_predictor(folder), load_predictor(folder)
    other.tokenizer.padding_side = "left"
    assert other.fingerprint != first.fingerprint


def test_a_model_is_asked_with_the_windows_it_was_trained_with(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "tagging")
    usual = load_predictor(folder)
    run = {"task": "tagging", "max_length": 24, "stride": 2}
    (folder / "finetuning.json").write_text(json.dumps(run))
    trained = load_predictor(folder)
    assert (trained.settings.max_length, trained.settings.stride) == (24, 2)
    assert usual.settings.stride == 32
    (folder / "finetuning.json").write_text(json.dumps(run | {"stride": 8}))
    wider = load_predictor(folder)
    long = [Example("0", ("the", "wonderful", "weather", "of", "the", "north") * 40, None)]
    assert len(wider.windows(long)) > len(trained.windows(long))


def test_questions_have_answers_unless_it_is_said(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "qa")
    with torch.no_grad():
        model = load_predictor(folder, options={"no_answer": True})
        found = [load_predictor(folder), model]
    assert [predictor.settings.head.no_answer for predictor in found] == [False, True]
    assert all(found[0].predict([example for example in examples("qa") if example.texts[1]]))


@pytest.mark.parametrize("task", TASKS)
def test_half_a_surrogate_pair_is_read(tmp_path, task):
    some = examples(task)
    broken = [replace(each, texts=tuple(text + "\ud83d" for text in each.texts)) for each in some]
    predictor = load_predictor(save_model(tmp_path / "model", "bert", task))
    assert len(predictor.predict(broken)) == len(some)


def test_decoders_without_a_padding_token(tmp_path):
    config = GPT2Config(n_layer=1, n_head=2, n_embd=32, vocab_size=330, num_labels=2, eos_token_id=2)
    tokenizer = byte_level()
    tokenizer.pad_token = None
    torch.manual_seed(0)
    GPT2ForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    some = examples("classification")
    texts = [example for example in some if example.texts[0]]
    together, alone = (load_predictor(tmp_path, batch_size=size).predict(texts) for size in (4, 1))
    assert together == alone
