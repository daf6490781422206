"""Records of several languages, as a column of theirs tells: cut by language, attacked, and put together in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from charrobust.errors import RecipeError, UserError, hint
from charrobust.perturb import Attack, language_codes
from charrobust.tasks.records import Batch, Perturbation, Place, Record


def perturbed_by_language(
    perturb: Callable[[Batch, Attack], Perturbation], batch: Batch, attack: Attack, column: str
) -> Perturbation:
    """Attack the records of each language with the attack in that language.

    Args:
        perturb: What attacks records of one language.
        batch: The records.
        attack: The attack.
        column: The column that holds the code of each record's language.

    Returns:
        The attacked records in their order, and the edits made to them.

    Raises:
        UserError: The attack is in a language already, or cannot be had in one of the records.
        DataError: A record has no language, or one that is not known.
    """
    if attack.recipe.language:
        raise UserError(
            f"the recipe {attack.recipe.name!r} is in a language already, and the column {column!r} tells one for each "
            "record; leave out one of them"
        )
    known = frozenset(language_codes())
    places_of: dict[str, list[int]] = {}
    for number, (_, record, place) in enumerate(batch.rows()):
        places_of.setdefault(_language_of(record, place, column, known), []).append(number)
    perturbed = Perturbation(list(batch.records))
    for language, numbers in places_of.items():
        part = perturb(batch.part(numbers), _in_language(attack, language))
        for number, record in zip(numbers, part.records, strict=True):
            perturbed.records[number] = record
        perturbed.logs += part.logs
        perturbed.tally.add(part.tally)
    return perturbed


def _language_of(record: Record, place: Place, column: str, known: frozenset[str]) -> str:
    """Return the code of a record's language.

    Raises:
        DataError: There is none, or it is not known.
    """
    if column not in record:
        raise place.error(f"column {column!r} (for languages) is missing; {hint(column, map(str, record))}")
    code = record[column]
    # Only those that ship: what stands in data must not name files that are read.
    if not isinstance(code, str) or code not in known:
        raise place.error(f"column {column!r} holds the unknown language {code!r}; {hint(str(code), known)}")
    return code


def _in_language(attack: Attack, language: str) -> Attack:
    """Return the attack in a language.

    Raises:
        RecipeError: One of its operators cannot be had in it.
    """
    try:
        return attack.in_language(language)
    except RecipeError as error:
        raise RecipeError(f"language {language!r}: {error}") from error


def language_counts(batches: Iterable[Batch], column: str) -> str:
    """Say how many records there are of each language.

    Args:
        batches: The records.
        column: The column that tells their languages.

    Returns:
        The counts, as a reader of results should know them.
    """
    counts = Counter(str(record.get(column)) for batch in batches for record in batch.records)
    return f"languages of the records by column {column!r}: " + ", ".join(
        f"{language} {count:,}" for language, count in sorted(counts.items())
    )
