"""The feed's long-poll: one look at the head every quarter of a second, however many engines wait.

Commands write from other processes, so the database is asked; only while somebody waits.
"""

from __future__ import annotations

import asyncio
import time

from syncd.core.exchange import Cursor
from syncd.portal.api.threads import in_thread
from syncd.portal.models import Cabinet

PERIOD = 0.25
_heads: dict[str, tuple[str, int]] = {}
_looked = 0.0
_lock = asyncio.Lock()
_stopping = False


def stop() -> None:
    """The process is asked to end: whoever waits gets the answer of now."""
    global _stopping
    _stopping = True


def stopping() -> bool:
    return _stopping


async def changed_since(cabinet: str, cursor: Cursor, deadline: float) -> bool:
    """True when the head is elsewhere than `cursor`; False after one period without."""
    global _looked
    async with _lock:
        if time.monotonic() - _looked >= PERIOD:
            rows = await in_thread(lambda: list(Cabinet.objects.values_list("id", "epoch", "seq")))
            _heads.clear()
            _heads.update({i: (epoch, seq) for i, epoch, seq in rows})
            _looked = time.monotonic()
    if _heads.get(cabinet) != (cursor.epoch, cursor.seq):
        return True
    await asyncio.sleep(max(0.0, min(PERIOD, deadline - time.monotonic())))
    return False
