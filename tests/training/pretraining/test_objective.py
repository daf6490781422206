"""The losses of pre-training."""

import math

import pytest
import torch

from charrobust.training.pretraining.configuration import Weights
from charrobust.training.pretraining.models import build_model, build_teacher, load_tokenizer
from charrobust.training.pretraining.objective import Objective, distance, recognised, word_vectors
from charrobust.training.pretraining.texts import Sources, prepare
from tests.training.runs import small


@pytest.fixture
def made(backbone, corpus, tmp_path):
    """Return a function that gives student, teacher and a batch of a configuration."""

    def make(**changes):
        configuration = small(backbone, **changes)
        tokenizer = load_tokenizer(configuration)
        texts = prepare(configuration, Sources([corpus]), tmp_path, tokenizer=tokenizer, progress=lambda *_: None)
        torch.manual_seed(0)
        student = build_model(configuration, texts.words).eval()
        batch = texts.collator()([(0, 0), (0, 1)])
        return configuration, student, build_teacher(configuration), batch

    return make


def test_word_vectors():
    states = torch.tensor([[[9.0], [1.0], [3.0], [5.0], [9.0]], [[9.0], [2.0], [4.0], [8.0], [9.0]]])
    words = torch.tensor([[-1, 0, 0, 2, -1], [-1, 1, 1, 1, -1]])
    vectors, there = word_vectors(states, words, 3)
    assert vectors.flatten().tolist() == pytest.approx([2, 0, 5, 0, 14 / 3, 0])
    assert there.tolist() == [True, False, True, False, True, False]


def test_distance():
    student = torch.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]], requires_grad=True)
    teacher = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    each = [0 + 4 / 1, 1 + 5 / 1]
    assert distance(student, teacher, torch.tensor([True, True, False])).item() == pytest.approx(sum(each) / 2)
    nothing = distance(student, teacher, torch.zeros(3, dtype=torch.bool))
    nothing.backward()
    assert nothing.item() == 0
    assert student.grad.eq(0).all()


def test_recognised_counts_words_and_not_tokens():
    words = torch.tensor([[-1, 0, 0, 1, 2, -1]])
    labels = torch.tensor([[-100, 3, 3, -100, 1, -100]])
    scores = torch.zeros(3, 5)
    scores[0, 3] = scores[1, 0] = scores[2, 2] = 1
    counts = recognised(scores.argmax(-1), {"words": words, "word_labels": labels, "outside": torch.tensor(4)})
    assert {name: int(value) for name, value in counts.items()} == {"nlm_right": 1, "nlm_words": 2, "nlm_outside": 4}


def test_the_weighted_sum(made):
    configuration, student, teacher, batch = made(objective__distillation=2.0, objective__mlm=0.5)
    losses = Objective(configuration.objective, teacher)(student, batch)
    parts = losses.parts
    expected = parts["nlm_loss"] + 0.5 * parts["mlm_loss"] + 2 * parts["distillation_loss"]
    assert losses.total.item() == pytest.approx(expected.item())
    assert parts["nlm_loss"].item() == pytest.approx(math.log(student.config.word_vocabulary_size), rel=0.1)
    assert losses.counts["tokens"] == batch["attention_mask"].sum()


@pytest.mark.parametrize("model", ["charbert", "plain"])
def test_nothing_noised_and_nothing_masked(model, made):
    configuration, student, teacher, batch = made(
        model=model, objective__nlm=float(model == "charbert"), objective__distillation=1.0, data__noise_share=0.0
    )
    batch["labels"] = torch.full_like(batch["labels"], -100)
    losses = Objective(configuration.objective, teacher)(student, batch)
    losses.total.backward()
    assert losses.parts["mlm_loss"] == 0
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in student.parameters())


def test_a_plain_student_on_clean_text_is_its_teacher(made):
    configuration, student, teacher, batch = made(
        model="plain", objective__nlm=0.0, objective__mlm=0.0, objective__distillation=1.0, data__noise_share=0.0
    )
    losses = Objective(configuration.objective, teacher)(student, batch)
    assert losses.parts["distillation_loss"].item() == pytest.approx(0, abs=1e-6)


def test_what_has_no_weight_is_frozen_and_what_has_one_learns(made):
    configuration, student, teacher, batch = made(objective__mlm=0.0)
    Objective(configuration.objective, teacher)(student, batch).total.backward()
    frozen = {name.split(".")[0] for name, weight in student.named_parameters() if not weight.requires_grad}
    assert frozen == {"lm_head"}
    assert student.word_head.decoder.weight.grad.abs().sum() > 0
    assert student.get_input_embeddings().weight.requires_grad
    assert Weights(nlm=1.0, mlm=0.0).distillation == 0
