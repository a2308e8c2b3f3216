"""How often one key may ask: asked before the key is looked up, so that a flood costs no thread and no look at the database.

Whoever asks too often is told when to come back (RFC 6585, RFC 9110), and told late: who does not listen asks seldom.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

A_SECOND, AT_ONCE = 10.0, 40.0  # requests of a key; of one process
WRONG_A_SECOND, WRONG_AT_ONCE = 1.0, 20.0  # keys that open nothing, of one address
KNOWN = 10_000  # buckets that are remembered
TOGETHER = 8  # requests of a key that are at work
LATE, LATEST, TOLD_A_SECOND = 1.0, 30.0, 10.0  # seconds until a refusal is told; refusals of one key


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """Used from one event loop. Made once per application."""

    def __init__(
        self, a_second: float = A_SECOND, at_once: float = AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._rate, self._most, self._clock = a_second, at_once, clock
        self._buckets: dict[bytes, _Bucket] = {}
        self._late, self._working = Counter[bytes](), Counter[bytes]()

    def take(self, who: str) -> int:
        """0: one more may come. Otherwise whole seconds until one may, one at least."""
        bucket = self._filled(who)
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / self._rate))

    def left(self, who: str) -> bool:
        """Whether `take` would give one; takes none."""
        return self._filled(who).left >= 1

    def _filled(self, who: str) -> _Bucket:
        which, now = _digest(who), self._clock()
        bucket = self._buckets.get(which)
        if bucket is None:
            if len(self._buckets) >= KNOWN:
                self._forget(now)
            bucket = self._buckets[which] = _Bucket(self._most, now)
        bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket

    def _forget(self, now: float) -> None:
        """Those that are full by now are like those nobody knows; of the others the oldest half."""
        emptied = {w: b for w, b in self._buckets.items() if b.left + (now - b.at) * self._rate < self._most}
        self._buckets = dict(sorted(emptied.items(), key=lambda x: x[1].at)[-KNOWN // 2 :])

    async def pause(self, who: str) -> None:
        """Before a refusal: the later, the more of the same are waiting, so that all together are told few a second."""
        which = _digest(who)
        self._late[which] += 1
        try:
            await asyncio.sleep(min(LATEST, max(LATE, self._late[which] / TOLD_A_SECOND)))
        finally:
            self._late[which] -= 1
            if not self._late[which]:
                del self._late[which]

    @contextlib.contextmanager
    def at_work(self, who: str) -> Iterator[bool]:
        """Whether one more of the same may be at work."""
        which = _digest(who)
        may = self._working[which] < TOGETHER
        self._working[which] += may
        try:
            yield may
        finally:
            self._working[which] -= may
            if not self._working[which]:
                del self._working[which]


def _digest(who: str) -> bytes:
    return hashlib.blake2b(who.encode(), digest_size=16).digest()
