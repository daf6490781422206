"""Time that one long line takes at twice its length, for lines on which a careless pattern takes the square or cube.

    python benchmarks/adversarial_lines.py

Printed is, for each shipped recipe and kind of line, the CPU seconds for a line of 40,000 code points and the ratio
to those for 20,000: about 2 where time grows as the line does, 4 where it grows with the square, 8 with the cube.
"""

from __future__ import annotations

import time

from charrobust.perturb import Attack, recipe_names

LENGTHS = (20_000, 40_000)
ROUNDS = 2
# What a line is made of, again and again.
KINDS = {
    "`@`": "@",
    "`a@`": "a@",
    "`a.`": "a.",
    "`.`": ".",
    "`-`": "-",
    "`'`": "'",
    "`a'`": "a'",
    "`www.`": "www.",
    "`http://`": "http://",
    "`a`": "a",
    "`ab`": "ab",
    "digits": "1",
    "`1.`": "1.",
    "`_`": "_",
    "blanks": " ",
    "accents": "\u0301",
    "emoji and joiners": "\U0001f469\u200d",
    "letters of flags": "\U0001f1e9",
    "soft hyphens": "\u00ad",
    "loose jamo": "\u1100\u1161",
    "Devanagari": "\u0915\u094d",
    "kana": "テ",
}


def seconds(attack: Attack, line: str) -> float:
    """Return the CPU seconds of the fastest of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        attack.text(line)
        rounds.append(time.process_time() - start)
    return min(rounds)


def main() -> None:
    """Print a table, a row a kind of line."""
    attacks = [Attack.load(name) for name in recipe_names()]
    print("| line of | " + " | ".join(f"`{attack.recipe.name}`" for attack in attacks) + " |")
    print("|---" * (len(attacks) + 1) + "|")
    for kind, unit in KINDS.items():
        cells = []
        for attack in attacks:
            attack.text(unit)  # loads what it needs
            short, long = (seconds(attack, (unit * length)[:length]) for length in LENGTHS)
            cells.append(f"{long / short:.1f} ({long * 1000:.0f} ms)")
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
