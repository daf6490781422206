"""What the head teaches and reads."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional

from charrobust.tasks.examples import Example
from charrobust.tasks.multilabel.head import MultiLabelHead

HEAD = MultiLabelHead(labels=("anger", "joy", "trust"))


def outputs(*rows):
    return SimpleNamespace(logits=torch.tensor(rows, dtype=torch.float32))


@pytest.mark.parametrize(("target", "wanted"), [((), [0, 0, 0]), (("trust", "anger"), [1, 0, 1])])
def test_lessons(target, wanted):
    lesson = HEAD.lesson(None, Example("0", ("text",), target))
    assert lesson.tolist() == wanted


def test_the_loss_is_the_cross_entropy_of_each_label():
    labels = HEAD.batch_labels([np.array([0.0, 1, 1]), np.array([0.0, 0, 0])], [], [], length=9)
    assert labels.dtype == torch.float32
    out = outputs([0.3, -2.0, 1.5], [1.0, 0.0, -3.0])
    probabilities = out.logits.sigmoid()
    by_hand = -(labels * probabilities.log() + (1 - labels) * (1 - probabilities).log()).mean()
    assert HEAD.loss(out, {"labels": labels}) == pytest.approx(by_hand.item())


def test_the_distance_is_the_mean_of_both_divergences():
    out = outputs([0.3, -2.0, 1.5], [1.0, 0.0, -3.0])
    distance = HEAD.distance(out, torch.tensor([[0, 1]]), torch.empty(1, 2, 0))
    both = torch.stack([out.logits.sigmoid(), 1 - out.logits.sigmoid()], -1)
    one = functional.kl_div(both[0].log(), both[1], reduction="none").sum(-1)
    other = functional.kl_div(both[1].log(), both[0], reduction="none").sum(-1)
    assert distance == pytest.approx(((one + other) / 2).mean().item(), rel=1e-5)
    assert HEAD.distance(out, torch.tensor([[0, 0]]), torch.empty(1, 2, 0)) == 0


def test_reading_and_the_threshold():
    out = outputs([0.0, -2.0, 1.5])
    ((chosen, probabilities),) = HEAD.read(out, [], None)
    assert chosen == ("anger", "trust")
    assert dict(probabilities) == pytest.approx({"anger": 0.5, "joy": 0.1192, "trust": 0.8176}, abs=1e-4)
    ((chosen, _),) = MultiLabelHead(labels=HEAD.labels, threshold=0.6).read(out, [], None)
    assert chosen == ("trust",)
    assert MultiLabelHead.options() == {"threshold": 0.5}


@pytest.mark.parametrize(
    ("architecture", "problem", "serves"),
    [
        ("BertForSequenceClassification", "multi_label_classification", True),
        ("BertForSequenceClassification", "single_label_classification", False),
        ("BertForSequenceClassification", None, False),
        ("BertForTokenClassification", "multi_label_classification", False),
    ],
)
def test_models_with_the_head(architecture, problem, serves):
    config = SimpleNamespace(architectures=[architecture], problem_type=problem, num_labels=3)
    assert MultiLabelHead.serves(config) is serves
