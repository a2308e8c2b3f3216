"""How many requests of one kind a key has at work: an engine sends three at a time, and whoever sends thousands waits.

Asked before the key is looked up, so that a flood costs no thread and no look at the database; it is answered late, so that
whoever asks again at once asks seldom.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator

OF_KEY = 32  # requests of one kind at a time: the engine's, its commands', and what a cut line left behind
PAUSE = 2.0  # seconds until one too many is told


class KeyLimits:
    """Used from one event loop. Made once per application."""

    def __init__(self) -> None:
        self._working = Counter[tuple[bytes, str]]()

    @contextlib.contextmanager
    def working(self, key: str, kind: str) -> Iterator[bool]:
        """Whether one more request of this kind may be at work."""
        which = (hashlib.blake2b(key.encode(), digest_size=16).digest(), kind)
        may = self._working[which] < OF_KEY
        self._working[which] += may
        try:
            yield may
        finally:
            self._working[which] -= may
            if not self._working[which]:
                del self._working[which]


async def pause() -> None:
    """Before a refusal that would be answered with the same question."""
    await asyncio.sleep(PAUSE)
