"""What the clock does for requests: the month's make themselves, items whose documents went are open again, people are told."""

from __future__ import annotations

import time
from datetime import datetime

from syncd.portal.messages.requests import answers, asking, deposited, reminders

PERIOD = 60.0  # seconds between two looks at the documents that answers name
_looked = 0.0


def round(now: datetime) -> None:
    """Before mail goes out, so that none says what is not so any more."""
    global _looked
    asking.make_due(now)
    deposited.answer_waiting(now)
    if time.monotonic() - _looked >= PERIOD or not _looked:
        _looked = time.monotonic()
        answers.look_again(now)
    reminders.revise(now)
    reminders.gather(now)
