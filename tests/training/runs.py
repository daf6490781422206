"""Tiny pre-training runs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from safetensors.torch import load_file
from transformers import BertConfig, MPNetConfig, PreTrainedConfig, RobertaConfig, T5Config, XLNetConfig

from charrobust.training.pretraining.configuration import Configuration, parse_configuration
from tests.models.families import SIZES
from tests.models.tokenizers import byte_level, save_backbone, sentencepiece, wordpiece

SENTENCES = [
    "the wonderful weather of the north changes",
    "unbelievable storms in the north change the weather",
    "wonderful words, typing typists",
    "typing errors change words of the typists",
]
FAMILIES: dict[str, tuple[object, PreTrainedConfig]] = {
    "bert": (wordpiece, BertConfig(**SIZES)),
    "roberta": (byte_level, RobertaConfig(**{**SIZES, "vocab_size": 330}, pad_token_id=1)),
    "mpnet": (wordpiece, MPNetConfig(**SIZES, pad_token_id=0)),
    "xlnet": (sentencepiece, XLNetConfig(vocab_size=99, d_model=32, n_layer=3, n_head=4, d_inner=37)),
}
# not to be trained without a channel
OF_TWO = (sentencepiece, T5Config(vocab_size=99, d_model=32, num_layers=2, num_heads=4, d_kv=8, d_ff=37))
SMALL = {
    "data.block_size": 24,
    "data.noise_share": 0.4,
    "training.steps": 6,
    "training.batch_size": 4,
    "training.learning_rate": 1e-3,
    "training.workers": 0,
    "training.log_every": 1,
    "training.evaluate_every": 3,
    "training.save_every": 3,
}


def make_corpus(path: Path, lines: int = 200) -> Path:
    """Write running text that a model can learn by heart."""
    path.write_text("".join(SENTENCES[number % 4] + "\n" for number in range(lines)), encoding="utf-8")
    return path


def make_backbone(folder: Path, family: str = "bert") -> Path:
    """Write a random encoder with its tokenizer."""
    tokenizer, config = FAMILIES[family]
    return save_backbone(folder, tokenizer(), config)


def small(backbone: Path, **changes: object) -> Configuration:
    """Return a small configuration; keys of sections are written ``section__key``."""
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return parse_configuration({"backbone": str(backbone)}, SMALL | named)


def interrupting(step: int, interrupted: str = "training"):
    """Return a progress callback that sends Ctrl-C after a step of a stage."""

    def progress(stage, done, total, metrics):
        if stage == interrupted and done == step:
            os.kill(os.getpid(), signal.SIGINT)

    return progress


def same_weights(one: Path, other: Path) -> bool:
    """Tell whether two models are equal, bit for bit."""
    weights, others = (load_file(folder / "model.safetensors") for folder in (one, other))
    return weights.keys() == others.keys() and all(weights[name].equal(others[name]) for name in weights)
