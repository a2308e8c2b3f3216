"""The feed's long-poll: one look at the head every quarter of a second, however many engines wait.

Commands write from other processes, so the database is asked, when its files have moved; only while somebody waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from syncd.core.protocol import Cursor
from syncd.portal.api.orm_threads import in_thread
from syncd.portal.models import Cabinet

PERIOD = 0.25
OF_CABINET = 20  # who wait at a time: one engine, its commands, and whoever asks again while an answer is lost
SURELY = 5.0  # asked all the same, whatever the files say


class Heads:
    """The feeds' heads, as one process last saw them. Made once per application."""

    def __init__(self) -> None:
        self.stopping = False
        self._waiting: Counter[str] = Counter()
        self._heads: dict[str, Cursor] = {}
        self._looked = 0.0
        self._files: tuple[tuple[int, int], ...] = ()
        self._lock = asyncio.Lock()

    def stop(self) -> None:
        """The process is asked to end: whoever waits gets the answer of now."""
        self.stopping = True

    @contextlib.contextmanager
    def waits(self, cabinet: str) -> Iterator[bool]:
        """Whether one more of this cabinet's may wait."""
        may = self._waiting[cabinet] < OF_CABINET
        self._waiting[cabinet] += may
        try:
            yield may
        finally:
            self._waiting[cabinet] -= may

    async def moved(self, cabinet: str, cursor: Cursor, deadline: float) -> bool:
        """True when the head is elsewhere than `cursor`; False after one period without."""
        async with self._lock:
            since, files = time.monotonic() - self._looked, _database_files()
            if since >= SURELY or (since >= PERIOD and (not files or files != self._files)):
                rows = await in_thread(lambda: list(Cabinet.objects.values_list("id", "epoch", "seq", "tag")))
                self._heads = {i: Cursor(epoch, seq, tag) for i, epoch, seq, tag in rows}
                self._files, self._looked = files, time.monotonic()
        if self._heads.get(cabinet) != cursor:
            return True
        await asyncio.sleep(max(0.0, min(PERIOD, deadline - time.monotonic())))
        return False


def _database_files() -> tuple[tuple[int, int], ...]:
    """Size and time of the embedded database's files: a commit moves them. Empty for a database server."""
    found = []
    for suffix in ("", "-wal"):
        try:
            st = Path(f"{settings.DATABASES['default']['NAME']}{suffix}").stat()
        except (OSError, KeyError):
            continue
        found.append((st.st_size, st.st_mtime_ns))
    return tuple(found)
