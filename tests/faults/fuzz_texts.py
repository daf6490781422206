"""Random texts of many scripts through all shipped recipes: what holds for every text, looked at for each.

    python -m tests.faults.fuzz_texts 100000 0

prints how many texts, attacks and edits it went through, or ends at the first fault with the text that shows it.
"""

from __future__ import annotations

import functools
import random
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from charrobust.perturb import Attack, recipe_names, replay, revert
from charrobust.perturb.edits import EditedText
from charrobust.perturb.patterns import matched_spans

# What texts are made of: letters, marks and signs whose borders and compositions hang on what stands beside them.
PIECES = {
    "latin": "abcdefgXYZß éüñőŞıİÅfiﬁǅ",
    "cyrillic": "абвгдежзийклмнЖЁїґ",
    "greek": "αβγδεζΆΈάὰᾳς",
    "hebrew": 'אבגדהשׁ\u05b8\u05bc"',
    "arabic": "ابتثجحلا\u064b\u064e\u0651\u0654\u0640\u0600",
    "devanagari": "कखगघचरयव\u094d\u093c\u093e\u093f\u0941\u0902",
    "other indic": "কখ\u09cd\u09c7\u09be\u09d7தக\u0bcd\u0bc6\u0bbeമക\u0d4d\u0d4e\u0d3e",
    "thai": "กขคงจ\u0e33\u0e34\u0e48",
    "hangul": "가각힣한국\u1100\u1112\u1161\u1175\u11a8\u11c2\ua960\ud7b0\ud7cb",
    "cjk": "日本語漢字テスト\u3099ひらがか",
    "marks": "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0327\u0345\u20dd\u20e3\ufe0f\ufe0e",
    "emoji": "👩👍🏽\u200d❤🇩🇪🇫🇷🏴\U000e0067\U000e007f",
    "controls": "\x00\x07\x1b\x85\u200b\u00ad\u200e\u202e\u2028\u2060\ufeff",
    "blanks": "   \t\n\r\r\n\u00a0\u3000",
    "signs": "'’.,:;-_/@#!?()\"0123٣४",
    "high": "𝒳𝒴𐐷\U0010ffff\ue000\ufffd",
}
WORDS = ("letter", "someone@example.org", "https://x.org/a?b", "#tag", "don't", "3.14", "\u1112\u1161\u11ab", "książka")
# Seconds that one letter may take, with all that is checked besides: on a busy machine a thousand times what it does.
SECONDS_A_TEXT, SECONDS_A_LETTER = 5.0, 0.02
_CLUSTER = regex.compile(r"\X")


@dataclass
class Counts:
    """What was looked at.

    Attributes:
        texts: Random texts.
        attacks: Attacks of a text.
        edits: Edits that were made.
    """

    texts: int = 0
    attacks: int = 0
    edits: int = 0


def fuzz(texts: int, seed: int) -> Counts:
    """Attack random texts with all shipped recipes.

    Args:
        texts: How many texts.
        seed: Decides what they are.

    Returns:
        What was looked at.

    Raises:
        AssertionError: A text shows a fault; with the recipe, the text and what is wrong.
    """
    generator = random.Random(seed)
    attacks = [*map(Attack.load, recipe_names()), Attack.load("charbert@1x3"), Attack.load("everyday@1")]
    counts = Counts()
    while counts.texts < texts:
        many = [random_text(generator) for _ in range(min(100, texts - counts.texts))]
        counts.texts += len(many)
        for attack in attacks:
            counts.attacks += len(many)
            counts.edits += check_attack(attack, many)
            if not attack.recipe.breaks_tokens:
                check_tokens(attack, many[::2])
    return counts


