"""The day ends at the hours of the digest, whether mail is sent or not: guards count anew, and a digest is owed (RULES 5)."""

from __future__ import annotations

from datetime import timedelta

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.wiring.assembly import Store


def end(config: Config, store: Store, now: float) -> bool:
    """Close the guards' windows once one of the hours has passed; whether they were closed."""
    since = store.progress.read().day_ended
    if not since:  # looked at for the first time
        store.progress.change(day_ended=now)
        return False
    if not passed(config, since, now):
        return False
    with store.atomic():
        store.guards.close_windows()
        store.progress.change(day_ended=now, digest_owed=True)
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
