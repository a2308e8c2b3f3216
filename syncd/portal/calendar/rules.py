"""Fiscal rules as values: whom one concerns, over which periods, when it is due, and where that is written."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

import msgspec

STALE = timedelta(days=365)


class Every(StrEnum):
    """The periods that an obligation follows. EXERCISE: the client's own; the others are of the calendar."""

    MONTH = "month"
    TWO_MONTHS = "two_months"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"
    EXERCISE = "exercise"


class Basis(StrEnum):
    """What a rule's validity is asked of: the first day of the period, of the exercise in which that ends, the due day, or the
    first day of the exercise in which that lies."""

    PERIOD = "period"
    EXERCISE = "exercise"
    DUE = "due"
    DUE_EXERCISE = "due_exercise"


class Due(msgspec.Struct, frozen=True):
    """When it is due, by `kind`:

    - `after_period`: `day` of the `months`-th month after the period's last; `day`: a number, `last`, `same` (as the period's
      last day), or the name of a table of days;
    - `in_month`: `day` of `month`, `years` after the period ends;
    - `working_day`: the `n`-th working day after `after` (« 05-01 »), `years` after the period ends;
    - `open_day`: the `n`-th day but Sundays and holidays of the `months`-th month after the period;
    - `ten_days`: ten days after the period ends, or with the month where that is sooner;
    - `instalments`: four, every three months on `day`; `first`: by the day on which the exercise before closed, the month of
      the first one.

    `plus_days`: what is given on top of that day.
    """

    kind: str
    months: int = 0
    month: int = 0
    day: int | str = 0
    after: str = ""
    n: int = 0
    years: int = 0
    plus_days: int = 0
    first: tuple[tuple[str, str, int], ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """`applies`: by fact, the words of which one must hold (`flags`: all of them; `…_not`: none). `kind`: of the folders that
    its documents lie in, by which people see it; `documents`: words of a name by which one of them is known."""

    id: str
    title: str
    title_en: str
    every: Every
    due: Due
    source: str
    seen: date
    kind: str
    applies: dict[str, tuple[str, ...]] = {}
    forms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    shift: bool = True
    valid_from: date = date.min
    valid_to: date = date.max
    basis: Basis = Basis.PERIOD
    verified_on: date | None = None
    note: str = ""

    def to_check(self, today: date) -> bool:
        """Nobody verified it, or a year ago: the cabinet is told."""
        return self.verified_on is None or today - self.verified_on > STALE


class DayRow(msgspec.Struct, frozen=True):
    """One line of a table of days: whom it concerns, and the day. Empty: whoever."""

    day: int
    departments: tuple[str, ...] = ()
    legal_forms: tuple[str, ...] = ()
    initials: str = ""
    siren: tuple[int, int] | None = None


class Rulebook(msgspec.Struct, frozen=True):
    """All rules in force somewhen, and the tables of days that they name."""

    rules: tuple[Rule, ...] = ()
    tables: dict[str, tuple[DayRow, ...]] = {}
