"""All searches of a data set, run together: what they want to know is asked in one go.

Each search is a generator that knows nothing of the others. They advance in rounds: of each active one some states are
taken, texts that are known of its record are left out, so are those that the system reads as it read another one, and
the rest is asked at once, however many records it comes from. What a search sees, and what it counts, hangs on its own
record alone; so the outcome is the same for any number of states a round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from charrobust.search.answers import Remembered
from charrobust.search.course import Course, Form, Key
from charrobust.search.judging import Judge
from charrobust.search.states import Value
from charrobust.search.units import Unit

ROUND = 2048  # states of a round, about: enough to fill many batches of like length
Said = dict[Key, tuple[Hashable, Value]]


def run_courses(
    units: Iterable[Unit],
    begin: Callable[[Unit], Course],
    judge: Judge,
    *,
    remembered: Remembered,
    size: int,
    most: int,
) -> Iterator[Course]:
    """Search records together.

    Args:
        units: The records; each is begun when there is room.
        begin: Begins the search in a record.
        judge: Asks the system.
        remembered: What it was asked in other searches; it is added to.
        size: States of a round, about.
        most: States of a record in a round at most.

    Yields:
        Each search when it has ended; not in order.
    """
    waiting = iter(units)
    active: list[Course] = []
    while True:
        wanted = sum(min(most, course.pending) for course in active)
        # No more records than are needed to fill a round: each remembers what it was told.
        while wanted < size and (unit := next(waiting, None)) is not None:
            active.append(begin(unit))
            wanted += min(most, active[-1].pending)
        if not active:
            return
        _round(active, judge, remembered, most)
        yield from (course for course in active if course.is_done)
        active = [course for course in active if not course.is_done]


def _round(active: Sequence[Course], judge: Judge, remembered: Remembered, most: int) -> None:
    """Ask what the searches want to know, at most so many states of each."""
    begun = time.perf_counter()
    forms = [course.next_forms(most) for course in active]
    said = _asked(active, forms, judge, remembered)
    for course, of_course, answers in zip(active, forms, said, strict=True):
        course.receive(of_course, answers)
    share = (time.perf_counter() - begun) / max(1, sum(map(len, forms)))
    for course, of_course in zip(active, forms, strict=True):
        course.seconds += share * len(of_course)


def _asked(
    active: Sequence[Course], forms: Sequence[Sequence[Form]], judge: Judge, remembered: Remembered
) -> list[Said]:
    """Return what the system reads and says of the texts that each search does not know yet."""
    unknown: list[tuple[int, Form]] = []
    for number, (course, of_course) in enumerate(zip(active, forms, strict=True)):
        unknown += [(number, form) for form in course.unknown(of_course)]
    readings = judge.readings(form.examples for _, form in unknown)
    # What a record was read as before, in this round or an earlier one, is not asked again.
    values: dict[tuple[int, Hashable], Value] = {}
    new: dict[tuple[int, Hashable], Form] = {}
    for (number, form), reading in zip(unknown, readings, strict=True):
        course = active[number]
        known = course.known_reading(reading)
        if known is None:
            known = remembered.value(course.unit.key, form.key)
        if known is None:
            new.setdefault((number, reading), form)
        else:
            values[number, reading] = known
    asked = [(active[number].unit, form) for (number, _), form in new.items()]
    answers = judge.values([(unit, form.examples) for unit, form in asked])
    for (unit, form), value in zip(asked, answers, strict=True):
        remembered.add(unit.key, form.key, value)
    values |= zip(new, answers, strict=True)
    said: list[Said] = [{} for _ in active]
    for (number, form), reading in zip(unknown, readings, strict=True):
        said[number][form.key] = (reading, values[number, reading])
    return said
