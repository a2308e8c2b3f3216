"""When people are reminded of a request: a pure function over dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count

import msgspec

Rests = Callable[[date], bool]
"""Whether nobody is written to on a day."""

FIRST = 120  # days looked ahead for one that is no rest


class Cadence(msgspec.Struct, frozen=True):
    """Days `before` and `after` the due date, then `every` so many days after the last of those; 0: no more."""

    before: tuple[int, ...] = (7, 1)
    after: tuple[int, ...] = (3,)
    every: int = 7


def reminders(made: date, due: date, cadence: Cadence, rests: Rests) -> Iterator[date]:
    """The days on which the people of a request are told of it, ascending, the first being the day it is made; each moved to the
    next day that is no rest. Without end where `every` is."""
    last = date.min
    for day in _planned(made, due, cadence):
        at = open_day(day, rests)
        if at > last:
            yield at
            last = at


def next_reminder(made: date, due: date, cadence: Cadence, after: date, rests: Rests) -> date | None:
    """The first of those days after `after`; None: there is none any more."""
    return next((day for day in reminders(made, due, cadence, rests) if day > after), None)


def fell_due(
    made: date, due: date, cadence: Cadence, told: date | None, today: date, rests: Rests, pressed: date | None = None
) -> bool:
    """Whether a reminder's day has come that somebody was not told on, who was last `told` on a day (None: never). `pressed`:
    a day on which the cabinet reminded by hand."""
    if pressed is not None and (told is None or told < pressed) and pressed <= today:
        return True
    at = next_reminder(made, due, cadence, told or date.min, rests)
    return at is not None and at <= today


def open_day(day: date, rests: Rests) -> date:
    """The day itself, or the next that is no rest."""
    return next(at for n in range(FIRST) if not rests(at := day + timedelta(n)))


def _planned(made: date, due: date, cadence: Cadence) -> Iterator[date]:
    yield made
    around = [due - timedelta(n) for n in cadence.before] + [due + timedelta(n) for n in cadence.after]
    yield from sorted(day for day in around if day > made)
    if not cadence.every:
        return
    last = max([made, due, *around])
    yield from (last + timedelta(cadence.every * n) for n in count(1))
