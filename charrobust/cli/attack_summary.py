"""What ``charrobust attack`` says of what it did: a table, a few examples, and the same for programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from charrobust.datasets.attack_file import Summary
    from charrobust.perturb import Attack


def figures_of(attack: Attack, summary: Summary, target: str | Path, log: str | Path | None) -> dict[str, Any]:
    """Return what an attack did, for programs.

    Args:
        attack: The attack.
        summary: What it did.
        target: What was written.
        log: The edit log; None for none.

    Returns:
        Names and numbers.
    """
    tally = summary.tally
    operators = []
    for name, drawn in tally.drawn.items():
        left, again = (sum(_reasons(counts, name).values()) for counts in (tally.left, tally.drawn_again))
        edits = tally.edited[name]
        operators.append({"operator": name, "drawn": drawn, "edits": edits, "left": left, "drawn_again": again})
    return {
        "recipe": attack.recipe.name,
        "severity": str(attack.recipe.severity),
        "language": attack.recipe.language or None,
        "seed": attack.seed,
        "data": target,
        "edits": log,
        "records": summary.records,
        "left_out": len(summary.skipped),
        "words": tally.words,
        "eligible": tally.eligible,
        "operators": operators,
    }


def _reasons(counts: Mapping[tuple[str, str], int], operator: str) -> dict[str, int]:
    """Return the counts of one operator by their reasons."""
    return {why: count for (name, why), count in counts.items() if name == operator}


def show_summary(attack: Attack, summary: Summary, target: str | Path, log: str | Path | None) -> None:
    """Print the table of an attack, a few examples, and the records that were left out.

    Args:
        attack: The attack.
        summary: What it did.
        target: What was written.
        log: The edit log; None for none.
    """
    from rich.markup import escape

    from charrobust.cli.shared import console, table

    tally, out = summary.tally, console()
    recipe = attack.recipe
    rows = table("operator", "drawn", "edits", "left", "why", numbers=(1, 2, 3))
    for operator in tally.drawn:
        reasons = _reasons(tally.left, operator)
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
        rows.add_row(
            escape(operator),
            f"{tally.drawn[operator]:,}",
            f"{tally.edited[operator]:,}",
            f"{sum(reasons.values()):,}",
            why,
        )
    out.print(
        f"[bold]{escape(recipe.name)}[/] at severity {recipe.severity}, seed {attack.seed}: "
        f"{summary.records:,} records, {tally.words:,} words, {tally.eligible:,} eligible, "
        f"{sum(tally.drawn.values()):,} drawn"
    )
    excluded = ", ".join(f"{reason} {count:,}" for reason, count in tally.excluded.most_common())
    if excluded:
        out.print(f"not eligible: {escape(excluded)}")
    out.print(rows)
    again = ", ".join(f"{name} ({why}) {count:,}" for (name, why), count in tally.drawn_again.most_common())
    if again:
        out.print(f"words that drew another operator: {escape(again)}")
    for example in summary.examples:
        out.print(f"  [dim]{escape(example.field)} before[/]  {escape(shortened(example.before))}")
        out.print(f"  [dim]{escape(example.field)} after [/]  {escape(shortened(example.after))}")
    if summary.skipped:
        out.print(f"left out {len(summary.skipped):,} bad records:")
        for problem in summary.skipped:
            out.print(f"  {problem}", markup=False, soft_wrap=True)
    out.print(f"wrote {escape(str(target))}" + (f" and {escape(str(log))}" if log else ""), soft_wrap=True)


def shortened(text: str) -> str:
    """Return the beginning of a text that is shown."""
    return text if len(text) <= 160 else text[:157] + "..."
