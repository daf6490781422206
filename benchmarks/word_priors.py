"""Give the known words of a channel with spelled keys a bias by their frequency, and change that of keeping words.

The warm start draws words by the square root of their count, so that rare ones are met too; in running text frequent
ones are likelier than that. `--frequency 0.3` adds 0.3 of the logarithm of each word's count, less its mean over
running text. `--keep -1.5` is added to what speaks for a word's own tokens. The channel is trained on afterwards.

    python benchmarks/word_priors.py CHANNEL WORDS.tsv OUTPUT [--frequency 0.3] [--keep -1.5]
"""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from pathlib import Path

import torch
from safetensors.torch import save_file

from charrobust.models.channels import WEIGHTS, load_channel
from charrobust.models.known_words import read_lexicon
from charrobust.training.pretraining.word_list import read_word_list

_BIAS, _KEEP = "recogniser.keys.bias", "recogniser.keep.bias"


def main() -> None:
    """Write the channel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("channel", type=Path)
    parser.add_argument("words", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--frequency", type=float, default=0.3)
    parser.add_argument("--keep", type=float, default=-1.5)
    options = parser.parse_args()
    listed = read_word_list(options.words)
    totals: Counter[str] = Counter()
    for word, count in zip(listed.words, listed.counts, strict=True):
        totals[word] += count
    counts = torch.tensor([totals[word] + 1.0 for word in read_lexicon(options.channel)])
    prior = counts.log()
    weights = load_channel(options.channel)
    weights[_BIAS] += options.frequency * (prior - (prior * counts).sum() / counts.sum())
    weights[_KEEP] += options.keep
    shutil.copytree(options.channel, options.output)
    half = {name: weight.half().contiguous() for name, weight in weights.items()}
    save_file(half, options.output / WEIGHTS, metadata={"format": "pt"})


if __name__ == "__main__":
    main()
