"""Average case and worst case side by side, by level of noise and by language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from charrobust.attackers.versions import CLEAN, AttackInfo
from charrobust.report.names import level_title
from charrobust.report.selection import has_levels, labels_by_attack, main_scores, main_versions, system_names
from charrobust.report.tables import Cell, Row, Table, interval_cell, score_cell, shown_attacks, version_cell
from charrobust.scoring.evaluation.results import Results, Score, SearchScore
from charrobust.scoring.intervals import Interval

_CAPTION = "{} × 100: edits drawn at random (average case), and the worst that was found (worst case)"


def level_table(results: Results) -> Table | None:
    """Return what each recipe takes on average and at worst, by the level of noise it is of.

    Args:
        results: What an evaluation found.

    Returns:
        The table; None where the table of scores says as much: recipes of one level, none of them searched.
    """
    attacks = [attack for attack in _drawn(results) if attack.level]
    if not has_levels(results) and not results.searches:
        return None
    return _table(results, attacks, "level of noise", lambda attack: level_title(attack.level or ""))


def language_table(results: Results) -> Table | None:
    """Return the same by the language that recipes were put into.

    Args:
        results: What an evaluation found.

    Returns:
        The table; None where there are not two languages.
    """
    attacks = sorted((attack for attack in _drawn(results) if _language(attack)), key=_language)
    if len(set(map(_language, attacks))) < 2:
        return None
    return _table(results, attacks, "language", _language)


def _drawn(results: Results) -> list[AttackInfo]:
    """Return the attack that stands for each recipe."""
    infos = {attack.name: attack for attack in results.attacks if attack.search is None and not attack.is_worst}
    chosen = [infos[version.name] for version in main_versions(results) if version.name in infos]
    return [attack for attack in chosen if attack.recipe]


def _language(attack: AttackInfo) -> str:
    return (attack.recipe or "").partition(":")[2]


def _table(
    results: Results, attacks: Sequence[AttackInfo], head: str, group: Callable[[AttackInfo], str]
) -> Table | None:
    """Return a row for each attack and system; None without attacks."""
    scores, labels, shown = main_scores(results), labels_by_attack(results), shown_attacks(results)
    rows: list[Row] = []
    for attack in attacks:
        for name in system_names(results):
            first = version_cell(labels[attack.name], shown)
            cells = _cells(results, scores, attack, name)
            rows.append((first, Cell(group(attack)), Cell(name), *cells))
    heads = ["text", head, "model", "clean", "average case", "worst case", "certified"]
    if not rows:
        return None
    if not results.searches:
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return Table(_CAPTION.format(results.metrics[0]), tuple(heads), tuple(rows))


def _cells(results: Results, scores: dict[tuple[str, str], Score], attack: AttackInfo, system: str) -> Row:
    """Return the scores of a system: clean, average, worst, and what is certified."""
    found = {search.attack: search for search in results.searches if search.system == system}
    worse = [other for other in results.attacks if _is_worse(other, attack, system) and (system, other.name) in scores]
    worst = min(worse, key=lambda other: scores[system, other.name].value.value, default=None)
    clean, how, worst_score = scores.get((system, CLEAN)), "", None
    if worst is not None:
        how, worst_score = labels_by_attack(results)[worst.name].rest, scores[system, worst.name]
    return (
        interval_cell(None if clean is None else clean.value),
        score_cell(scores.get((system, attack.name))),
        score_cell(worst_score, how),
        interval_cell(_certified([found[other.name] for other in worse if other.name in found])),
    )


def _is_worse(other: AttackInfo, attack: AttackInfo, system: str) -> bool:
    """Tell whether a version is one of worst edits of the same recipe."""
    is_worst = other.search is not None or other.is_worst
    return is_worst and other.recipe == attack.recipe and other.system in (None, system)


def _certified(searches: Sequence[SearchScore]) -> Interval | None:
    """Return the largest share that a search proved."""
    proved = [search.certified for search in searches if search.certified is not None]
    return max(proved, key=lambda interval: interval.value, default=None)
