"""A client's legal dates, from its card's facts and the rules: pure, so that the same facts give the same dates anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from syncd.core.fiscal_facts import Facts
from syncd.portal.calendar import rule_files
from syncd.portal.calendar.day_tables import day_of
from syncd.portal.calendar.due_dates import due_days, shifted
from syncd.portal.calendar.periods import Period, add_months, containing, exercises, of_calendar
from syncd.portal.calendar.rules import Basis, Every, Rule, Rulebook

_BEFORE = 25  # months: how long before its due day a period may begin
_KEPT = 2048
_AROUND = timedelta(days=800)


class Event(msgspec.Struct, frozen=True):
    """One obligation for one period. `key`: its name for good, whatever its day becomes; `day`: when it is due; `legal`: the day
    as the rule counts it, before it went to a working day; `number`: of an instalment, from 1, else 0."""

    key: str
    rule: Rule
    start: date
    end: date
    day: date
    legal: date
    number: int = 0


class Calendar(msgspec.Struct, frozen=True):
    """`missing`: the facts of the card without which some obligations cannot be told, by name: said, never guessed.
    `irregular`: exercises of which the instalments cannot be told."""

    events: tuple[Event, ...] = ()
    missing: tuple[str, ...] = ()
    irregular: tuple[tuple[date, date], ...] = ()


class Generator:
    """Of one rulebook. What a rule over months and years gives is the same for all whom it concerns: made once, and shared."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self._shared: dict[tuple[int, int, date, date], tuple[Event, ...]] = {}

    def calendar(self, facts: Facts, first: date, last: date) -> Calendar:
        """What is due from `first` to `last`, by day."""
        return _Generation(self, facts, first, last).made()

    def shared(
        self, n: int, day: int, first: date, last: date, make: Callable[[], Sequence[Event]]
    ) -> tuple[Event, ...]:
        """What the `n`-th rule gives in that time; `day`: of the month, by its table."""
        if len(self._shared) > _KEPT:
            self._shared.clear()
        if (key := (n, day, first, last)) not in self._shared:
            self._shared[key] = tuple(make())
        return self._shared[key]


@lru_cache(maxsize=1)
def _shipped() -> Generator:
    return Generator(rule_files.shipped())


@lru_cache(maxsize=4096)
def calendar(facts: Facts, first: date, last: date) -> Calendar:
    """By the rules that come with the portal, which change with it alone: worked out once for each card."""
    return _shipped().calendar(facts, first, last)


class _Generation:
    def __init__(self, by: Generator, facts: Facts, first: date, last: date) -> None:
        self.by, self.book, self.facts, self.first, self.last = by, by.book, facts, first, last
        self.exercises = exercises(facts, first - _AROUND, last + _AROUND)
        self.missing: set[str] = set()
        self.irregular: set[tuple[date, date]] = set()

    def made(self) -> Calendar:
        events: list[Event] = []
        for n, rule in enumerate(self.book.rules):
            unsaid = unsaid_of(rule, self.facts, self.exercises)
            if unsaid is None:
                continue
            if unsaid:
                self.missing |= unsaid
            else:
                events += self.of_rule(n, rule)
        events.sort(key=lambda e: (e.day, e.key))
        return Calendar(tuple(events), tuple(sorted(self.missing)), tuple(sorted(self.irregular)))

    def of_rule(self, n: int, rule: Rule) -> Sequence[Event]:
        day = 0
        if isinstance(rule.due.day, str) and rule.due.day in self.book.tables:
            found = day_of(self.book.tables[rule.due.day], self.facts)
            if isinstance(found, str):
                self.missing.add(found)
                return ()
            day = found

        def make() -> list[Event]:
            return [event for period in self.periods(rule) for event in self.of_period(rule, period, day)]

        if rule.every is Every.EXERCISE or rule.basis in (Basis.EXERCISE, Basis.DUE_EXERCISE):
            return make()
        return self.by.shared(n, day, self.first, self.last, make)

    def periods(self, rule: Rule) -> Sequence[Period]:
        if rule.every is Every.EXERCISE:
            return self.exercises
        return _periods(rule.every, date(*add_months(self.first, -_BEFORE), 1), self.last)

    def of_period(self, rule: Rule, period: Period, day: int) -> list[Event]:
        if not self.closes(rule, period):
            return []
        days = due_days(rule.due, period, day)
        if (
            rule.due.kind == "instalments"
            and not period.regular
            and self.first <= period.end
            and period.start <= self.last
        ):
            self.irregular.add((period.start, period.end))
        several, events = len(days) > 1, []
        for n, legal in enumerate(days, 1):
            due = shifted(legal) if rule.shift else legal
            if self.first <= due <= self.last and self.holds(rule, period, legal):
                key = f"{rule.id}@{period.end:%Y-%m-%d}{f'-{n}' if several else ''}"
                events.append(Event(key, rule, period.start, period.end, due, legal, n if several else 0))
        return events

    def holds(self, rule: Rule, period: Period, legal: date) -> bool:
        """A period belongs to the rule under which it began; of an exercise, to the one under which that began."""
        match rule.basis:
            case Basis.PERIOD:
                asked: date | None = period.start
            case Basis.DUE:
                asked = legal
            case Basis.EXERCISE:
                asked = period.start if rule.every is Every.EXERCISE else self.opened(period.end)
            case Basis.DUE_EXERCISE:
                asked = self.opened(legal)
        return asked is not None and rule.valid_from <= asked <= rule.valid_to

    def opened(self, day: date) -> date | None:
        """When the exercise around a day began; a card that does not say it lacks that."""
        around = containing(self.exercises, day)
        if around is None:
            self.missing.add("closing_day")
        return around.start if around else None

    def closes(self, rule: Rule, period: Period) -> bool:
        """Whether an exercise closes on the day that the rule asks for."""
        if rule.every is not Every.EXERCISE:
            return True
        at = f"{period.end:%m-%d}"
        return at in rule.applies.get("closing_day", (at,)) and at not in rule.applies.get("closing_day_not", ())


def unsaid_of(rule: Rule, facts: Facts, found: Sequence[Period]) -> set[str] | None:
    """The facts that are missing to say whether the rule concerns the client; none: it does; None: it does not."""
    unsaid: set[str] = set()
    for name, words in rule.applies.items():
        fact = name.removesuffix("_not")
        if fact == "flags":
            if not (facts.flags.isdisjoint(words) if fact != name else facts.flags.issuperset(words)):
                return None
            continue
        if fact == "closing_day" and rule.every is Every.EXERCISE:
            continue  # asked of each exercise
        value = getattr(facts, fact)
        if not value:
            unsaid.add(fact)
        elif (value in words) != (fact == name):
            return None
    if (rule.every is Every.EXERCISE or rule.basis in (Basis.EXERCISE, Basis.DUE_EXERCISE)) and not found:
        unsaid.add("closing_day")
    return unsaid


@lru_cache(maxsize=256)
def _periods(every: Every, first: date, last: date) -> tuple[Period, ...]:
    """Shared by all clients of one look."""
    return tuple(of_calendar(every, first, last))
