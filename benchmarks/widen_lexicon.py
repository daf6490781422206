"""Give a channel with spelled keys more known words without training it: frequent words of wordfreq, behind its own.

Its own words keep their places and biases. A new word's bias follows its frequency as those of the known words do, by
least squares: bias = a + b log count; `--slope` takes another b, about the mean of the known words, and `--offset`
adds to the biases of all new words. German words are written as in the texts that are named (running text, or JSON
Lines with tokens), those of the channel that have ß among them.

    python benchmarks/widen_lexicon.py CHANNEL OUTPUT [--texts FILE ...] [--slope 0.5] [--offset -0.5]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor
from word_forms import Spelling
from word_list import LONGEST, frequencies

from charrobust.models.channels import WEIGHTS, backbone_name, load_channel
from charrobust.models.configuration import CharBertConfig
from charrobust.models.known_words import read_lexicon, that_fit, write_lexicon
from charrobust.models.tokenizers import tokenizer_of

# The most frequent words of each language that are known then, of those that can be.
SIZES = (
    dict.fromkeys(("fi", "tr", "ru", "de"), 25_000)
    | dict.fromkeys(("el", "en"), 15_000)
    | dict.fromkeys(("es", "fr", "it", "pt", "nl", "sv", "pl", "cs"), 4_000)
)
_BIAS = "recogniser.keys.bias"
_OF_A_BILLION = 1e9


def main() -> None:
    """Write the channel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("channel", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--texts", type=Path, nargs="+", default=[])
    parser.add_argument("--times", type=float, default=1.0, help="so many times the words of each language")
    parser.add_argument("--slope", type=float)
    parser.add_argument("--offset", type=float, default=0.0)
    options = parser.parse_args()
    counts = _counts()
    spelling = Spelling(_words_of(options.texts))
    own = read_lexicon(options.channel)
    known = [spelling.written(word.replace("ß", "ss"), "de") if "ß" in word else word for word in own]
    config, tokenizer = CharBertConfig.from_pretrained(options.channel), tokenizer_of(backbone_name(options.channel))
    sizes = {language: round(options.times * size) for language, size in SIZES.items()}
    new = _new_words(known, sizes, _Readable(config, tokenizer), spelling)
    weights = load_channel(options.channel)
    fitted = _biases(weights[_BIAS], _logs(known, counts), _logs(new, counts), options.slope)
    weights[_BIAS] = torch.cat([weights[_BIAS], fitted + options.offset])
    _write(options.channel, options.output, [*known, *new], weights)
    changed = sum(before != after for before, after in zip(own, known, strict=True))
    print(f"{len(own):,} words, {changed} written anew, and {len(new):,} new ones")


def _counts() -> Counter[str]:
    """Return how many of a billion words of each language are a word, summed over the languages."""
    counts: Counter[str] = Counter()
    for language in SIZES:
        for word, frequency in frequencies(language):
            counts[word] += round(frequency * _OF_A_BILLION)
    return counts


def _words_of(paths: Sequence[Path]) -> Counter[str]:
    """Count the words of texts, in lower case."""
    counts: Counter[str] = Counter()
    for path in paths:
        opened: Any = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = " ".join(json.loads(line)["tokens"]) if ".jsonl" in path.name else line
                counts.update(re.findall(r"\w+", text.lower()))
    return counts


@dataclass(frozen=True)
class _Readable:
    """Tells which words a channel can read to their end, and write in tokens."""

    config: CharBertConfig
    tokenizer: Any

    def words(self, language: str) -> Iterator[str]:
        """Yield the words of a language whose letters can be read, most frequent first."""
        characters = set(self.config.characters)
        for word, _ in frequencies(language):
            if word.isalpha() and word == word.lower() and 1 < len(word) <= LONGEST and characters.issuperset(word):
                yield word

    def fit(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the words that have few tokens enough."""
        width, letters = self.config.lexicon_tokens, self.config.max_token_characters
        return compress(words, that_fit(words, self.tokenizer, width=width, letters=letters))


def _new_words(known: Sequence[str], sizes: Mapping[str, int], readable: _Readable, spelling: Spelling) -> list[str]:
    """Return the frequent words of all languages that are not known yet, each once."""
    # Words that differ in ß or ς alone read the same.
    seen = set(map(str.casefold, known))
    new = []
    for language, size in sizes.items():
        words = [spelling.written(word, language) for word in islice(readable.words(language), 2 * size)]
        for word in islice(readable.fit(words), size):
            if word.casefold() not in seen:
                seen.add(word.casefold())
                new.append(word)
    return new


def _logs(words: Sequence[str], counts: Counter[str]) -> Tensor:
    """Return the logarithm of each word's count, and of one more."""
    return torch.tensor([counts[word.casefold()] + 1.0 for word in words]).log()


def _biases(biases: Tensor, logs: Tensor, new: Tensor, slope: float | None) -> Tensor:
    """Return biases for new words by their frequency."""
    centred = logs - logs.mean()
    fit = float((centred * biases).sum() / centred.square().sum())
    error = (biases - biases.mean() - fit * centred).std()
    print(f"bias = {biases.mean() - fit * logs.mean():.2f} + {fit:.3f} log count, give or take {error:.2f}")
    return biases.mean() + (fit if slope is None else slope) * (new - logs.mean())


def _write(channel: Path, output: Path, words: Sequence[str], weights: dict[str, Tensor]) -> None:
    """Write a channel like another, with other known words."""
    shutil.copytree(channel, output, copy_function=shutil.copyfile)
    half = {name: weight.half().contiguous() for name, weight in weights.items()}
    content = save(half, metadata={"format": "pt"})
    (output / WEIGHTS).write_bytes(content)
    (output / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  {WEIGHTS}\n", encoding="utf-8")
    write_lexicon(words, output)
    config = json.loads((output / "config.json").read_text(encoding="utf-8")) | {"lexicon_size": len(words)}
    (output / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
