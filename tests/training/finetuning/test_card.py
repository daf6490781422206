"""What the card of a fine-tuned model says of its weights."""

import pytest

from charrobust.training.finetuning.card import finetuning_card

MANIFEST = {
    "encoder": "charbert-minilm-l6",
    "task": "classification",
    "use": "finetuned",
    "data": {"train": "reviews:train", "eval": "reviews:test"},
    "examples": {"train": 800, "eval": 400},
    "configuration": {"training": {"epochs": 1, "batch_size": 8, "accumulation": 1}},
    "measured": {"accuracy": 0.9},
    "defences": [],
    "learning_rate": 1e-4,
    "seed": 1,
    "max_length": 256,
    "versions": {"charrobust": "0.1.0"},
}


@pytest.mark.parametrize(
    ("weights", "use", "said"),
    [
        ({"all": 9, "trained": 9, "frozen": []}, "finetuned", "charbert-minilm-l6, all weights trained |"),
        (
            {"all": 2000, "trained": 1500, "frozen": ["charbert.recogniser"]},
            "finetuned",
            "1,500 of 2,000 weights trained; as they were: `charbert.recogniser` |",
        ),
        ({"all": 9, "trained": 1, "frozen": []}, "frozen", "a linear map on the last layer of the frozen encoder"),
    ],
)
def test_what_was_trained(weights, use, said):
    card = finetuning_card("channel", {**MANIFEST, "weights": weights, "use": use})
    assert said in card
    assert 'base_model: "sentence-transformers/all-MiniLM-L6-v2"' in card
