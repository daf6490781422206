"""Make the tokenizer that ships for noise on pieces of words: a small WordPiece of public-domain speeches.

python benchmarks/make_tokenizer.py

Reads ../shared/datasets/lm/{state_union,inaugural}.txt.gz and writes attacks/tokenizers/en-wordpiece.json.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from real_data import SHARED
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

TARGET = Path(__file__).parents[1] / "attacks" / "tokenizers" / "en-wordpiece.json"
SPEECHES = ("state_union", "inaugural")  # of presidents of the United States: works of its government
PIECES = 8000


def main() -> None:
    """Train, save, and say how many words are cut."""
    lines: list[str] = []
    for name in SPEECHES:
        path = SHARED / "lm" / f"{name}.txt.gz"
        if not path.is_file():
            sys.exit(f"skipped: this script needs {name}.txt.gz in ../shared/datasets/lm")
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines += file.read().splitlines()
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=PIECES, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    TARGET.parent.mkdir(exist_ok=True)
    tokenizer.save(str(TARGET), pretty=False)
    words = [word for line in lines for word in line.split()]
    cut = sum(len(tokenizer.encode(word).ids) > 1 for word in words if word.isalpha())
    print(f"{len(words):,} words of text, {tokenizer.get_vocab_size():,} pieces, {cut / len(words):.1%} words cut")


if __name__ == "__main__":
    main()
