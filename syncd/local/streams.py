"""Large documents to and from disk, a chunk at a time, resumable."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import aiofiles

from syncd.core.content import Stamp
from syncd.disk.hashing import Changed, stamp_of

CHUNK = 1024 * 1024


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
    """A temporary file that survives a restart; what it holds already is not fetched again."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def offset(self) -> int:
        return os.stat(self._path).st_size if os.path.exists(self._path) else 0

    async def write(self, offset: int, chunk: bytes) -> None:
        async with aiofiles.open(self._path, "r+b" if offset else "wb") as f:
            await f.seek(offset)
            await f.write(chunk)
