"""The day ends at the hours of the digest, whether mail is sent or not: guards count anew, and a digest is owed (RULES 5)."""

from __future__ import annotations

from datetime import timedelta

from syncd.config.model import Config
from syncd.config.times import local_time
from syncd.state.store import Store

ROW = "digest_at"  # when the day last ended, or was first looked at
OWED = "digest_owed"  # '1' until it went into the outbox


def end(config: Config, store: Store, now: float) -> bool:
    """Close the guards' windows once one of the hours has passed; whether they were closed."""
    since = store.get(ROW)
    if not since:
        store.set(ROW, repr(now))
        return False
    if not passed(config, float(since), now):
        return False
    with store.atomic():
        store.close_windows()
        store.set(ROW, repr(now))
        store.set(OWED, "1")
    return True


def passed(config: Config, since: float, now: float) -> bool:
    """Whether one of the hours of `[mail] send_at` lies between."""
    from syncd.schedule.calendar import clock_time

    local = local_time(config, now)
    for text in config.mail.send_at:
        hour, minute = clock_time(text)
        for day in (local, local - timedelta(days=1)):
            if since < day.replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp() <= now:
                return True
    return False
