"""An upload as it arrives: appended to its file, the next piece received meanwhile; the engine's hashed on the way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Sequence

from syncd.core.content import Content
from syncd.portal.api.orm_threads import in_data_thread
from syncd.portal.storage import disk_reserve
from syncd.portal.storage.uploads import ledger

FLUSH = 1_000_000  # bytes of one upload in memory, while there are few;
TOGETHER = 16_000_000  # hundreds may arrive at once, some never: they share these
READ = 2_000_000


class Arriving:
    """One writer to a file at a time. `offset`: bytes that it holds. Raises OSError when the file is not there."""

    under_way = 0  # in this process, all of them together

    def __init__(self, path: str) -> None:
        self._path, self.offset = path, os.path.getsize(path)

    async def take(self, chunks: AsyncIterator[bytes], most: int) -> bool:
        """Until the stream ends, or is cut: what had arrived by then is kept. False when it is more than `most` bytes."""
        pending, held, coming = list[bytes](), 0, self.offset
        writing: asyncio.Future[None] | None = None
        Arriving.under_way += 1
        try:
            async for chunk in chunks:
                coming += len(chunk)
                if coming > most:
                    pending = []
                    return False
                pending.append(chunk)
                held += len(chunk)
                if held >= min(FLUSH, TOGETHER // Arriving.under_way):
                    if writing is not None:
                        await writing
                    writing = asyncio.ensure_future(in_data_thread(self._append, pending))
                    pending, held = [], 0
        finally:
            Arriving.under_way -= 1
            if writing is not None:
                await writing
            if pending:
                await in_data_thread(self._append, pending)
        return True

    def _append(self, pieces: Sequence[bytes]) -> None:
        """All of them or, when the disk does not take them, nothing. What was taken away meanwhile is not made anew."""
        count = sum(map(len, pieces))
        disk_reserve.admit(os.path.dirname(self._path), count)
        try:
            with open(self._path, "ab", buffering=FLUSH, opener=_existing) as f:
                f.writelines(pieces)
        except OSError:
            with contextlib.suppress(OSError):
                os.truncate(self._path, self.offset)
            raise
        self.offset += count
        ledger().came(self._path, count)


def _existing(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_CREAT)


class Hashed(Arriving):
    """What an earlier request left there is read once: for uploads that come in one request, unless they are cut."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._sha = hashlib.sha256()
        with open(path, "rb") as f:
            while data := f.read(READ):
                self._sha.update(data)

    def content(self) -> Content:
        return Content(self.offset, self._sha.digest())

    def _append(self, pieces: Sequence[bytes]) -> None:
        super()._append(pieces)
        for data in pieces:
            self._sha.update(data)
