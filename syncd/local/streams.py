"""Large documents to and from disk, a chunk at a time, resumable."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence

import aiofiles

from syncd.core.content import Content, Stamp
from syncd.disk.hashing import Changed, hash_file, stamp_of

CHUNK = FLUSH = 1024 * 1024


class FileSource:
    """Raises Changed when the document is not, or no longer, what was scanned."""

    def __init__(self, path: str, expect: Stamp) -> None:
        self._path, self._expect, self.size = path, expect, expect.size

    async def chunks(self, offset: int) -> AsyncIterator[bytes]:
        async with aiofiles.open(self._path, "rb") as f:
            if stamp_of(os.fstat(f.fileno())) != self._expect:
                raise Changed(f"{self._path} changed")
            await f.seek(offset)
            while chunk := await f.read(CHUNK):
                yield chunk
            if stamp_of(os.fstat(f.fileno())) != self._expect:
                raise Changed(f"{self._path} changed while it was read")


class FileSink:
    """A temporary file that survives a restart; what it holds already is not fetched again.

    What it is given in one go, from the first byte to the last, is hashed on the way.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._sha, self._hashed = hashlib.sha256(), 0

    async def offset(self) -> int:
        return os.stat(self._path).st_size if os.path.exists(self._path) else 0

    async def write(self, offset: int, *pieces: bytes) -> None:
        await asyncio.to_thread(self._write, offset, pieces)

    async def content(self) -> Content:
        """Of what the file holds now."""
        if self._hashed == await self.offset():
            return Content(self._hashed, self._sha.digest())
        return (await asyncio.to_thread(hash_file, self._path))[0]

    def _write(self, offset: int, pieces: Sequence[bytes]) -> None:
        with open(self._path, "r+b" if offset else "wb", buffering=FLUSH) as f:
            f.seek(offset)
            f.writelines(pieces)
        if not offset:
            self._sha, self._hashed = hashlib.sha256(), 0
        if offset != self._hashed:  # it goes on with what an earlier run had
            self._hashed = -1
            return
        for piece in pieces:
            self._sha.update(piece)
            self._hashed += len(piece)
