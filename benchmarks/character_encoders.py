"""The recurrent and the convolutional character encoder side by side: how well they recognise noised words, how fast.

    python benchmarks/character_encoders.py --texts train.jsonl.gz [--steps 300] [--clock cpu]

Both learn on the same noised words in the same number of steps, on the words of MiniLM; the configuration is that of
``minilm``. The words are those of a file (JSON Lines with ``text``).
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from charrobust.models import CharBertForPreTraining
from charrobust.models.minilm import minilm_directory
from charrobust.training.pretraining.warm_start import warm_start
from charrobust.training.pretraining.word_list import WordList

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
CHANNEL: dict[str, Any] = {
    "character_entry": "recognised",
    "interaction": "highway",
    "interaction_layers": [0],
    "character_embedding_size": 64,
    "character_hidden_size": 128,
    "lexicon_key_size": 128,
    "word_vocabulary_size": 1,
}


def count_words(path: Path) -> Counter[str]:
    """Return how often each word occurs."""
    counts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            counts.update(json.loads(line)["text"].lower().split())
    return counts


def times_of_steps(model: Any, words: int, clock: str) -> dict[str, float]:
    """Return the median milliseconds that encoding some words takes, forwards and with the way back."""
    encoder = model.charbert.character_encoder
    generator = torch.Generator().manual_seed(0)
    letters = torch.randint(1, 27, (words, 14), generator=generator)
    letters *= torch.arange(14) < torch.randint(2, 15, (words, 1), generator=generator)
    taken: dict[str, list[float]] = {"forward": [], "with backward": []}
    for _ in range(9):
        start = CLOCKS[clock]()
        with torch.no_grad():
            encoder.words(letters)
        middle = CLOCKS[clock]()
        encoder.words(letters).square().mean().backward()
        taken["forward"].append(middle - start)
        taken["with backward"].append(CLOCKS[clock]() - middle)
    return {name: 1e3 * statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Train and time both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    source = minilm_directory()
    tokenizer = AutoTokenizer.from_pretrained(source)
    words = WordList.of_counts(count_words(options.texts))
    for name in ("gru", "cnn"):
        torch.manual_seed(0)
        model = CharBertForPreTraining.from_backbone(source, character_encoder=name, **CHANNEL)
        count = sum(weight.numel() for weight in model.charbert.character_encoder.parameters())
        taken = times_of_steps(model, 256, options.clock)
        print(f"{name}: {count:,} weights; 256 words " + ", ".join(f"{key} {ms:.1f} ms" for key, ms in taken.items()))
        start = CLOCKS[options.clock]()
        done = warm_start(model, tokenizer, words, recipe="charbert", steps=options.steps, batch_size=options.batch)
        assert done is not None
        seconds = CLOCKS[options.clock]() - start
        print(f"  recognised {done.recognised:.3f}, kept {done.kept:.3f}, {seconds:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
