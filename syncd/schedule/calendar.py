"""Calendar expressions as people write them: `daily 12:00 18:30`, `weekly mon thu 07:30`, `monthly 1 15 06:00`,
`once 2026-12-01 08:00`, or the five fields of cron."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from syncd.core import untrusted_numbers

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_HELP = "write 'daily 12:00 18:30', 'weekly mon thu 07:30', 'monthly 1 15 06:00', 'once 2026-12-01 08:00', or cron's five fields"


class Calendar(msgspec.Struct, frozen=True):
    """`text`: as it was written; `crons`: five fields each, in the cabinet's time zone; `once`: the one moment, local."""

    text: str
    crons: tuple[str, ...] = ()
    once: datetime | None = None

    def next(self, after: datetime) -> datetime | None:
        """The first moment later than `after` (aware), daylight saving taken care of; None when there is none."""
        if self.once is not None:
            moment = self.once.replace(tzinfo=after.tzinfo)
            return moment if moment > after else None
        from cronsim import CronSim

        return min((next(CronSim(cron, after)) for cron in self.crons), default=None)


def calendar(text: str) -> Calendar:
    """Raises ValueError with what to write instead."""
    word, *rest = text.split() or [""]
    if word == "once":
        try:
            return Calendar(text, once=datetime.strptime(" ".join(rest), "%Y-%m-%d %H:%M"))  # noqa: DTZ007 (local by design)
        except ValueError:
            raise ValueError(_HELP) from None
    times = [clock_time(t) for t in rest if ":" in t]
    others = [t.lower().rstrip(",") for t in rest if ":" not in t]
    if word == "daily" and times and not others:
        return Calendar(text, tuple(f"{m} {h} * * *" for h, m in times))
    if word == "weekly" and times and others:
        return Calendar(text, tuple(f"{m} {h} * * {','.join(_day(d) for d in others)}" for h, m in times))
    if word == "monthly" and times and others:
        return Calendar(text, tuple(f"{m} {h} {_month_days(others)} * *" for h, m in times))
    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(text, datetime(2026, 1, 1)))  # noqa: DTZ001 (only whether it can be read)
    except (CronSimError, StopIteration):
        raise ValueError(_HELP) from None
    return Calendar(text, (text,))


def clock_time(text: str) -> tuple[int, int]:
    """`18:00` → (18, 0). Raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2}),?", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"'{text}' is no time of day: write it as 18:00")
    return int(found[1]), int(found[2])


def _day(text: str) -> str:
    if text[:3] not in _DAYS:
        raise ValueError(f"'{text}' is no day: use {', '.join(_DAYS)}")
    return str(_DAYS.index(text[:3]))


def _month_days(texts: Sequence[str]) -> str:
    if not all(t == "last" or untrusted_numbers.number(t, 31) for t in texts):
        raise ValueError("give the days of a month as 1 15, or last")
    return ",".join("L" if t == "last" else t for t in texts)


class Step(msgspec.Struct, frozen=True):
    """From a time of day on: bytes per second; None: as fast as it goes; 0: nothing is transferred."""

    minute: int
    rate: float | None


class Bandwidth(msgspec.Struct, frozen=True):
    """Steps by time of day; before the first of them the last one holds, yesterday's. None: no limit."""

    text: str = ""
    steps: tuple[Step, ...] = ()

    def rate(self, now: datetime) -> float | None:
        """Bytes per second at a moment of the cabinet's day."""
        if not self.steps:
            return None
        minute = now.hour * 60 + now.minute
        return next((s.rate for s in reversed(self.steps) if s.minute <= minute), self.steps[-1].rate)


def bandwidth(text: str) -> Bandwidth:
    """`08:00 1M, 19:00 off`. Raises ValueError."""
    steps = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        at, _, rate = part.partition(" ")
        hour, minute = clock_time(at)
        steps.append(Step(hour * 60 + minute, _rate(rate.strip())))
    return Bandwidth(text, tuple(sorted(steps, key=lambda s: s.minute)))


def _rate(text: str) -> float | None:
    if text == "off":
        return None
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([kKmMgG]?)", text)
    if not found:
        raise ValueError(f"'{text}' is no rate: write 500k or 2M bytes per second, 0 for no transfer, off for no limit")
    return float(found[1]) * {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[found[2].lower()]
