"""What is a frozen encoder worth on attacked text? Word vectors, and linear probes fitted to clean text alone.

For each model: the mean cosine between the word vectors (means of a word's tokens, last layer) of CoNLL-2003 testb
clean and attacked; the accuracy of logistic regression on SST-2 sentences (mean of all tokens) and on CoNLL-2003 NER
tags (word vectors, testb), each clean and attacked. SST-2 is measured on dev and, dev being small, on sentences of the
training set that were held out. Average case: one random draw of the attack.

    python benchmarks/frozen_probes.py minilm charbert-minilm-l6 [directory ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from real_data import records
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel

from charrobust.models import CharBertModel
from charrobust.models.channels import backbone_directory, channel_directory
from charrobust.models.tokenizers import tokenizer_of
from charrobust.perturb import Attack

Vectors = NDArray[np.float32]
Sentences = Sequence[Sequence[str]]


def load(name: str) -> tuple[Any, Any]:
    """Return a model in evaluation mode and its tokenizer."""
    tokenizer = tokenizer_of(name)
    channel = channel_directory(name) is not None
    model = CharBertModel.from_pretrained(name) if channel else AutoModel.from_pretrained(backbone_directory(name))
    return model.eval(), tokenizer


@torch.inference_mode()
def states(model: Any, tokenizer: Any, sentences: Sentences) -> Iterator[tuple[int, Any, Vectors]]:
    """Yield the number, encoding and last layer of each sentence, of like length together."""
    order = sorted(range(len(sentences)), key=lambda number: sum(map(len, sentences[number])))
    for first in range(0, len(order), 64):
        numbers = order[first : first + 64]
        batch = tokenizer(
            [list(sentences[number]) for number in numbers], is_split_into_words=True, truncation=True, max_length=256,
            padding=True, return_tensors="pt",
        )  # fmt: skip
        last = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
        for row, number in enumerate(numbers):
            yield number, batch[row], last[row].float().numpy()


def word_vectors(model: Any, tokenizer: Any, sentences: Sentences) -> Vectors:
    """Return the mean state of each word's tokens, all sentences one behind the other."""
    found: list[Vectors] = [np.zeros(0)] * len(sentences)
    for number, encoding, last in states(model, tokenizer, sentences):
        words = np.array([-1 if word is None else word for word in encoding.word_ids])
        sums = np.zeros((len(sentences[number]), last.shape[1]), np.float32)
        np.add.at(sums, words[words >= 0], last[words >= 0])
        counts = np.bincount(words[words >= 0], minlength=len(sums))
        found[number] = sums / np.maximum(counts, 1)[:, None]
    return np.concatenate(found)


def sentence_vectors(model: Any, tokenizer: Any, sentences: Sentences) -> Vectors:
    """Return the mean state of each sentence's tokens."""
    found = [np.zeros(0, np.float32)] * len(sentences)
    for number, encoding, last in states(model, tokenizer, sentences):
        found[number] = last[np.array(encoding.attention_mask, bool)].mean(0)
    return np.stack(found)


def probe(train: Vectors, labels: Sequence[Any], tests: Sequence[Vectors], gold: Sequence[Any]) -> list[float]:
    """Return the accuracies, in percent, of logistic regression on some sets of the same examples."""
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500)).fit(train, labels)
    return [100 * float(fitted.score(vectors, gold)) for vectors in tests]


def sst2(model: Any, tokenizer: Any, attack: Attack, seeds: int, examples: int, held_out: int) -> NDArray[np.float64]:
    """Return clean and attacked accuracy on dev, then on held-out sentences of the training set, for each seed.

    A seed draws the training examples. The held-out sentences are long ones, as those of dev are.
    """
    train, dev = records("glue_sst2/train"), records("glue_sst2/dev")
    order = np.random.default_rng(99).permutation(len(train))
    long = [number for number in order if len(train[number]["text"].split()) >= 8]
    kept = set(long[:held_out])
    left = [record for number, record in enumerate(train) if number not in kept]
    drawn = [np.random.default_rng(seed).permutation(len(left))[:examples] for seed in range(seeds)]
    fits = [[left[number] for number in numbers] for numbers in drawn]
    vectors = [sentence_vectors(model, tokenizer, [record["text"].split() for record in fit]) for fit in fits]
    found = []
    for test in (dev, [train[number] for number in long[:held_out]]):
        texts = [record["text"] for record in test]
        versions = (texts, attack.texts(texts).texts)
        tests = [sentence_vectors(model, tokenizer, [text.split() for text in version]) for version in versions]
        gold = [record["label"] for record in test]
        found.append([probe(v, [r["label"] for r in fit], tests, gold) for v, fit in zip(vectors, fits, strict=True)])
    return np.concatenate(found, axis=1)


def ner(
    model: Any, tokenizer: Any, attack: Attack, seeds: int, examples: int
) -> tuple[float, float, NDArray[np.float64]]:
    """Return the mean cosine over all words, that over attacked ones, and accuracies as :func:`sst2` does."""
    train, test = records("conll2003_ner/train"), records("conll2003_ner/testb")
    clean = [record["tokens"] for record in test]
    attacked = attack.tokens(clean).sentences
    tests = [word_vectors(model, tokenizer, some) for some in (clean, attacked)]
    norms = [np.maximum(np.linalg.norm(vectors, axis=1), 1e-9) for vectors in tests]
    cosines = (tests[0] * tests[1]).sum(1) / (norms[0] * norms[1])
    changed = np.array([a != b for pair in zip(clean, attacked, strict=True) for a, b in zip(*pair, strict=True)])
    gold = [tag for record in test for tag in record["tags"]]
    found = []
    for seed in range(seeds):
        drawn = [train[number] for number in np.random.default_rng(seed).permutation(len(train))[:examples]]
        vectors = word_vectors(model, tokenizer, [record["tokens"] for record in drawn])
        found.append(probe(vectors, [tag for record in drawn for tag in record["tags"]], tests, gold))
    return float(cosines.mean()), float(cosines[changed].mean()), np.array(found)


def main() -> None:
    """Measure the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["minilm", "charbert-minilm-l6"])
    parser.add_argument("--attack", default="charbert")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=8_000, help="training examples of the SST-2 probe")
    parser.add_argument("--held-out", type=int, default=2_500, help="training examples kept as a second test")
    parser.add_argument("--tagged", type=int, default=2_000, help="training sentences of the NER probe")
    options = parser.parse_args()
    attack = Attack.load(options.attack)
    print(f"attack {options.attack}, {options.seeds} seeds: mean (standard deviation)")
    for name in options.models:
        model, tokenizer = load(name)
        cosine, changed, tags = ner(model, tokenizer, attack, options.seeds, options.tagged)
        sentences = sst2(model, tokenizer, attack, options.seeds, options.sentences, options.held_out)
        print(f"{name}\n  cosine, clean and attacked: all words {cosine:.4f}, attacked ones {changed:.4f}")
        parts = {"SST-2": sentences[:, :2], "SST-2 held out": sentences[:, 2:], "CoNLL-2003 tags": tags}
        for label, found in parts.items():
            (clean, hit), (plus, minus) = found.mean(0), found.std(0)
            scores = f"clean {clean:.2f} ({plus:.2f}), attacked {hit:.2f} ({minus:.2f})"
            print(f"  {label}: {scores}, lost {clean - hit:.2f}", flush=True)


if __name__ == "__main__":
    main()
