"""Tasks that people plan at the cabinet's desk: what the engine is to do at set times, and what became of it.

When is said as people choose it; its next moment the engine alone knows, by the cabinet's clock (`schedule/`).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from syncd.core.wire_types import Count, Handle, Id, Moment, Text, Word

MOST = 50  # tasks of one cabinet
MOST_MINUTES = 1440
STEPS = (1, 2, 3, 4, 6, 8, 12)  # hours between two launches of a day
LAST_DAY = 0  # in the place of a day of the month
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(StrEnum):
    SYNCHRONISE = "synchronise"
    MIGRATE = "migrate"


class Frequency(StrEnum):
    ONCE = "once"
    SEVERAL = "several"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class When(msgspec.Struct, frozen=True):
    """`first`: no launch before that day and `minute` (of the day), by the cabinet's clock. `every`: hours between two launches of a
    day (SEVERAL). `days`: Monday is 0 (WEEKLY); or days of the month, LAST_DAY for its last (MONTHLY)."""

    frequency: Word
    first: date
    minute: Count
    every: Count = 0
    days: tuple[Count, ...] = ()


class DeskTask(msgspec.Struct, frozen=True):
    """One that is switched on. `kind`: a word of Kind, or of a later version. `source`: the old tree that is migrated, by the name
    it has in the cabinet's configuration. `max_minutes`: 0 for no end."""

    id: Id
    kind: Word
    when: When
    source: Text = ""
    max_minutes: Count = 0


class Launch(msgspec.Struct, frozen=True):
    """The last time it was done. `started` 0: never; `ended` 0: it still is. `verdict`: a word of Verdict, with `counts` of
    documents; `reason`: why it was given up, '' when it was not, with `cause`, what the system said of it."""

    started: Moment = 0.0
    ended: Moment = 0.0
    verdict: Word = ""
    counts: dict[Word, Count] = {}
    reason: Word = ""
    cause: Text = ""


class TaskState(msgspec.Struct, frozen=True):
    """`next`: when it is due, 0 for never again."""

    task: Handle
    next: Moment = 0.0
    last: Launch = Launch()


class ConfiguredJob(msgspec.Struct, frozen=True):
    """A job of the engine's configuration file, which people see beside their tasks. `when`: as it is written there."""

    name: Text
    when: Text
    kind: Word = Kind.SYNCHRONISE.value
    clients: tuple[Text, ...] = ()
    active: bool = True
    first: date | None = None
    max_minutes: Count = 0
    next: Moment = 0.0
    last: Launch = Launch()


class TaskReport(msgspec.Struct, frozen=True):
    """What an engine tells when it asks for the tasks. `instance`: of the service that asks. `sources`: names of the old trees that a
    task may migrate. `jobs`: of its configuration. `states`: of the tasks that it has."""

    instance: Handle
    sources: tuple[Text, ...] = ()
    jobs: tuple[ConfiguredJob, ...] = ()
    states: tuple[TaskState, ...] = ()


class Tasks(msgspec.Struct, frozen=True):
    """What the cabinet's people planned. `revision`: grows with each change."""

    revision: Count
    tasks: tuple[DeskTask, ...] = ()


class HeldTasks(msgspec.Struct, frozen=True):
    """What an engine keeps of them. `last`: launches, by a task's id or a `job_key`."""

    revision: Count = 0
    tasks: tuple[DeskTask, ...] = ()
    last: dict[str, Launch] = {}


def job_key(name: str) -> str:
    """No task's id looks so."""
    return f"job {name}"


def calendar_text(when: When) -> str:
    """As `schedule.calendar` reads it. Raises ValueError for what this version does not know, or no calendar has."""
    if when.minute >= MOST_MINUTES:
        raise ValueError("no minute of a day")
    at = f"{when.minute // 60:02}:{when.minute % 60:02}"
    match when.frequency:
        case Frequency.ONCE:
            return f"once {when.first.isoformat()} {at}"
        case Frequency.SEVERAL if when.every in STEPS:
            hours = sorted((when.minute // 60 + n) % 24 for n in range(0, 24, when.every))
            return f"daily {' '.join(f'{hour:02}:{when.minute % 60:02}' for hour in hours)}"
        case Frequency.DAILY:
            return f"daily {at}"
        case Frequency.WEEKLY if when.days and max(when.days) < len(_DAYS):
            return f"weekly {' '.join(_DAYS[day] for day in sorted(set(when.days)))} {at}"
        case Frequency.MONTHLY if when.days and max(when.days) <= 31:
            days = sorted(set(when.days), key=lambda day: day or 32)
            return f"monthly {' '.join(str(day) if day != LAST_DAY else 'last' for day in days)} {at}"
    raise ValueError("a frequency that this version does not know")
