"""The card of results: what was found in a sentence and a table, as Markdown."""

from __future__ import annotations

from charrobust.report.headline import headline, worst_case
from charrobust.report.table_files import markdown
from charrobust.report.tables import score_table
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import interval_name
from charrobust.training.cards import as_text, front_matter, versions_line

_CARD = """---
{front}
---

# Robustness on {data}

{headline}

{scores}
On {examples:,} examples of {data} ({task}), with {level}; measured with {versions}.
`charrobust.scoring.read_results` reads `results.json`, `charrobust report` makes the page.
"""


def results_card(results: Results) -> str:
    """Return the card of an evaluation.

    Args:
        results: What it found.

    Returns:
        The card's text.
    """
    story = "".join(piece.text for piece in headline(results))
    return _CARD.format(
        front=front_matter({"tags": ["charrobust", "robustness", "evaluation"]}),
        data=as_text(results.data),
        headline=as_text(f"{story} {worst_case(results)}"),
        scores=markdown(score_table(results)),
        examples=results.examples,
        task=as_text(results.task),
        level=interval_name(results.confidence),
        versions=versions_line(results.versions),
    )
