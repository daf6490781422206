"""Results as an evaluation would write them, made up but of the right shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo, FieldEdit
from charrobust.perturb import Attack
from charrobust.scoring.evaluation.results import (
    AttackedExample,
    Comparison,
    CurvePoint,
    PredictionPair,
    Results,
    Score,
    SearchScore,
    SplitScore,
    Transfer,
)
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import (
    CHARACTER,
    TOKEN,
    LayerSensitivity,
    ModelSensitivity,
    OperatorSensitivity,
    Sensitivity,
    SentenceMap,
)
from charrobust.systems.system import SystemInfo

ROOT = Path(__file__).parents[2]
OPERATORS = ("add", "drop", "keyboard", "swap")
# What a system scores on clean text, and which share of the points an attack would take it keeps.
SYSTEMS = {"MiniLM": (0.86, 0.0), "spelling + MiniLM": (0.852, 0.45), "charbert-minilm-l6": (0.858, 0.7)}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)></script>{{7*7}}\u2028$x_$\x1b<!--'


def attacks() -> tuple[AttackInfo, ...]:
    """Clean, one recipe, its operators, one recipe at four severities, and a file."""
    average = "average case"
    return (
        AttackInfo(CLEAN, CLEAN),
        AttackInfo("charbert", average, "charbert", 1.0, None, 2020, 0.613, 9.4, 12.1),
        *(
            AttackInfo(f"charbert/{name}", average, "charbert", 1.0, name, 2020, 0.58, 8.8, 9.1 + number)
            for number, name in enumerate(OPERATORS)
        ),
        *(AttackInfo(f"drop@{share:g}", average, "drop", share, "drop", 7, share, 14 * share, 14 * share)
          for share in (0.1, 0.25, 0.5, 1.0)),
        AttackInfo("published.jsonl", "given", words_changed=0.4, edits=6.2, distance=7.7),
    )  # fmt: skip


def hurts(attack: AttackInfo) -> float:
    """Share of the points that an attack takes from an undefended model."""
    base = {"charbert": 0.29, "drop": 0.33, None: 0.21}[attack.recipe]
    by_operator = {"add": 0.8, "drop": 1.05, "keyboard": 1.1, "swap": 0.95}
    return base * by_operator.get(attack.operator or "", 1.0) * (attack.severity or 1.0) ** 0.7


def interval(value: float, width: float = 0.022) -> Interval:
    """An interval about a value."""
    return Interval(value, value - width, value + 1.1 * width)


def scores(systems: dict[str, tuple[float, float]], metric: str, shift: float = 0.0) -> list[Score]:
    """Scores of each system on each version, and in the worst case."""
    measured = []
    for name, (clean, keeps) in systems.items():
        clean += shift
        measured.append(Score(name, CLEAN, metric, interval(clean)))
        taken = {attack.name: hurts(attack) * (1 - keeps) for attack in attacks()[1:]}
        taken[WORST] = min(0.6, max(taken.values()) * 1.6)
        for attack, lost in taken.items():
            success = interval(min(0.95, lost * 1.1), 0.018)
            measured.append(
                Score(name, attack, metric, interval(clean - lost), interval(lost, 0.017), lost / clean, success)
            )
    return measured


@cache
def reviews() -> tuple[dict[str, str], ...]:
    """The shipped sample reviews."""
    lines = (ROOT / "data" / "reviews-test.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(map(json.loads, lines))


def attacked_reviews(systems: list[str], count: int) -> list[AttackedExample]:
    """Attacked reviews with what each system says of them."""
    rng = np.random.default_rng(5)
    examples = []
    for name in ("charbert", "drop@0.5"):
        attack = Attack.load(name)
        for number, review in enumerate(reviews()[:count]):
            edited = attack.text(review["text"])
            labels = ["negative", "positive"]
            predictions = []
            for place, system in enumerate(systems):
                clean, attacked = rng.random() < 0.88, rng.random() < 0.55 + 0.14 * place
                picked = [
                    review["label"] if right else labels[labels[0] == review["label"]] for right in (clean, attacked)
                ]
                predictions.append(PredictionPair(system, picked[0], picked[1], bool(clean), bool(attacked)))
            edits = tuple(FieldEdit(0, e.old, e.new, e.operator) for e in edited.edits)
            examples.append(
                AttackedExample(
                    f"r{number}", name, review["label"], (edited.source,), (edited.text,), edits, tuple(predictions)
                )
            )
    return examples


def comparisons(systems: list[str], found: list[Score]) -> list[Comparison]:
    """Every pair of systems on every version."""
    value = {(score.system, score.attack): score.value.value for score in found}
    return [
        Comparison(
            attack.name, found[0].metric, first, second, interval(gap, 0.02), 0.0001 if abs(gap) > 0.02 else 0.41
        )
        for attack in attacks()
        for number, first in enumerate(systems)
        for second in systems[number + 1 :]
        for gap in [value[first, attack.name] - value[second, attack.name]]
    ]


def splits(systems: list[str], found: list[Score]) -> list[SplitScore]:
    """Scores on examples with words that the tokenizer splits, and without."""
    value = {(score.system, score.attack): score.value.value for score in found}
    return [
        SplitScore(system, attack, group, found[0].metric, interval(value[system, attack] - less, 0.03), size)
        for attack in (CLEAN, "charbert", "drop@0.5")
        for system in systems
        for group, less, size in (("split", 0.041, 611), ("whole", -0.018, 261))
    ]


def classification(count: int = 40, systems: dict[str, tuple[float, float]] | None = None) -> Results:
    """Three systems on reviews."""
    chosen = systems or SYSTEMS
    main = scores(chosen, "accuracy")
    names = list(chosen)
    return Results(
        task="classification",
        data="sst2",
        examples=872,
        confidence=0.95,
        metrics=("accuracy", "macro F1"),
        systems=tuple(
            SystemInfo(name, "runs/" + name.split(" + ")[-1].lower(), tuple(name.split(" + ")[:-1]), f"{number}f" * 32)
            for number, name in enumerate(names)
        ),
        attacks=attacks(),
        scores=(*main, *scores(chosen, "macro F1", -0.004)),
        comparisons=tuple(comparisons(names, main)),
        splits=tuple(splits(names, main)),
        shown=tuple(attacked_reviews(names, count)),
        versions={"charrobust": "0.1.0", "torch": "2.13.0", "transformers": "5.23.0"},
    )


def searched_attacks() -> list[AttackInfo]:
    """Two searches against each system: one with proofs, one without."""
    found = []
    for system in SYSTEMS:
        for search, edits in (("exhaustive", 1), ("greedy", 2)):
            name = f"worst:charbert:{search}:{edits}"
            case = f"worst case of {search}"
            found.append(
                AttackInfo(
                    name, case, "charbert", None, None, 2020, 0.05 * edits, edits * 0.8, edits * 0.9, system=system,
                    search=search, most_edits=edits,
                )
            )  # fmt: skip
    return found


def search_score(attack: AttackInfo) -> SearchScore:
    """What a search took: the more, the more edits, and the more queries."""
    clean, keeps = SYSTEMS[str(attack.system)]
    edits = attack.most_edits or 1
    left = clean * (0.5 + 0.4 * keeps) / edits**0.5
    proves = attack.search == "exhaustive"
    points = (0, 1, 2, 5, 10, 20, 50, 100, 200, 340)
    return SearchScore(
        system=str(attack.system),
        attack=attack.name,
        records=872,
        searched=round(872 * clean),
        success=interval(1 - left / clean),
        robust=interval(left),
        certified=interval(left) if proves else None,
        certified_edits=int(proves),
        queries=340.2 if proves else 41.3,
        median_queries=331.0 if proves else 24.0,
        candidates=340.2,
        distinct=0.97 - 0.5 * keeps,
        edits_at_success=0.7 * edits + 0.3,
        seconds=0.41,
        by_edits=tuple(CurvePoint(n, interval(clean + (left - clean) * n / edits)) for n in range(edits + 1)),
        by_queries=tuple(CurvePoint(n, interval(clean + (left - clean) * (n / 340) ** 0.4)) for n in points),
    )


def searched() -> Results:
    """Three systems on reviews, and what searches found against each."""
    results, found = classification(12), searched_attacks()
    searches = tuple(map(search_score, found))
    of_searches = []
    for search in searches:
        clean = SYSTEMS[search.system][0]
        lost = clean - search.robust.value
        of_searches.append(
            Score(search.system, search.attack, "accuracy", search.robust, interval(lost), lost / clean, search.success)
        )
    transfers = []
    for search in searches:
        for system, (clean, _) in SYSTEMS.items():
            value = search.robust.value if system == search.system else clean - 0.04
            transfers.append(
                Transfer(search.attack, search.system, system, "accuracy", interval(value), interval(1 - value / clean))
            )
    return replace(
        results,
        attacks=(*results.attacks, *found),
        scores=(*results.scores, *of_searches),
        searches=searches,
        transfers=tuple(transfers),
    )


def tagging() -> Results:
    """Two systems on three sentences with entities, one token of each edited."""
    sentences = [
        ("EU rejects German call to boycott British lamb .", "B-ORG O B-MISC O O O B-MISC O O", "rejects", "rejcets"),
        ("Peter Blackburn moved to Brussels yesterday .", "B-PER I-PER O O B-LOC O O", "Blackburn", "Blakburn"),
        ("The Commission said on Thursday it disagreed .", "O B-ORG O O O O O O", "Commission", "Commisssion"),
    ]
    examples = []
    for number, (text, target, old, new) in enumerate(sentences):
        clean = tuple(text.split())
        place = clean.index(old)
        tags = target.split()
        tags[place] = "B-LOC"
        edit = FieldEdit(place, (4, 6), (4, 6 + len(new) - len(old)), "swap")
        predictions = (
            PredictionPair("MiniLM", target, " ".join(tags), True, False),
            PredictionPair("charbert-minilm-l6", target, target, True, True),
        )
        attacked = tuple(new if token == old else token for token in clean)
        examples.append(AttackedExample(str(number), "charbert", target, clean, attacked, (edit,), predictions))
    results = classification(0, {"MiniLM": (0.911, 0.0), "charbert-minilm-l6": (0.907, 0.72)})
    renamed = with_strings(results, lambda text: {"accuracy": "span F1", "macro F1": "tag accuracy"}.get(text, text))
    return replace(renamed, task="tagging", data="conll2003", shown=tuple(examples))


def questions() -> Results:
    """One system that answers questions; a long context, an answer lost, and none."""
    context = "Construction of the tower began in 1887 and took two years. " * 12
    question, attacked = "When was the tower completed?", "When was the twoer completd?"
    edits = (FieldEdit(0, (13, 15), (13, 15), "swap"), FieldEdit(0, (26, 27), (26, 26), "drop"))
    shown = (
        AttackedExample(
            "q1", "charbert", "1889", (question, context), (attacked, context), edits,
            (PredictionPair("MiniLM", "1889", "", True, False),),
        ),
    )  # fmt: skip
    return replace(classification(0, {"MiniLM": (0.801, 0.0)}), task="qa", data="squad", shown=shown, splits=())


def regression() -> Results:
    """One system that gives numbers, on clean text and one version: neither right nor wrong, no success."""
    results = classification(0, {"MiniLM": (0.88, 0.0)})
    predictions = (PredictionPair("MiniLM", "4.2", "1.9", None, None),)
    pair = ("A man plays a guitar.", "A man is playing music.")
    hit = (FieldEdit(1, (9, 11), (9, 11), "swap"),)
    shown = AttackedExample("0", "charbert", "4.0", pair, (pair[0], "A man is lpaying music."), hit, predictions)
    versions = {CLEAN, "charbert"}
    return replace(
        results,
        task="regression",
        metrics=("Pearson",),
        attacks=results.attacks[:2],
        scores=tuple(
            replace(score, metric="Pearson", success=None)
            for score in results.scores
            if score.attack in versions and score.metric == "accuracy"
        ),
        comparisons=(),
        splits=(),
        shown=(shown,),
    )


def sentence_map(channel: str, layers: tuple[int, ...], text: str, moves: float) -> SentenceMap:
    """A sentence with some noised words, which move the more the deeper the layer."""
    edited = Attack.load("charbert@0.5").text(text)
    clean, noised = tuple(edited.source.split()), tuple(edited.text.split())
    operators = tuple(None if a == b else "swap" for a, b in zip(clean, noised, strict=True))
    rng = np.random.default_rng(len(text))
    moved = (
        moves
        * np.array([0.2 if operator is None else 1.1 for operator in operators])
        * rng.uniform(0.6, 1.3, len(clean))
    )
    values = tuple(tuple(float(v) for v in moved * (0.4 + layer / 9)) for layer in layers)
    return SentenceMap(len(text), channel, clean, noised, operators, layers, values)


def model_sensitivity(name: str, channels: tuple[str, ...], moves: float) -> ModelSensitivity:
    """What noise does in a model of six layers."""
    layers = tuple(range(7))
    measured = []
    for channel in channels:
        for layer in layers:
            noised = moves * (0.5 + layer / 12) * (0.8 if channel == CHARACTER else 1)
            ends = [interval(share * noised, 0.012) for share in (0.6, 1, 0.22)]
            measured.append(LayerSensitivity(layer, channel, *ends))
    texts = [review["text"] for review in reviews()[:2]]
    maps = tuple(sentence_map(channel, layers, text, moves) for text in texts for channel in channels)
    operators = tuple(
        OperatorSensitivity(o, 812 - 9 * n, interval(moves - n / 99, 0.01)) for n, o in enumerate(OPERATORS)
    )
    last = measured[len(layers) - 1]
    return ModelSensitivity(
        name, 3453, 46435, 22510, 23019, 12, last.all, last.noised, last.untouched, tuple(measured), operators, maps
    )  # fmt: skip


def sensitivity() -> Sensitivity:
    """A model of one channel and one of two."""
    models = (
        model_sensitivity("MiniLM", (TOKEN,), 0.31),
        model_sensitivity("charbert-minilm-l6", (TOKEN, CHARACTER), 0.12),
    )
    return Sensitivity("conll2003", "charbert", "1.0", 2020, "first", 0.95, models, {"charrobust": "0.1.0"})


def with_strings(value: Any, change: Callable[[str], str]) -> Any:
    """Return data with every string in it changed, names and keys alike."""
    if isinstance(value, str):
        return value if value in _SHAPE else change(value)
    if isinstance(value, tuple):
        return tuple(with_strings(part, change) for part in value)
    if isinstance(value, dict):
        return {change(key): with_strings(part, change) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: with_strings(getattr(value, f.name), change) for f in fields(value)})
    return value


# Words that are part of the shape of results, not free text.
_SHAPE = {
    CLEAN,
    WORST,
    "average case",
    "given",
    "split",
    "whole",
    "classification",
    "tagging",
    "qa",
    "regression",
    "retrieval",
    TOKEN,
    CHARACTER,
}


def hostile(results: Any) -> Any:
    """Return results (or sensitivity) with markup at the end of every string."""
    return with_strings(results, lambda text: text + HOSTILE)
