"""The feed's long-poll: one look at the heads for all who wait, as soon as something may have moved.

Whoever waits sleeps until its own cabinet's feed has moved; a waker says when it is worth asking the database, which is
asked now and then in any case; only while somebody waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from syncd.core.protocol import Cursor
from syncd.portal.api.orm_threads import in_thread
from syncd.portal.models import Cabinet
from syncd.portal.waking import waker

OF_CABINET = 20  # who wait at a time: one engine, its commands, and whoever asks again while an answer is lost
SURELY = 5.0  # asked all the same, whatever the waker says
REST = 4.0  # seconds until one who waits is looked at itself: whether anybody is there still


class Heads:
    """The feeds' heads, as one process last saw them. Made once per application."""

    def __init__(self) -> None:
        self.stopping = False
        self._waiting: Counter[str] = Counter()
        self._asleep: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._heads: dict[str, Cursor] = {}
        self._looked = 0.0
        self._lock = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

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
            if not self._waiting[cabinet]:
                del self._waiting[cabinet]
                self._heads.pop(cabinet, None)  # nobody keeps it true any more

    async def moved(self, cabinet: str, cursor: Cursor, deadline: float) -> bool:
        """True when the head is elsewhere than `cursor`; False after a while without."""
        if self._watching is None or self._watching.done():
            self._heads.clear()
            self._watching = asyncio.ensure_future(self._watch())
        if cabinet not in self._heads:
            await self._look({cabinet})
        if self._heads.get(cabinet) != cursor:
            return True
        woken = asyncio.get_running_loop().create_future()
        self._asleep[cabinet].add(woken)
        try:
            await asyncio.wait({woken}, timeout=max(0.0, min(REST, deadline - time.monotonic())))
        finally:
            self._asleep[cabinet].discard(woken)
            if not self._asleep[cabinet]:
                del self._asleep[cabinet]
        return self._heads.get(cabinet) != cursor

    async def _watch(self) -> None:
        """As long as somebody waits."""
        asked = waker()
        self._looked = time.monotonic()
        while not self.stopping:
            found = asked.moved()
            if found is None or time.monotonic() - self._looked >= SURELY:
                self._looked = time.monotonic()
                await self._look(set(self._waiting))
            elif some := self._waiting.keys() & set(found):
                await self._look(some)
            await asyncio.sleep(asked.period)
            if not self._waiting:
                break
        for some_of in list(self._asleep.values()):
            _wake(some_of)

    async def _look(self, cabinets: Collection[str]) -> None:
        async with self._lock:
            wanted = sorted(cabinets)
            rows = await in_thread(lambda: list(_heads(wanted)))
            for cabinet, epoch, seq, tag in rows:
                head = Cursor(epoch, seq, tag)
                if self._heads.get(cabinet) != head:
                    self._heads[cabinet] = head
                    _wake(self._asleep.get(cabinet, ()))


def _heads(cabinets: list[str]) -> Iterator[tuple[str, str, int, str]]:
    for n in range(0, len(cabinets), 500):
        yield from Cabinet.objects.filter(id__in=cabinets[n : n + 500]).values_list("id", "epoch", "seq", "tag")


def _wake(some: Collection[asyncio.Future[None]]) -> None:
    for one in some:
        if not one.done():
            one.set_result(None)
