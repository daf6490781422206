"""A channel whose weights are the mean of those of several, all of which went on from one another.

What one learnt from broad noise and the other from much of one kind lies in one valley, and the mean is better than
either (Wortsman et al.: Robust fine-tuning of zero-shot models, CVPR 2022).

    python benchmarks/average_channels.py OUTPUT 0.3:FIRST 0.7:SECOND
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from charrobust.models.channels import WEIGHTS, load_channel


def averaged(parts: list[tuple[float, dict[str, torch.Tensor]]]) -> dict[str, torch.Tensor]:
    """Return the weighted mean of weights; what a channel lacks is that of the others."""
    names = {name for _, weights in parts for name in weights}
    mean = {}
    for name in sorted(names):
        having = [(share, weights[name]) for share, weights in parts if name in weights]
        total = sum(share for share, _ in having)
        mean[name] = sum(share * weight for share, weight in having) / total
    return mean


def main() -> None:
    """Write the channel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("parts", nargs="+", metavar="SHARE:CHANNEL", help="the last one's config.json is taken")
    options = parser.parse_args()
    parts = []
    for part in options.parts:
        share, _, folder = part.partition(":")
        parts.append((float(share), load_channel(Path(folder))))
    options.output.mkdir(parents=True)
    half = {name: weight.half().contiguous() for name, weight in averaged(parts).items()}
    save_file(half, options.output / WEIGHTS, metadata={"format": "pt"})
    shutil.copy(Path(options.parts[-1].partition(":")[2]) / "config.json", options.output)


if __name__ == "__main__":
    main()
