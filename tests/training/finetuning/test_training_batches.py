"""Batches of training examples."""

from collections import Counter

import numpy as np
import pytest
import torch

from charrobust.perturb import load_recipe
from charrobust.tasks.examples import Example
from charrobust.tasks.head import IGNORED
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.finetuning.augmentation import Noise
from charrobust.training.finetuning.training_batches import Material, TrainingBatches
from tests.models.tokenizers import wordpiece
from tests.training.tasks import TASKS, WORDS, examples

TOKENIZER = wordpiece()
LABELS = {"classification": ("bad", "good"), "tagging": ("O", "B-X")}


def batches_of(task, some=None, batch_size=8, epochs=2, share=0.0, consistent=False, max_length=64, seed=1):
    noise = Noise(load_recipe("charbert"), share, seed, TASKS[task]) if share else None
    windower = Windower(TOKENIZER, max_length, 8, segments=False)
    head = TASKS[task].head_class()(labels=LABELS.get(task, ()))
    material = Material(some or examples(task), windower, head, noise=noise, consistent=consistent)
    return TrainingBatches(material, Padding.of(TOKENIZER), batch_size=batch_size, epochs=epochs, seed=seed)


def rows(batches):
    return Counter(
        tuple(ids[mask.bool()].tolist())
        for batch in batches
        for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    )


def words_of(count):
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 30, count)
    return [Example(str(n), (" ".join(rng.choice(WORDS, k)),), "bad") for n, k in enumerate(lengths)]


def test_an_epoch_holds_every_example_once():
    given = batches_of("classification", examples("classification", 43))
    assert (given.per_epoch, len(given), given.windows) == (6, 12, 43)
    first, second = ([given[number] for number in range(start, start + 6)] for start in (0, 6))
    assert rows(first) == rows(second)
    assert sum(rows(first).values()) == 43
    assert sorted(len(batch["labels"]) for batch in first) == [3, 8, 8, 8, 8, 8]
    assert [batch["input_ids"].tolist() for batch in first] != [batch["input_ids"].tolist() for batch in second]
    with pytest.raises(IndexError):
        given[12]


def test_windows_of_a_batch_are_of_like_length():
    given = batches_of("classification", words_of(400))
    batches = [given[number] for number in range(given.per_epoch)]
    padded = sum(batch["attention_mask"].numel() for batch in batches)
    tokens = sum(int(batch["attention_mask"].sum()) for batch in batches)
    assert tokens / padded > 0.95
    lengths = [batch["input_ids"].size(1) for batch in batches]
    assert lengths != sorted(lengths)


@pytest.mark.parametrize("task", TASKS)
def test_a_batch_depends_on_its_number_alone(task):
    given, other = (batches_of(task, share=0.5, consistent=True) for _ in range(2))
    for number in (7, 0, 9):
        one, two = given[number], other[number]
        assert one.keys() == two.keys()
        assert all(value.equal(two[name]) for name, value in one.items())
    apart = batches_of(task, share=0.5, seed=2)[0]["input_ids"]
    assert apart.tolist() != batches_of(task, share=0.5)[0]["input_ids"].tolist()


def test_tags_stand_at_the_first_token_of_their_word():
    noised = batches_of("tagging", share=1.0)
    for batch in (noised[number] for number in range(len(noised))):
        assert ((batch["labels"] != IGNORED).sum(1) == 5).all()
    assert sum(int((noised[number]["labels"] == 1).sum()) for number in range(noised.per_epoch)) == 20
    clean = batches_of("tagging")[0]
    for ids, labels in zip(clean["input_ids"], clean["labels"], strict=True):
        tokens = TOKENIZER.convert_ids_to_tokens(ids)
        assert [not token.startswith(("##", "[")) for token in tokens] == (labels != IGNORED).tolist()
        named = {token: label for token, label in zip(ids.tolist(), labels.tolist(), strict=True) if label != IGNORED}
        storms = TOKENIZER("storms", add_special_tokens=False)["input_ids"][0]
        assert {label for token, label in named.items() if token == storms} <= {1}
        assert {label for token, label in named.items() if token != storms} <= {0}


@pytest.mark.parametrize("field", ["question", "context"])
def test_answers_stay_right(monkeypatch, field):
    monkeypatch.setitem(TASKS, "qa", QuestionAnswering(attacked=(field,)))
    given = batches_of("qa", examples("qa", words=30), share=0.5, max_length=48)
    found = Counter()
    for batch in (given[number] for number in range(len(given))):
        for ids, (first, last) in zip(batch["input_ids"], batch["labels"].tolist(), strict=True):
            text = TOKENIZER.decode(ids[first : last + 1]).replace(" ", "")
            found["none" if (first, last) == (0, 0) else text] += 1
    assert found["none"]
    assert found["storms"]
    others = {text for text in found if text not in ("none", "storms")}
    assert bool(others) == (field == "context")
    assert all(abs(len(text) - 6) <= 1 for text in others)


def test_a_share_is_noised_afresh():
    given = batches_of("classification", examples("classification", 400), share=0.3, epochs=3)
    clean = rows([batches_of("classification", examples("classification", 400))[number] for number in range(50)])
    epochs = [rows([given[50 * epoch + number] for number in range(50)]) for epoch in range(3)]
    for found in epochs:
        assert sum(found.values()) == 400
        assert 0.2 < sum((found - clean).values()) / 400 < 0.35
    assert len({frozenset((found - clean).items()) for found in epochs}) == 3


@pytest.mark.parametrize("task", TASKS)
def test_noised_examples_come_with_their_clean_form(task):
    given = batches_of(task, examples(task, words=12), share=0.6, consistent=True)
    clean = {tuple(row) for row in rows(batches_of(task, examples(task, words=12))[number] for number in range(10))}
    compared = 0
    for batch in (given[number] for number in range(len(given))):
        assert batch["places"].shape[:2] == (len(batch["pairs"]), 2)
        for (row, twin), places in zip(batch["pairs"].tolist(), batch["places"], strict=True):
            compared += 1
            assert tuple(batch["input_ids"][twin][batch["attention_mask"][twin].bool()].tolist()) in clean
            assert batch["labels"][twin].numel() == batch["labels"][row].numel()
            there = places[:, places[0] >= 0]
            if task == "tagging":
                assert batch["labels"][row][there[0]].equal(batch["labels"][twin][there[1]])
                assert there.size(1) == 12
            elif task == "qa":
                assert there[:, 0].tolist() == [0, 0]
                assert batch["input_ids"][row][there[0, 1:]].equal(batch["input_ids"][twin][there[1, 1:]])
    assert compared > 20


def test_types_of_labels():
    assert batches_of("regression")[0]["labels"].dtype == torch.float32
    assert batches_of("classification")[0]["labels"].dtype == torch.int64
