"""The recipe ``charbert`` beside the attack sets published with CharBERT, statistic by statistic.

    python benchmarks/charbert_statistics.py

The figures of the published NER set are counted here, from the set itself; those of the published QNLI set, which
is not at hand, are the ones measured on it earlier (share of changed tokens among pairs of equal length).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from real_data import records

from charrobust.perturb import Attack
from charrobust.perturb.word_classes import stop_words

STOPS = stop_words("en")
Pair = tuple[str, str]
QNLI = {"question": 58.9, "sentence": 60.1}


def kind(token: str) -> str:
    """Name the kind of a token, as the published statistics do."""
    if len(token) < 4:
        return "under four characters"
    if token.lower() in STOPS:
        return "stop words"
    if token.isdigit():
        return "pure digits"
    if not any(map(str.isalpha, token)):
        return "digits with punctuation" if any(map(str.isdigit, token)) else "punctuation"
    return "content words"


def operator(old: str, new: str) -> str:
    """Tell which operator leads from one form to the other, by their lengths and letters."""
    if len(new) != len(old):
        return "add" if len(new) > len(old) else "drop"
    return "swap" if sorted(old) == sorted(new) else "keyboard"


def statistics(pairs: Iterable[Pair]) -> dict[str, float]:
    """Return the share (in %) of changed tokens, by kind, by operator, and at the ends."""
    seen: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    operators: Counter[str] = Counter()
    ends = 0
    for old, new in pairs:
        seen[kind(old)] += 1
        if old != new:
            changed[kind(old)] += 1
            ends += (old[0], old[-1]) != (new[0], new[-1])
            if kind(old) == "content words":
                operators[operator(old, new)] += 1
    found = {"tokens changed": 100 * changed.total() / seen.total()}
    found |= {f"{name} changed": 100 * changed[name] / seen[name] for name in seen}
    found |= {f"{name} among content words": 100 * operators[name] / operators.total() for name in sorted(operators)}
    return found | {"first or last letter changed": 100 * ends / changed.total()}


def main() -> None:
    """Print the NER statistics side by side, and QNLI's."""
    attack = Attack.load("charbert")
    clean = [record["tokens"] for record in records("conll2003_ner/testb")]
    made = attack.tokens(clean).sentences
    ours = statistics((old, new) for pair in zip(clean, made, strict=True) for old, new in zip(*pair, strict=True))
    quotes = {"``", "''", '"'}
    published = statistics(
        (old, new)
        for record in records("charbert_attack/ner_test")
        for old, new in zip(record["clean_tokens"], record["tokens"], strict=True)
        if old not in quotes  # 421 quotation marks are damaged in the published file
    )
    print(f"{'CoNLL-2003 testb':<36}{'published':>10}{'ours':>8}{'apart':>8}")
    for name, value in published.items():
        print(f"{name:<36}{value:10.1f}{ours.get(name, 0):8.1f}{abs(value - ours.get(name, 0)):8.1f}")
    qnli = records("glue_qnli/dev")
    for field, column in (("question", "text_a"), ("sentence", "text_b")):
        texts = [record[column] for record in qnli]
        made_texts = attack.texts(texts, field=field).texts
        found = statistics(
            (old, new)
            for before, after in zip(texts, made_texts, strict=True)
            for old, new in zip(before.split(), after.split(), strict=True)
        )
        print(f"\nQNLI dev, {field}: tokens changed: published {QNLI[field]}, ours {found['tokens changed']:.1f}")
        shares = ", ".join(f"{name.split()[0]} {value:.1f}" for name, value in found.items() if "among" in name)
        print(f"  among content words (published: a quarter each): {shares}")
        for name in ("content words changed", "stop words changed", "under four characters changed"):
            print(f"  {name}: {found[name]:.1f}")
        print(f"  first or last letter changed: {found['first or last letter changed']:.2f}")


if __name__ == "__main__":
    main()
