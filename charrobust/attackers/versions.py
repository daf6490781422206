"""The versions of a data set: clean, attacked, and attacked by somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet, read_data, with_texts
from charrobust.datasets.formats import format_of, suffix_of
from charrobust.errors import DataError, RecipeError, UserError, hint
from charrobust.perturb import Attack, recipe_names
from charrobust.perturb.distance import changes, count_words, levenshtein
from charrobust.perturb.recipe import load_recipe, split_severity
from charrobust.scoring.evaluation.results import CLEAN, WORST, AttackInfo, ShownEdit
from charrobust.tasks.examples import Example
from charrobust.tasks.records import FieldLog, LoggedEdit

AVERAGE = "average case"
GIVEN = "given"


@dataclass(frozen=True, eq=False)
class Version:
    """A version of a data set.

    Attributes:
        info: What it is.
        examples: The examples, in the order of the clean ones.
        edits: Returns the edits of an example, by its number.
    """

    info: AttackInfo
    examples: tuple[Example, ...]
    edits: Callable[[int], tuple[ShownEdit, ...]]

    @property
    def name(self) -> str:
        """Its name."""
        return self.info.name


@dataclass(frozen=True)
class Plan:
    """A version that is to be made.

    Attributes:
        name: Its name.
        source: The attack that makes it, or the file that holds it.
        operator: The only operator of the attack; None where there are several, and for a file.
    """

    name: str
    source: Attack | Path
    operator: str | None = None


def plan_versions(
    attacks: Sequence[str | Path | Attack],
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
) -> list[Plan]:
    """Say which versions there are to be beside the clean one.

    Args:
        attacks: Recipes (``charbert``, ``drop@0.5``, ``mine.toml``), attacks, and files that are attacked already.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe of several operators is used with each of them alone, too: ``charbert/swap``.
        seed: Seed of the recipes; None for their own.

    Raises:
        UserError: Neither recipe nor file, a severity that does not fit a recipe, or two attacks of one name.
    """
    plans: list[Plan] = []
    for given in attacks:
        if isinstance(given, Attack) or not _is_data(str(given)):
            plans += _plans_of(
                given if isinstance(given, Attack) else _load(str(given), seed), severities, per_operator
            )
        else:
            plans.append(Plan(_file_name(Path(given), plans), Path(given)))
    if (severities or per_operator) and not any(isinstance(plan.source, Attack) for plan in plans):
        raise UserError("severities and single operators are those of a recipe; name one to attack with, as charbert")
    distinct = [plan for number, plan in enumerate(plans) if plan not in plans[:number]]
    for name, count in Counter(plan.name for plan in distinct).items():
        if count > 1 or name in (CLEAN, WORST):
            raise UserError(f"two versions of the data would be called {name!r}; rename a recipe or a file")
    return distinct


def _load(name: str, seed: int | None) -> Attack:
    """Load an attack.

    Raises:
        RecipeError: Neither recipe nor file.
    """
    wanted = split_severity(name)[0]
    if not wanted.endswith(".toml") and wanted not in recipe_names():
        raise RecipeError(f"attack {name!r} is no recipe and no existing file; {hint(wanted, recipe_names())}")
    return Attack.load(name, seed=seed)


def _is_data(name: str) -> bool:
    """Tell a file of attacked data from a recipe."""
    return Path(name).exists() and not split_severity(name)[0].endswith(".toml") and name not in recipe_names()


def _file_name(path: Path, plans: Sequence[Plan]) -> str:
    return str(path) if any(plan.name == path.name and plan.source != path for plan in plans) else path.name


def _plans_of(attack: Attack, severities: Sequence[str | float], per_operator: bool) -> list[Plan]:
    """Return the versions of one recipe: as it is, at other severities, with one operator alone."""
    recipe = attack.recipe
    labels = list(dict.fromkeys(operator.label for operator in recipe.operators))
    only = labels[0] if len(labels) == 1 else None
    stronger = [replace(attack, recipe=recipe.at(severity)) for severity in severities]
    plans = [Plan(_name_of(made), made, only) for made in (attack, *stronger)]
    for label in labels if per_operator and only is None else ():
        operators = tuple(operator for operator in recipe.operators if operator.label == label)
        reduced = replace(attack, recipe=replace(recipe, operators=operators))
        plans.append(Plan(f"{_name_of(attack)}/{label}", reduced, label))
    return plans


def _name_of(attack: Attack) -> str:
    """Return the name of a recipe, with its severity where that is not the usual one."""
    recipe = attack.recipe
    usual = load_recipe(recipe.name).severity if recipe.name in recipe_names() else "1"
    return recipe.name if recipe.severity == usual else f"{recipe.name}@{recipe.severity}"


def make_versions(data: DataSet, plans: Sequence[Plan]) -> list[Version]:
    """Make versions of a data set, the clean one first.

    Args:
        data: The data set; ready-made files of the same suffix are read alike.
        plans: The other versions.

    Raises:
        DataError: A file does not line up with the clean data; with the first record that differs.
    """
    clean = Version(AttackInfo(CLEAN, CLEAN), data.examples, lambda _: ())
    return [clean, *(_make(data, plan) for plan in plans)]


def _make(data: DataSet, plan: Plan) -> Version:
    if isinstance(plan.source, Attack):
        return attacked_version(data, plan.source, plan.name, plan.operator)
    path, alike = plan.source, data.source
    if alike is None or path.is_dir() or suffix_of(path) != suffix_of(alike.path):
        alike = format_of(path)
    opened = replace(alike, path=path)
    return given_version(data, read_data(opened, data.task, limit=data.limit, labels=data.labels), plan.name)


def attacked_version(data: DataSet, attack: Attack, name: str, operator: str | None = None) -> Version:
    """Attack a data set as ``charrobust attack`` does.

    Args:
        data: The data set.
        attack: The attack.
        name: Name of the version.
        operator: The only operator of the attack, if that is so.
    """
    questions = Counter(data.owners)
    records, cost, words = [], Counter[str](), 0
    for number, batch in enumerate(data.batches):
        made = data.task.perturb(batch, attack)
        records.append(made.records)
        words += made.tally.words
        for log in made.logs:
            readers = {row: questions[number, row - batch.first] for row in {entry.row for entry in log.entries}}
            cost.update(_cost(log, readers))
    recipe = attack.recipe
    info = AttackInfo(
        name,
        AVERAGE,
        recipe=recipe.name,
        severity=float(recipe.share if recipe.edited_words is None else recipe.edited_words),
        operator=operator,
        seed=attack.seed,
        words_changed=cost["words"] / max(1, words),
        edits=cost["edits"] / len(data),
        distance=cost["distance"] / len(data),
    )
    return Version(info, with_texts(data, records), partial(_edits_of, data, attack))


def _cost(log: FieldLog, readers: dict[int, int]) -> dict[str, int]:
    """Count changed words, and edits and their distance as often as an example holds them.

    Args:
        log: The edits of a field.
        readers: Number of examples of each record; all of them read its context.
    """
    table = log.table
    rows = list(zip(table.example.tolist(), table.word.tolist(), strict=True))
    entries = [log.entries[example] for example, _ in rows]
    times = [readers[entry.row] if entry.field == "context" else 1 for entry in entries]
    pairs = zip(times, table.old_texts(), table.new_texts(), strict=True)
    return {
        "words": len(set(rows)),
        "edits": sum(times),
        "distance": sum(time * levenshtein(old, new) for time, old, new in pairs),
    }


def _edits_of(data: DataSet, attack: Attack, number: int) -> tuple[ShownEdit, ...]:
    """Return the edits of an example: the record is attacked again, with the same outcome."""
    batch = data.record_of(number)
    logged = data.task.perturb(batch, attack).edits()
    found = [(_field_of(data, number, edit), edit.edit) for edit in logged]
    return tuple(ShownEdit(field, edit.old, edit.new, edit.operator) for field, edit in found if field is not None)


def _field_of(data: DataSet, number: int, logged: LoggedEdit) -> int | None:
    """Return which of an example's texts an edit is in; None for another question's."""
    if data.task.name == "tagging":
        return logged.edit.word
    if data.task.name == "qa":
        if logged.field == "context":
            return 1
        return 0 if logged.example == data.examples[number].id else None
    return list(getattr(data.task, "texts", ())).index(logged.field)


def given_version(data: DataSet, given: DataSet, name: str) -> Version:
    """Take data that somebody else attacked.

    Args:
        data: The clean data.
        given: The attacked data: the same examples in the same order.
        name: Name of the version.

    Raises:
        DataError: They do not line up; with the first record that differs.
    """
    _check_aligned(data, given)
    pairs = list(zip(data.examples, given.examples, strict=True))
    found = [[change for texts in zip(a.texts, b.texts, strict=True) for change in changes(*texts)] for a, b in pairs]
    words = sum(change.words for made in found for change in made)
    changed = _tokens_changed(pairs) if data.task.name == "tagging" else words / max(1, _words_of(pairs))
    distance = sum(change.distance for made in found for change in made) / len(data)
    info = AttackInfo(name, GIVEN, words_changed=changed, edits=sum(map(len, found)) / len(data), distance=distance)
    examples = tuple(replace(b, id=a.id) for a, b in pairs)
    return Version(info, examples, lambda number: _changes_of(*pairs[number]))


def _tokens_changed(pairs: Sequence[tuple[Example, Example]]) -> float:
    """Return the share of the tokens that changed."""
    same = [old == new for clean, attacked in pairs for old, new in zip(clean.texts, attacked.texts, strict=True)]
    return same.count(False) / max(1, len(same))


def _words_of(pairs: Sequence[tuple[Example, Example]]) -> int:
    """Count the words of those fields that ever differ."""
    columns = zip(*(zip(clean.texts, attacked.texts, strict=True) for clean, attacked in pairs), strict=True)
    differing = [column for column in columns if any(old != new for old, new in column)]
    return sum(count_words(clean) for column in differing for clean, _ in column)


def _changes_of(clean: Example, attacked: Example) -> tuple[ShownEdit, ...]:
    return tuple(
        ShownEdit(field, change.old, change.new, GIVEN)
        for field, texts in enumerate(zip(clean.texts, attacked.texts, strict=True))
        for change in changes(*texts)
    )


def _check_aligned(data: DataSet, given: DataSet) -> None:
    """Check that attacked data are those of the clean examples.

    Raises:
        DataError: They are not; with the first record that differs.
    """
    for number, (clean, attacked) in enumerate(zip(data.examples, given.examples, strict=False)):
        for what, wanted, found in _facts(data.task.name, clean, attacked):
            if wanted != found:
                raise given.place_of(number).error(
                    f"does not line up with the clean data ({data.place_of(number).source}, "
                    f"{data.place_of(number).line}): expected {what} {wanted!r}, got {found!r}; attacked data must "
                    "hold the same examples in the same order"
                )
    if len(given) != len(data):
        short = min(data, given, key=len)
        raise DataError(
            f"{given.name} does not line up with the clean data: expected {len(data)} examples, got {len(given)}; "
            f"{short.name} ends after {short.place_of(-1).line}"
        )


def _facts(task: str, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
    """Return what two versions of an example must have in common: (what, in the clean one, in the attacked one)."""
    facts: list[tuple[str, Any, Any]] = [("the id", clean.id, attacked.id)]
    if task == "tagging":
        facts.append(("this number of tokens:", len(clean.texts), len(attacked.texts)))
        facts.append(("the tags", clean.target, attacked.target))
    elif task == "qa" and clean.texts[1] != attacked.texts[1]:  # answers are edited with their context
        facts.append(("this number of answers:", len(clean.spans), len(attacked.spans)))
    else:
        facts.append(("the answers" if task == "qa" else "the label", clean.target, attacked.target))
    return facts
