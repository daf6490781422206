"""First-order estimates of what changes of an example do."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from charrobust.systems.defended import Defended
from charrobust.systems.first_order import Expansion
from charrobust.systems.models import load_predictor
from charrobust.tasks.examples import Example
from tests.scoring.fakes import FakePredictor, FakeRestorer
from tests.systems.tiny import examples, save_model

TARGETS = {"classification": "B", "regression": 2.0, "tagging": None, "qa": ("north",)}


def near_tokens(predictor, count, step):
    """Give some tokens embeddings that lie near that of a first one; return that one and the others."""
    weights = predictor.model.get_input_embeddings().weight
    vocabulary = predictor.tokenizer.get_vocab()
    words = sorted(word for word in vocabulary if word.isalpha() and word.isascii() and len(word) > 1)[: count + 1]
    torch.manual_seed(2)
    with torch.no_grad():
        for word in words[1:]:
            direction = torch.randn(weights.size(1))
            weights[vocabulary[word]] = weights[vocabulary[words[0]]] + step * direction / direction.norm()
    return words


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_the_order_of_small_changes_is_exact(tmp_path, family):
    predictor = load_predictor(save_model(tmp_path / "model", family, "classification"))
    first, *others = near_tokens(predictor, 8, step=0.01)
    example = Example("0", (f"the {first}",), "B")
    forms = [replace(example, texts=(f"the {word}",)) for word in others]
    estimated = predictor.first_order(example, forms)
    # The loss is minus the logarithm of the target's probability.
    losses = -np.log(predictor.scores(forms)[:, 1])
    assert estimated.argsort().tolist() == losses.argsort().tolist()


@pytest.mark.parametrize("task", ["classification", "regression", "tagging", "qa"])
@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet", "charbert"])
def test_every_task_and_family(tmp_path, family, task):
    predictor = load_predictor(save_model(tmp_path / "model", family, task), max_length=24)
    example = next(each for each in examples(task) if "unbelievable" in " ".join(each.texts))
    target = TARGETS[task] or tuple("B" for _ in example.texts)
    example = replace(example, target=target)
    forms = []
    for word in ("unbelievable", "unbeleivable", "nbelievable", "unbelievablee"):
        texts = tuple(text.replace("unbelievable", word) for text in example.texts)
        forms.append(replace(example, texts=texts))
    said = predictor.predict(forms)
    found = predictor.first_order(example, forms)
    assert found.shape == (4,)
    assert found[0] == pytest.approx(0, abs=1e-6)
    assert (found[2:] != 0).all()
    assert np.isfinite(found).all()
    one_by_one = [predictor.first_order(example, [form])[0] for form in forms]
    assert found == pytest.approx(one_by_one, abs=1e-5)
    # Hooks are gone, and weights have no gradients.
    assert predictor.predict(forms) == said
    assert all(weights.grad is None for weights in predictor.model.parameters())
    assert predictor.first_order(example, []).shape == (0,)


def test_what_cannot_be_estimated(tmp_path):
    predictor = load_predictor(save_model(tmp_path / "model", "bert", "classification"))
    example = Example("0", ("the weather",), None)
    assert predictor.first_order(example, [example]) is None
    assert predictor.first_order(replace(example, target="unknown"), [example]) is None
    named = replace(example, target="begin")
    assert predictor.first_order(named, [example]) is None
    assert predictor.first_order(named, [example], {"B": "begin"}).tolist() == [0]
    assert FakePredictor().first_order(example, [example]) is None


def test_through_a_defence(tmp_path):
    predictor = load_predictor(save_model(tmp_path / "model", "bert", "classification"))
    defended = Defended("safe", predictor, (FakeRestorer(),))
    example = Example("0", ("the wonderful weather",), "B")
    forms = [replace(example, texts=("the wonderfull weather",)), replace(example, texts=("the wonderful storms",))]
    undone, other = defended.first_order(example, forms)
    assert undone == 0 != other
    assert predictor.first_order(example, forms)[0] != 0


def test_tokens_around_a_change_are_compared_one_with_one():
    rng = np.random.default_rng(1)
    vectors, gradients = rng.normal(size=(2, 5, 3)).astype(np.float32)
    known = Expansion([1, 2, 3, 4, 5], vectors, gradients)
    assert known.rise([1, 2, 3, 4, 5], vectors) == 0
    # A token more behind the third, whose characters are read anew: the word is compared as a whole.
    new = np.insert(vectors, 3, rng.normal(size=3), axis=0)
    new[2] += 1
    own = gradients[2]
    change = new[2:4].mean(0) - vectors[2]
    expected = (own @ change + own @ (new[2:4].sum(0) - vectors[2])) / 2
    expected += 0.1 * np.linalg.norm(own) * np.linalg.norm(change)
    assert known.rise([1, 2, 3, 9, 4, 5], new) == pytest.approx(expected, abs=1e-5)
    # What stands behind the change counts, too, where its vectors differ.
    new[5] += 1
    assert known.rise([1, 2, 3, 9, 4, 5], new) == pytest.approx(expected + gradients[4].sum(), abs=1e-5)