def random_text(generator: random.Random) -> str:
    """Return a text of one to four scripts or of any code points, with whole words in between."""
    length = generator.choice((0, 1, 3, 8, 20, 60))
    kinds = generator.sample(sorted(PIECES), generator.randint(1, 4))
    letters = "".join(map(PIECES.__getitem__, kinds))
    pieces = generator.choices(letters, k=length)
    for _ in range(generator.randint(0, 2)):
        pieces.insert(generator.randint(0, len(pieces)), generator.choice((*WORDS, " ", any_code_point(generator))))
    text = "".join(pieces)
    # Half of the texts are in normal form, and have to stay in it.
    return unicodedata.normalize("NFC", text) if generator.random() < 0.5 else text


def any_code_point(generator: random.Random) -> str:
    """Return a code point of Unicode, lone surrogates among them."""
    return chr(generator.randrange(sys.maxunicode + 1))


def check_attack(attack: Attack, texts: list[str]) -> int:
    """Attack texts and check all that must hold; return how many edits were made."""
    start = time.process_time()
    made = attack.texts(texts)
    seconds = time.process_time() - start
    letters = sum(map(len, texts))
    assert seconds < SECONDS_A_TEXT + letters * SECONDS_A_LETTER, f"{attack.recipe.name}: {seconds} s on {texts!a}"
    # Every fourth text again: another order, and other texts in the batch, must not matter.
    again = dict(zip(texts[::-4], attack.texts(texts[::-4]).texts, strict=True))
    edits = 0
    for pair in made:
        for problem in problems(attack, pair):
            raise AssertionError(f"{attack.recipe.name}: {problem} in {pair.source!a}, which became {pair.text!a}")
        other = again.get(pair.source, pair.text)
        if other != pair.text:
            raise AssertionError(f"{attack.recipe.name}: {pair.source!a} became {pair.text!a} and {other!a}")
        edits += len(pair.edits)
    return edits


def check_tokens(attack: Attack, texts: list[str]) -> None:
    """Take whole texts for tokens of one sentence each, and check what must hold of edited tokens."""
    made = attack.tokens([[text] for text in texts])
    for number, (text, sentence) in enumerate(zip(texts, made.sentences, strict=True)):
        pair = EditedText(text, sentence[0], made.edits.rows(number))
        for problem in problems(attack, pair):
            raise AssertionError(f"{attack.recipe.name}: {problem} in the token {text!a}, which became {pair.text!a}")


def problems(attack: Attack, pair: EditedText) -> Iterator[str]:
    """Go through what is wrong with an edited text; nothing, if all is well."""
    if revert(pair.text, pair.edits) != pair.source:
        yield "the edits do not lead back"
    if replay(pair.source, pair.edits) != pair.text:
        yield "the edits do not lead to the text"
    if not pair.edits and pair.source != pair.text:
        yield "no edit is recorded"
    # Invisible characters join letters by their nature, and other normal forms are another form.
    keeps_form = all(operator.keeps_form for operator in attack.recipe.operators)
    old_borders, new_borders = borders(pair.source), borders(pair.text)
    for edit in pair.edits:
        if edit.old_text == edit.new_text:
            yield f"{edit} changes nothing"
        if not {*edit.old} <= old_borders:
            yield f"{edit} begins or ends inside a letter of the text"
        if keeps_form and not {*edit.new} <= new_borders:
            yield f"{edit} begins or ends inside a letter of the edited text"
    if keeps_form and is_normal(pair.source) and not is_normal(pair.text):
        yield "the text has left normal form C"
    for start, end in matched_spans(attack.recipe.protected_patterns, pair.source, "protect"):
        if any(edit.old[0] < end and start < edit.old[1] for edit in pair.edits):
            yield f"{pair.source[start:end]!a} is protected and was edited"


@functools.lru_cache(maxsize=1000)  # asked for again for each recipe
def borders(text: str) -> frozenset[int]:
    """Return where the letters of a text begin and end, by the rules of the regex library."""
    return frozenset([0, *(match.end() for match in _CLUSTER.finditer(text))])


def is_normal(text: str) -> bool:
    """Tell whether a text is in normal form C."""
    return unicodedata.is_normalized("NFC", text)


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(int(sys.argv[1]), int(sys.argv[2]))}\n")
