"""A large document as it arrives: appended to its file and hashed on the way, the next piece received meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import xxhash

from syncd.core.content import Content
from syncd.portal.api.threads import in_thread

FLUSH = 2_000_000


class Arriving:
    """One writer to a file at a time. `offset`: bytes that it holds, all of them hashed."""

    def __init__(self, path: str) -> None:
        """What an earlier request left there is read once. Raises OSError."""
        self._path, self.offset = path, 0
        self._sha, self._xxh = hashlib.sha256(), xxhash.xxh3_128()
        with open(path, "rb") as f:
            while data := f.read(FLUSH):
                self._hash(data)

    def content(self) -> Content:
        return Content(self.offset, self._sha.digest())

    def xxh3(self) -> str:
        return self._xxh.hexdigest()

    async def take(self, chunks: AsyncIterator[bytes], most: int) -> bool:
        """Until the stream ends, or is cut: what had arrived by then is kept. False when it is more than `most` bytes."""
        pending, held, coming = list[bytes](), 0, self.offset
        writing: asyncio.Future[None] | None = None
        try:
            async for chunk in chunks:
                coming += len(chunk)
                if coming > most:
                    pending = []
                    return False
                pending.append(chunk)
                held += len(chunk)
                if held >= FLUSH:
                    if writing is not None:
                        await writing
                    writing = asyncio.ensure_future(in_thread(self._append, pending))
                    pending, held = [], 0
        finally:
            if writing is not None:
                await writing
            if pending:
                await in_thread(self._append, pending)
        return True

    def _append(self, pieces: list[bytes]) -> None:
        with open(self._path, "ab", buffering=FLUSH) as f:
            f.writelines(pieces)
        for data in pieces:
            self._hash(data)

    def _hash(self, data: bytes) -> None:
        self._sha.update(data)
        self._xxh.update(data)
        self.offset += len(data)
