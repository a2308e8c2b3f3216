"""The feed's long-poll: one look at the head every quarter of a second, however many engines wait.

Commands write from other processes, so the database is asked, when its files have moved; only while somebody waits.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from django.conf import settings

from syncd.core.exchange import Cursor
from syncd.portal.api.threads import in_thread
from syncd.portal.models import Cabinet

PERIOD = 0.25
SURELY = 5.0  # asked all the same, whatever the files say
_heads: dict[str, tuple[str, int]] = {}
_looked = 0.0
_seen: tuple[tuple[int, int], ...] = ()
_lock = asyncio.Lock()
_stopping = False


def stop() -> None:
    """The process is asked to end: whoever waits gets the answer of now."""
    global _stopping
    _stopping = True


def stopping() -> bool:
    return _stopping


def _files() -> tuple[tuple[int, int], ...]:
    """Size and time of the embedded database's files: a commit moves them. Empty for a database server."""
    found = []
    for suffix in ("", "-wal"):
        try:
            st = Path(f"{settings.DATABASES['default']['NAME']}{suffix}").stat()
        except (OSError, KeyError):
            continue
        found.append((st.st_size, st.st_mtime_ns))
    return tuple(found)


async def changed_since(cabinet: str, cursor: Cursor, deadline: float) -> bool:
    """True when the head is elsewhere than `cursor`; False after one period without."""
    global _looked, _seen
    async with _lock:
        since, files = time.monotonic() - _looked, _files()
        if since >= SURELY or (since >= PERIOD and (not files or files != _seen)):
            _seen = files
            rows = await in_thread(lambda: list(Cabinet.objects.values_list("id", "epoch", "seq")))
            _heads.clear()
            _heads.update({i: (epoch, seq) for i, epoch, seq in rows})
            _looked = time.monotonic()
    if _heads.get(cabinet) != (cursor.epoch, cursor.seq):
        return True
    await asyncio.sleep(max(0.0, min(PERIOD, deadline - time.monotonic())))
    return False
