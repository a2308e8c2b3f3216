"""Jobs of the calendar, and the timetable of a service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from syncd.ports.timetable import Due
from syncd.schedule.calendar import Calendar


class Job(msgspec.Struct, frozen=True):
    """A pass at set times. `clients`: codes, empty for all; `start`: not before that day; `max_duration`: seconds.

    `migrate`: not a pass but a migration, out of this old tree; `map`: by this mapping file, '' by directories' names.
    """

    name: str
    calendar: Calendar
    clients: frozenset[str] = frozenset()
    start: date | None = None
    active: bool = True
    max_duration: float | None = None
    migrate: str = ""
    map: str = ""

    def next(self, after: datetime) -> datetime | None:
        """The first moment later than `after`; None when it is not active or never comes again."""
        if not self.active:
            return None
        if self.start is not None and after.date() < self.start:
            after = datetime.combine(self.start, time.min, after.tzinfo)
        return self.calendar.next(after)


class Calendars:
    """The timetable that several jobs make together."""

    def __init__(self, jobs: Sequence[Job], timezone: str) -> None:
        self.jobs, self.zone = jobs, ZoneInfo(timezone)

    def next(self, after: float) -> Due | None:
        moment = datetime.fromtimestamp(after, self.zone)
        coming = [
            Due(at.timestamp(), job.name, job.clients, job.max_duration)
            for job in self.jobs
            if (at := job.next(moment)) is not None
        ]
        return min(coming, key=lambda due: due.at, default=None)
