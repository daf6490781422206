"""What was found, in plain words: the first screen of the page."""

from __future__ import annotations

from dataclasses import dataclass

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo
from charrobust.report.names import is_part, system_title
from charrobust.report.selection import labels_by_attack, main_scores, system_names
from charrobust.report.wording import ends, listed, points, sentence_start
from charrobust.scoring.evaluation.results import AttackedExample, Results, Score
from charrobust.scoring.intervals import Interval

_MOST_OTHERS = 4  # further systems are in the tables
_LONGEST = 400  # letters of an example that is read at a glance


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence.

    Attributes:
        text: What it says.
        kind: ``value`` for a number that matters, ``ends`` for its interval; empty for words.
    """

    text: str
    kind: str = ""


def headline(results: Results) -> list[Piece]:
    """Say what the first system scores on clean text, and under the attack that takes most from it.

    Args:
        results: What an evaluation found.

    Returns:
        The sentence.
    """
    scores, first = main_scores(results), system_names(results)[0]
    metric = results.metrics[0]
    subject = f"{sentence_start(metric)} of {system_title(first)}"
    clean, attack = scores.get((first, CLEAN)), main_attack(results)
    if clean is None:  # results that were written by hand
        return [Piece(f"{subject} on clean text is not known.")]
    if attack is None:
        return [Piece(f"{subject} is "), *_figure(clean.value), Piece(" on clean text.")]
    attacked, title = scores[first, attack.name], labels_by_attack(results)[attack.name].title
    verb, end = "falls", "."
    if attacked.value.value > clean.value.value:
        verb = "rises"
    if _may_be_chance(attacked):
        end = ", a difference that may be chance."
    return [
        Piece(f"{subject} {verb} from "),
        *_figure(clean.value),
        Piece(" on clean text to "),
        *_figure(attacked.value),
        Piece(f" under {title}{end}"),
    ]


def asides(results: Results) -> list[str]:
    """Say what the other systems keep under the same attack.

    Args:
        results: What an evaluation found.

    Returns:
        A sentence; none where there is no other system.
    """
    scores, attack = main_scores(results), main_attack(results)
    if attack is None:
        return []
    parts = []
    for name in system_names(results)[1:]:
        before, after = scores.get((name, CLEAN)), scores.get((name, attack.name))
        if before is not None and after is not None:
            goes = f"goes from {points(before.value.value)} to {_with_ends(after.value)}"
            parts.append(f"{system_title(name)} {goes}")
    if not parts:
        return []
    more = ""
    if len(parts) > _MOST_OTHERS:
        more = f"; {len(parts) - _MOST_OTHERS} more stand in the table"
    return [f"Under the same attack {listed(parts[:_MOST_OTHERS])}{more}."]


def worst_case(results: Results) -> str:
    """Say what is left in the worst case; empty if it was not measured.

    Args:
        results: What an evaluation found.

    Returns:
        The sentence.
    """
    scores = main_scores(results)
    parts = []
    for name in system_names(results):
        score = scores.get((name, WORST))
        if score is not None:
            parts.append(f"{system_title(name)} keeps {_with_ends(score.value)}")
    if not parts:
        return ""
    return f"If each text meets the attack that hurts it most, {listed(parts)}."


def main_attack(results: Results) -> AttackInfo | None:
    """Return the attack that takes most from the first system.

    Args:
        results: What an evaluation found.

    Returns:
        The attack, of whole recipes and files in the average case if there are any; None where there is no attack.
    """
    scores, first = main_scores(results), results.systems[0].name
    made = [attack for attack in results.attacks if attack.name != CLEAN and not attack.is_worst]
    attacks = [attack for attack in made if (first, attack.name) in scores and attack.system in (None, first)]
    average = [attack for attack in attacks if attack.search is None] or attacks
    # One operator of a recipe is a part of it: the headline is about the whole where both are there.
    whole = [attack for attack in average if not is_part(attack)]
    return max(whole or average, key=lambda attack: _lost(scores[first, attack.name]), default=None)


def main_example(results: Results) -> AttackedExample | None:
    """Return the example to begin with: one that was made wrong for the first system, of few words.

    Args:
        results: What an evaluation found.

    Returns:
        The example, of the main attack or else of its recipe, if the page has any of these; None where it has none.
    """
    attack = main_attack(results)
    if attack is None:
        return None
    recipes = {info.name: info.recipe or info.name for info in results.attacks}
    of_attack = [example for example in results.shown if example.attack == attack.name]
    of_recipe = [example for example in results.shown if recipes.get(example.attack) == (attack.recipe or attack.name)]
    known = [example for example in results.shown if example.attack in recipes]
    candidates = of_attack or of_recipe or known
    flipped = [example for example in candidates if example.predictions and _is_flipped(example)]
    short = [example for example in flipped or candidates if _length(example) <= _LONGEST and example.edits]
    # Of short ones that in the middle: the shortest of all is often a single word.
    by_length = sorted(short or flipped or candidates, key=_length)
    if not by_length:
        return None
    return by_length[len(by_length) // 2]


def _is_flipped(example: AttackedExample) -> bool:
    first = example.predictions[0]
    return first.clean_right is True and first.attacked_right is False


def _length(example: AttackedExample) -> int:
    return sum(map(len, example.clean))


def _figure(value: Interval) -> list[Piece]:
    """Return a number that matters, with its interval."""
    return [Piece(points(value.value), "value"), Piece(f"\u00a0({ends(value)})", "ends")]


def _with_ends(value: Interval) -> str:
    return f"{points(value.value)} ({ends(value)})"


def _may_be_chance(score: Score) -> bool:
    """Tell whether an interval holds 0, so that a loss and a gain are not told apart."""
    return score.lost is not None and score.lost.low <= 0 <= score.lost.high


def _lost(score: Score) -> float:
    if score.lost is None:
        return 0.0
    return score.lost.value
