"""Cross-entropy from a sample of the classes."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from charrobust.training.word_recognition.sampled_softmax import SampledSoftmax


@pytest.fixture
def given():
    """A layer of 60 classes, vectors and their right classes."""
    torch.manual_seed(1)
    return torch.nn.Linear(8, 60), torch.randn(40, 8), torch.randint(60, (40,))


def exact(output, vectors, targets):
    return functional.cross_entropy(output(vectors), targets)


@pytest.mark.parametrize("softmax", [SampledSoftmax(60, 1), SampledSoftmax(20, 40)])
def test_the_loss_is_exact_where_all_classes_are_looked_at(softmax, given):
    torch.testing.assert_close(softmax.loss(*given, rng=np.random.default_rng(1)), exact(*given))


def test_the_loss_is_exact_where_all_others_but_one_are_drawn_and_equal(given):
    output, vectors, targets = given
    output.weight.data[20:], output.bias.data[20:] = output.weight.data[20], output.bias.data[20]
    found = SampledSoftmax(20, 10).loss(output, vectors, targets.clamp(max=19), rng=np.random.default_rng(1))
    torch.testing.assert_close(found, exact(output, vectors, targets.clamp(max=19)))


def test_the_denominator_is_right_on_average(given):
    output, vectors, targets = given
    targets = targets.clamp(max=19)
    right = output(vectors)[torch.arange(40), targets]
    denominator = output(vectors).exp().sum(1)
    rng, found = np.random.default_rng(1), []
    for number in range(800):
        row = slice(number % 40, number % 40 + 1)
        loss = SampledSoftmax(20, 10).loss(output, vectors[row], targets[row], rng=rng)
        found.append(((loss + right[row]).exp() / denominator[row]).item())
    assert np.mean(found) == pytest.approx(1, abs=0.03)


def test_gradients_reach_what_was_looked_at(given):
    output, vectors, targets = given
    SampledSoftmax(20, 10).loss(output, vectors, targets, rng=np.random.default_rng(1)).backward()
    touched = set(output.weight.grad.abs().sum(1).nonzero().flatten().tolist())
    assert {*range(20), *targets.tolist()} <= touched
    assert len(touched) <= 20 + 10 + len(set(targets.tolist()))


def test_nothing_counted_costs_nothing(given):
    output, vectors, targets = given
    for softmax in (SampledSoftmax(20, 10), SampledSoftmax(60, 1)):
        loss = softmax.loss(output, vectors[:0], targets[:0], rng=np.random.default_rng(1))
        assert loss.item() == 0
        loss.backward()
