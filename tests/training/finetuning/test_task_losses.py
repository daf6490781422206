"""Losses of fine-tuning."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional

from charrobust.tasks.head import divergence
from charrobust.tasks.registry import task_class
from charrobust.training.finetuning.losses import TaskLoss


def asked(task, consistency=0.0, *, labels, **scores):
    batch = {"input_ids": torch.ones(4, 3, dtype=torch.long), "attention_mask": torch.ones(4, 3), "labels": labels}
    batch |= {"pairs": torch.tensor([[0, 2], [1, 3]]), "places": torch.tensor([[[0, 2, -1], [1, 0, -1]]] * 2)}
    return TaskLoss(task_class(task).head_class()(), consistency)(lambda **inputs: SimpleNamespace(**scores), batch)


def test_divergence():
    one, other = torch.randn(2, 5, 4)
    expected = [
        functional.kl_div(b.log_softmax(-1), a.log_softmax(-1), log_target=True, reduction="none").sum(-1)
        for a, b in ((one, other), (other, one))
    ]
    assert torch.allclose(divergence(one, other), (expected[0] + expected[1]) / 2, atol=1e-6)
    assert divergence(one, one).abs().max() < 1e-6


def test_of_each_task():
    scores = torch.randn(4, 3)
    found = asked("classification", labels=torch.tensor([0, 1, 2, 0]), logits=scores)
    assert found.total == pytest.approx(functional.cross_entropy(scores, torch.tensor([0, 1, 2, 0])))
    assert {name: int(value) for name, value in found.counts.items()} == {"tokens": 12, "examples": 4}
    values = torch.tensor([0.5, 1.0, 2.0, 3.0])
    assert asked("regression", labels=values, logits=torch.zeros(4, 1)).total == pytest.approx((values**2).mean())
    tags = torch.full((4, 3), -100)
    tags[2, 1] = 1
    logits = torch.randn(4, 3, 2)
    expected = functional.cross_entropy(logits[2, 1], torch.tensor(1))
    assert asked("tagging", labels=tags, logits=logits).total == pytest.approx(float(expected))
    ends = torch.tensor([[0, 1]] * 4)
    found = asked("qa", labels=ends, start_logits=scores, end_logits=scores)
    expected = (functional.cross_entropy(scores, ends[:, 0]) + functional.cross_entropy(scores, ends[:, 1])) / 2
    assert found.total == pytest.approx(float(expected))


def test_consistency():
    scores = torch.randn(4, 3)
    found = asked("classification", 2.0, labels=torch.tensor([0, 1, 2, 0]), logits=scores)
    apart = divergence(scores[:2], scores[2:]).mean()
    assert found.parts["consistency_loss"] == pytest.approx(float(apart))
    assert found.total == pytest.approx(float(found.parts["task_loss"] + 2 * apart))
    found = asked("regression", 1.0, labels=torch.zeros(4), logits=scores[:, :1])
    assert found.parts["consistency_loss"] == pytest.approx(float((scores[:2, 0] - scores[2:, 0]).square().mean()))
    logits = torch.randn(4, 3, 5)
    found = asked("tagging", 1.0, labels=torch.zeros(4, 3, dtype=torch.long), logits=logits)
    pairs = [(0, 0, 2, 1), (0, 2, 2, 0), (1, 0, 3, 1), (1, 2, 3, 0)]
    apart = torch.stack([divergence(logits[a, b], logits[c, d]) for a, b, c, d in pairs]).mean()
    assert found.parts["consistency_loss"] == pytest.approx(float(apart), abs=1e-5)
    found = asked("qa", 1.0, labels=torch.zeros(4, 2, dtype=torch.long), start_logits=scores, end_logits=scores)
    apart = (divergence(scores[0, [0, 2]], scores[2, [1, 0]]) + divergence(scores[1, [0, 2]], scores[3, [1, 0]])) / 2
    assert found.parts["consistency_loss"] == pytest.approx(float(apart), abs=1e-5)


@pytest.mark.parametrize("task", ["classification", "regression", "tagging", "qa"])
def test_nothing_to_compare(task):
    batch = {"input_ids": torch.ones(2, 3, dtype=torch.long), "attention_mask": torch.ones(2, 3)}
    shape = {"classification": (2,), "regression": (2,), "tagging": (2, 3), "qa": (2, 2)}[task]
    batch |= {"labels": torch.zeros(shape, dtype=torch.float if task == "regression" else torch.long)}
    batch |= {"pairs": torch.zeros(0, 2, dtype=torch.long), "places": torch.zeros(0, 2, 0, dtype=torch.long)}
    logits = torch.randn((2, 3, 2) if task == "tagging" else (2, 1 if task == "regression" else 2), requires_grad=True)
    spans = torch.randn(2, 3, requires_grad=True)
    out = SimpleNamespace(logits=logits, start_logits=spans, end_logits=spans)
    found = TaskLoss(task_class(task).head_class()(), 1.0)(lambda **inputs: out, batch)
    assert float(found.parts["consistency_loss"]) == 0
    found.total.backward()
