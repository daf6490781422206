"""What a channel takes words of Universal Dependencies for, clean and noised, by language, or those of SST-2.

Of the words of four letters or more that noise changed, known or not: the share that is recognised rightly, that is
kept, and that is taken for another word; of the same words clean, the share that is taken for another. They are read in
their sentences, which tell a channel without context nothing. What is asked for is the likeliest known word, or the
word's own tokens if these are likelier. `--offset` adds to the biases of words behind the first `--own`, one row each.

    python benchmarks/lexicon_recognition.py CHANNEL ... [--own 67001 --offset 0 -1] [--words 1000]
    python benchmarks/lexicon_recognition.py charbert-minilm-l6 --texts en sst2 --attacks charbert@1 charbert@1x2
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from language_table import ROWS
from real_data import records

from charrobust.models import CharBertModel
from charrobust.models.channels import channel_directory
from charrobust.models.known_words import read_lexicon
from charrobust.models.tokenizers import tokenizer_of
from charrobust.perturb import Attack

TEXTS = {language: ROWS[language].test for language in ("fi", "tr", "ru", "de", "el", "en")}
SENTIMENT = {"sst2": "glue_sst2/train"}
ATTACKS = ("charbert@1", "any-letter@1")
_LEAST, _AT_ONCE = 4, 16
Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Reader:
    """Tells what a channel takes words for."""

    model: Any
    tokenizer: Any
    lexicon: Sequence[str]

    @classmethod
    def of(cls, name: str) -> Reader:
        """Load a channel."""
        folder = channel_directory(name)
        if folder is None:
            raise SystemExit(f"{name} is no channel")
        model, tokenizer = CharBertModel.from_pretrained(name).eval(), tokenizer_of(name)
        if model.config.lexicon_keys == "spelled":
            return cls(model, tokenizer, read_lexicon(folder))
        return cls(model, tokenizer, tokenizer.convert_ids_to_tokens(model.lexicon.tolist()))

    @torch.no_grad()
    def read(self, sentences: Sentences) -> list[list[str]]:
        """Return what each word is taken for; itself where its own tokens are kept."""
        found = []
        for begin in range(0, len(sentences), _AT_ONCE):
            found += self._read(sentences[begin : begin + _AT_ONCE])
        return found

    def _read(self, sentences: Sentences) -> Iterator[list[str]]:
        settings = {"is_split_into_words": True, "padding": True, "truncation": True, "return_tensors": "pt"}
        batch = self.tokenizer(list(map(list, sentences)), **settings)
        entry = self.model.character_entry(batch["input_ids"], batch["attention_mask"])
        best = entry.plausible.best.tolist()
        for row, sentence in enumerate(sentences):
            taken = list(sentence)
            places = batch.word_ids(row)
            # From behind, so that a word's first token tells last.
            for place in reversed(range(len(places))):
                word, number = places[place], best[row][place]
                if word is not None:
                    taken[word] = sentence[word] if number < 0 else self.lexicon[number]
            yield taken


def shares(reader: Reader, clean: Sentences, noised: Sentences, most: int) -> list[float]:
    """Return the shares of noised words that are taken rightly, kept, taken wrongly, and of clean ones so taken."""
    right = kept = wrong = changed = count = 0
    for before, after, taken, taken_clean in zip(clean, noised, reader.read(noised), reader.read(clean), strict=True):
        for word, form, found, found_clean in zip(before, after, taken, taken_clean, strict=True):
            if form == word or not word.isalpha() or len(word) < _LEAST or count == most:
                continue
            count += 1
            is_right = found.casefold() == word.casefold()
            right += is_right
            kept += not is_right and found == form
            wrong += not is_right and found != form
            changed += found_clean.casefold() != word.casefold()
    return [100 * number / max(1, count) for number in (right, kept, wrong, changed)]


def rows(reader: Reader, offset: float, chosen: argparse.Namespace) -> Iterator[str]:
    """Yield the rows of a channel's table."""
    for name in chosen.texts:
        found = records((TEXTS | SENTIMENT)[name])
        clean = [record["tokens"] if "tokens" in record else record["text"].split() for record in found]
        clean = clean[-(chosen.words // 4) :] if name in SENTIMENT else clean[: chosen.words // 4]
        for attack in chosen.attacks:
            noised = Attack.load(attack, language=name if name in TEXTS else None).tokens(clean).sentences
            cells = " | ".join(f"{share:.1f}" for share in shares(reader, clean, noised, chosen.words))
            yield f"| {len(reader.lexicon):,} ({offset:+g}) | {name} | {attack} | {cells} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("channels", nargs="+")
    parser.add_argument("--own", type=int, default=0)
    parser.add_argument("--offset", type=float, nargs="+", default=[0.0])
    parser.add_argument("--words", type=int, default=1000)
    parser.add_argument("--texts", nargs="+", choices=TEXTS | SENTIMENT, default=list(TEXTS))
    parser.add_argument("--attacks", nargs="+", default=ATTACKS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| known words | text | noise | right | kept | wrong | clean changed |")
    print("|---" * 7 + "|")
    for name in options.channels:
        reader = Reader.of(name)
        bias = reader.model.recogniser.keys.bias
        fitted = bias.detach().clone()
        for offset in options.offset:
            bias.data[options.own :] = fitted[options.own :] + offset
            reader.model.word_cache.forget()
            for row in rows(reader, offset, options):
                print(row, flush=True)


if __name__ == "__main__":
    main()
