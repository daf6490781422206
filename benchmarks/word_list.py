"""Write the word list of the multilingual channel: the frequent words of some languages, from the package wordfreq.

::

    pip install --no-deps wordfreq==3.1.1 msgpack
    python benchmarks/word_list.py charbert-e5-small e5-small words.tsv

The known words come first, from the most to the least frequent of each language in turn; behind them as many again by
half, which a channel is to leave as they are. The data of wordfreq are under CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
from collections.abc import Iterator
from itertools import chain, compress, zip_longest
from pathlib import Path

import msgpack

from charrobust.models.known_words import that_fit
from charrobust.models.tokenizers import tokenizer_of

# Known words of each language, by the name of the channel.
MANY, FEW = 9_000, 2_500
CHANNELS = {
    "charbert-e5-small": dict.fromkeys(("en", "de", "fi", "ru", "tr", "el"), MANY)
    | dict.fromkeys(("es", "fr", "it", "pt", "nl", "sv", "pl", "cs"), FEW),
    "charbert-minilm-l6": {"en": 72_000},
}
_TOKENS, _LETTERS, LONGEST = 4, 16, 24
_OF_A_BILLION = 1e9
Row = tuple[str, str, int]


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("channel", choices=CHANNELS)
    parser.add_argument("backbone")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    tokenizer = tokenizer_of(arguments.backbone)
    known: list[list[Row]] = []
    unknown: list[Row] = []
    for language, count in CHANNELS[arguments.channel].items():
        candidates = [row for row in _rows(language) if row[0].isalpha() and row[0] == row[0].lower()][: 3 * count]
        fit = that_fit([word for word, _, _ in candidates], tokenizer, width=_TOKENS, letters=_LETTERS)
        rows = list(compress(candidates, fit))
        known.append(rows[:count])
        unknown += rows[count : count + count // 2]
    in_turn = [row for row in chain.from_iterable(zip_longest(*known)) if row]
    print(f"{len({word for word, _, _ in in_turn}):,} known words")
    lines = [f"{word}\t{language}\t{count}\n" for word, language, count in [*in_turn, *unknown]]
    arguments.output.write_text("word\tlanguage\tcount\n" + "".join(lines), encoding="utf-8")


def _rows(language: str) -> Iterator[Row]:
    """Yield the words of a language that a channel can read to their end, and how often a billion words hold them."""
    for word, frequency in frequencies(language):
        if 1 < len(word) <= LONGEST:
            yield word, language, round(frequency * _OF_A_BILLION)


def frequencies(language: str) -> Iterator[tuple[str, float]]:
    """Yield the words of a language and their frequencies, most frequent first."""
    spec = importlib.util.find_spec("wordfreq")
    if spec is None or spec.origin is None:
        raise SystemExit("the word list is made of the data of wordfreq: pip install --no-deps wordfreq==3.1.1")
    folder = Path(spec.origin).parent / "data"
    large, small = (folder / f"{size}_{language}.msgpack.gz" for size in ("large", "small"))
    with gzip.open(large if large.exists() else small) as file:
        _, *bins = msgpack.load(file, raw=False)
    # Words of a bin are as frequent, in hundredths of a decimal logarithm.
    for number, words in enumerate(bins):
        for word in words:
            yield word, 10 ** (-number / 100)


if __name__ == "__main__":
    main()
