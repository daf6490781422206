"""What an evaluation found, as it is kept in ``results.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from charrobust.attackers.versions import AttackInfo, FieldEdit
from charrobust.scoring.intervals import Interval
from charrobust.systems.system import SystemInfo

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 3


@dataclass(frozen=True)
class Spread:
    """How far a metric varies, as standard deviations, where edits were drawn or a model was trained several times.

    Attributes:
        data: Over resamples of the examples.
        draws: Over draws of the edits, each the mean over seeds; None where they were drawn once.
        seeds: Over seeds of fine-tuning, each the mean over draws; None where there is one.
        lowest: The lowest value of any seed on any draw.
        highest: The highest.
    """

    data: float
    draws: float | None
    seeds: float | None
    lowest: float
    highest: float


@dataclass(frozen=True)
class Score:
    """A metric of one system on one version of the data.

    Attributes:
        system: Name of the system.
        attack: Name of the attack; ``worst case`` takes for each example the attack that hurts it most.
        metric: Name of the metric.
        value: The metric with its bootstrap interval over examples.
        lost: Clean minus attacked, paired; None on clean data.
        relative: Lost, as a share of the clean value; None on clean data.
        success: Share of the examples that were right when clean and are wrong now, of those that were right; None
            on clean data and for numbers.
        spread: How far the value varies over draws and seeds, whose mean it is; None where there is one of each.
    """

    system: str
    attack: str
    metric: str
    value: Interval
    lost: Interval | None = None
    relative: float | None = None
    success: Interval | None = None
    spread: Spread | None = None


@dataclass(frozen=True)
class Comparison:
    """Two systems on the same examples.

    Attributes:
        attack: Name of the attack.
        metric: Name of the metric.
        first: Name of a system.
        second: Name of another.
        difference: First minus second, paired.
        p: Two-sided p-value of a paired permutation test.
    """

    attack: str
    metric: str
    first: str
    second: str
    difference: Interval
    p: float


@dataclass(frozen=True)
class SplitScore:
    """A score on a part of the data, by what a system's tokenizer does to the words (Ma et al. 2020, section 5).

    Attributes:
        system: Name of the system.
        attack: Name of the attack.
        group: ``split`` (the tokenizer splits the clean word, or some word of the example) or ``whole``.
        metric: Name of the metric.
        value: The metric with its interval.
        size: Number of words (tag accuracy), entities (span F1) or examples in the group.
    """

    system: str
    attack: str
    group: str
    metric: str
    value: Interval
    size: int


@dataclass(frozen=True)
class LanguageScore:
    """A score on the examples of one language, where a column of the data tells the language of each record.

    Attributes:
        system: Name of the system.
        attack: Name of the attack.
        language: The language, as the column has it.
        metric: Name of the main metric.
        value: The metric with its interval.
        lost: Clean minus attacked on these examples, paired; None on clean data.
        size: Number of examples.
    """

    system: str
    attack: str
    language: str
    metric: str
    value: Interval
    lost: Interval | None
    size: int


@dataclass(frozen=True)
class CurvePoint:
    """How much of the data a search has left after so many edits or queries.

    Attributes:
        most: Edits of a text, or queries about a record, at most.
        robust: Share of the records that are right, and that no state found within so many made wrong (Wilson).
    """

    most: int
    robust: Interval


@dataclass(frozen=True)
class SearchScore:
    """What a search took from one system: worst case, of the edits that it could make.

    Attributes:
        system: Name of the system that was searched against.
        attack: Name of the attack.
        records: Number of records.
        searched: Number of records in which there was something to lose: those that are right when clean.
        success: Share of the searched records that lost ground; None where none was searched (Wilson).
        robust: Share of all records that are right, and that the search left so (Wilson).
        certified: Share of all records that are right, and of which it is proved that no single edit of the recipe
            makes them wrong, as all were asked (Wilson); None where the search proves nothing.
        certified_edits: The most edits for which something is proved; 0 for none.
        queries: Mean number of queries about a searched record.
        median_queries: The median of them.
        candidates: Mean number of single edits that the recipe allows in a searched record.
        distinct: Share of the texts asked that the system read differently from the others of their record.
        edits_at_success: Mean number of edits of the records that lost ground; None where none did.
        seconds: Mean time of a searched record.
        by_edits: Robust share after at most so many edits, from none on.
        by_queries: The same after at most so many queries.
    """

    system: str
    attack: str
    records: int
    searched: int
    success: Interval | None
    robust: Interval
    certified: Interval | None
    certified_edits: int
    queries: float
    median_queries: float
    candidates: float
    distinct: float
    edits_at_success: float | None
    seconds: float
    by_edits: tuple[CurvePoint, ...]
    by_queries: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Transfer:
    """What a system makes of the version that a search found against another, or against itself.

    Attributes:
        attack: Name of the attack.
        against: Name of the system that was searched against.
        system: Name of the system that is asked.
        metric: Name of the main metric.
        value: The metric with its interval.
        success: Share of the examples that the asked system has right when clean, and wrong now; None for numbers.
    """

    attack: str
    against: str
    system: str
    metric: str
    value: Interval
    success: Interval | None


@dataclass(frozen=True)
class PredictionPair:
    """What a system says of a shown example.

    Attributes:
        system: Name of the system.
        clean: Its prediction on the clean text, as text (tags joined by blanks).
        attacked: The same on the attacked text.
        clean_right: Whether that is right; None where right and wrong do not apply (numbers).
        attacked_right: The same, attacked.
        clean_remarks: What is to be known of the prediction on the clean text besides, a line each.
        attacked_remarks: The same, attacked.
    """

    system: str
    clean: str
    attacked: str
    clean_right: bool | None
    attacked_right: bool | None
    clean_remarks: tuple[str, ...] = ()
    attacked_remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttackedExample:
    """An example for the browser of the report.

    Attributes:
        id: The example's id.
        attack: Name of the attack.
        target: What is right, as text.
        clean: The clean texts (for tagging, the tokens).
        attacked: The attacked ones.
        edits: The edits between them.
        predictions: What each system says.
        target_remark: What is to be known of the target besides, such as what a name in it stands for.
    """

    id: str
    attack: str
    target: str
    clean: tuple[str, ...]
    attacked: tuple[str, ...]
    edits: tuple[FieldEdit, ...]
    predictions: tuple[PredictionPair, ...]
    target_remark: str = ""


@dataclass(frozen=True)
class Results:
    """All that an evaluation found.

    Attributes:
        task: Name of the task.
        data: Name of the data set.
        examples: Number of examples.
        confidence: Level of all intervals.
        metrics: Names of the metrics, the main one first.
        systems: The models.
        attacks: The versions of the data, ``clean`` first.
        scores: Every metric of every system on every version, and in the worst case.
        comparisons: Every pair of systems on every version, main metric.
        splits: Scores by what the tokenizer does to the words.
        shown: Examples for the report's browser: those that were flipped, and some others.
        versions: Versions of the packages.
        notes: What readers should know, such as the number of examples left out.
        searches: What searches took from each system.
        transfers: What each system makes of what was found against each; none where only one was searched against.
        flipped: Number of examples that an attack flipped for some system, of all versions together, also where `shown`
            does not hold all of them; None in results of earlier versions.
        languages: Scores by the language of the records; none where no column of the data tells it.
        schema: Version of this shape.
    """

    task: str
    data: str
    examples: int
    confidence: float
    metrics: tuple[str, ...]
    systems: tuple[SystemInfo, ...]
    attacks: tuple[AttackInfo, ...]
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    splits: tuple[SplitScore, ...]
    shown: tuple[AttackedExample, ...]
    versions: dict[str, str]
    notes: tuple[str, ...] = ()
    searches: tuple[SearchScore, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    flipped: int | None = None
    languages: tuple[LanguageScore, ...] = ()
    schema: int = SCHEMA

    def to_frame(self, table: str = "scores") -> pd.DataFrame:
        """Return one of the tables, such as ``scores``, as a data frame; see :func:`.frames.frame_of`."""
        from charrobust.scoring.evaluation.frames import frame_of

        return frame_of(self, table)
