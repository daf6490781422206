"""What folding in the tokenizer's own normaliser does: sentence vectors, tokens that come back, clean text, time.

    python benchmarks/folding_tokenizer.py

Needs SQuAD, SST-2, CoNLL-2003 and Universal Dependencies of ``../shared/datasets``, and the extra ``minilm``.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from folding import FOLDER
from tokenizers import normalizers
from transformers import AutoModel, AutoTokenizer

from charrobust.models import CharBertModel
from charrobust.models.channels import tokenizer_directory
from charrobust.models.folding import folded
from charrobust.models.folding import folding as folding_steps
from charrobust.models.minilm import minilm_directory
from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.perturb import Attack
from charrobust.systems.folding import fold, fold_passage

QUESTIONS = 400
RECIPES = ("homoglyphs", "invisible", "full-width", "bad-characters")
CHANNEL = "charbert-minilm-l6"
SETS = ("glue_sst2", "conll2003_ner", "ud_en_ewt", "ud_de_gsd", "ud_ru_gsd", "ud_ru_taiga_v2.6", "ud_el_gdt",
        "ud_tr_imst", "ud_tr_boun", "ud_fi_tdt", "ud_fi_ftb")  # fmt: skip

Words = list[list[str]]


def questions() -> list[str]:
    """Return the first questions of SQuAD's development part."""
    with gzip.open(FOLDER / "squad1" / "dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line)["question"].strip() for line in lines]
    return list(dict.fromkeys(found))[:QUESTIONS]


def clean_texts(name: str) -> list[str]:
    """Return all texts of a set, sentences of tokens with blanks between them."""
    texts = []
    for path in sorted((FOLDER / name).glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                texts.append(" ".join(record["tokens"]) if "tokens" in record else record["text"])
    return texts


def others(first: Any, second: Any, texts: Sequence[str]) -> list[str]:
    """Return the texts of which two tokenizers make other tokens, or place them elsewhere."""
    found = []
    for start in range(0, len(texts), 2000):
        batch = texts[start : start + 2000]
        one, other = (reader.backend_tokenizer.encode_batch(batch) for reader in (first, second))
        pairs = zip(batch, one, other, strict=True)
        found += [text for text, left, right in pairs if (left.ids, left.offsets) != (right.ids, right.offsets)]
    return found


def seconds(tokenizer: Any, texts: list[str]) -> float:
    """Return how long a tokenizer takes, the least of several rounds."""
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        tokenizer.backend_tokenizer.encode_batch(texts)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    """Print the tables in Markdown."""
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    plain = AutoTokenizer.from_pretrained(tokenizer_directory(CHANNEL))
    plain.backend_tokenizer.no_truncation()
    plain.backend_tokenizer.no_padding()
    folding = folded(plain)
    print_time(plain, folding)
    print_vectors(plain, folding)
    print_words(plain, folding)
    print_clean(plain, folding)


def print_time(plain: Any, folding: Any) -> None:
    """Print how much longer folding takes."""
    clean = questions()
    homoglyphs = [text.text for text in Attack.load("homoglyphs").texts(clean)]
    russian, sst2 = clean_texts("ud_ru_gsd")[:500], clean_texts("glue_sst2")[:1000]
    print("| texts | time with folding / without |\n|---|---|")
    for name, texts in {
        "questions": clean,
        "SST-2": sst2,
        "attacked questions": homoglyphs,
        "Russian": russian,
    }.items():
        print(f"| {name} | {seconds(folding, texts) / seconds(plain, texts):.2f} |", flush=True)


def print_vectors(plain: Any, folding: Any) -> None:
    """Print the cosines to MiniLM's own vectors of the clean questions."""
    models = AutoModel.from_pretrained(minilm_directory()), CharBertModel.from_pretrained(CHANNEL)
    clean = questions()
    right = SentenceEncoder(models[0], plain).encode(clean)
    print("\n| recipe | MiniLM | tokenizer folds | `fold` before it | channel | tokenizer folds | `fold` before it |")
    print("|---|---|---|---|---|---|---|")
    for recipe in ("clean", *RECIPES):
        texts = clean if recipe == "clean" else [text.text for text in Attack.load(recipe).texts(clean)]
        cells = []
        for model in models:
            for reader, given in ((plain, texts), (folding, texts), (plain, list(map(fold, texts)))):
                cosines = (SentenceEncoder(model, reader).encode(given) * right).sum(-1)
                cells.append(f"{np.mean(cosines):.3f}")
        print(f"| {recipe} | {' | '.join(cells)} |", flush=True)


def print_words(plain: Any, folding: Any) -> None:
    """Print the share of edited words whose tokens are those of the clean word, in their questions, in percent."""
    clean = [text.split() for text in questions()]
    print("\n| recipe | tokenizer | tokenizer folds | `fold` before it |\n|---|---|---|---|")
    for recipe in RECIPES:
        noisy = Attack.load(recipe).tokens(clean).sentences
        cells = [came_back(clean, noisy, noisy, plain, plain), came_back(clean, noisy, noisy, plain, folding)]
        cells.append(came_back(clean, noisy, list(map(fold_passage, noisy)), plain, plain))
        print(f"| {recipe} | {' | '.join(cells)} |", flush=True)


def came_back(clean: Words, noisy: Words, given: Words, plain: Any, reader: Any) -> str:
    """Return the share of edited words that a tokenizer, given words, reads as the plain one reads the clean ones."""
    edited = back = 0
    for old, new, read in zip(clean, noisy, given, strict=True):
        expected, found = by_word(plain, old), by_word(reader, read)
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            edited += before != after
            back += before != after and expected[place] == found[place]
    return f"{100 * back / max(edited, 1):.1f}"


def print_clean(plain: Any, folding: Any) -> None:
    """Print which clean texts are read otherwise."""
    normalize = normalizers.Sequence(list(folding_steps())).normalize_str
    print(
        "\n| set | texts | texts that folding changes | with other tokens or offsets | of them |\n|---|---|---|---|---|"
    )
    for name in SETS:
        texts = clean_texts(name)
        changed = [text for text in texts if not text.isascii() and normalize(text) != text]
        read_otherwise = others(plain, folding, texts)
        shown = "; ".join(word_changed(text, normalize(text)) for text in changed[:3])
        print(f"| {name} | {len(texts):,} | {len(changed)} | {len(read_otherwise)} | {shown} |", flush=True)


def word_changed(text: str, other: str) -> str:
    """Return the first word that two texts differ in."""
    pairs = zip(text.split(" "), other.split(" "), strict=False)
    return next(f"{before!a} {after!a}" for before, after in pairs if before != after)


def by_word(tokenizer: Any, words: list[str]) -> list[list[int]]:
    """Return the tokens of each word of a sentence, told by offsets."""
    text, starts = "\n".join(words), []
    for number, word in enumerate(words):
        starts += [number] * (len(word) + 1)
    encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    found: list[list[int]] = [[] for _ in words]
    for token, (start, _) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True):
        found[starts[start]].append(token)
    return found


if __name__ == "__main__":
    main()
