"""Large documents to and from disk, a chunk at a time, resumable."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence

from syncd.core import modified_dates
from syncd.core.content import Content, Stamp
from syncd.disk import open_document
from syncd.disk.directory import Directory, NotOurs
from syncd.disk.hashing import Changed, hash_open, stamp_of
from syncd.disk.open_document import date

CHUNK = FLUSH = 1024 * 1024


class FileSource:
    """`opened`: the document, anew each time. Raises Changed when it is not, or no longer, what was scanned."""

    def __init__(self, opened: Callable[[], int], expect: Stamp) -> None:
        self._opened, self._expect, self.size = opened, expect, expect.size

    async def chunks(self, offset: int) -> AsyncIterator[bytes]:
        import aiofiles  # loaded where a large document goes (ADR 7)

        async with aiofiles.open(await asyncio.to_thread(self._opened), "rb") as f:
            if stamp_of(open_document.status(f.fileno())) != self._expect:
                raise Changed("the document changed")
            await f.seek(offset)
            while chunk := await f.read(CHUNK):
                yield chunk
            if stamp_of(open_document.status(f.fileno())) != self._expect:
                raise Changed("the document changed while it was read")


class FileSink:
    """A temporary file of the engine's that survives a restart; what it holds already is not fetched again.

    What it is given in one go, from the first byte to the last, is hashed on the way. NotOurs when its name has come to
    mean anything else: nothing is written there.
    """

    def __init__(self, directory: Directory, name: str) -> None:
        self._directory, self._name = directory, name
        self._sha, self._hashed = hashlib.sha256(), 0
        self._inode = 0
        self._modified: float | None = None

    def dated(self, modified: float | None) -> None:
        self._modified = modified_dates.kept(modified, time.time())

    async def offset(self) -> int:
        try:
            return self._directory.stat(self._name).st_size
        except FileNotFoundError:
            return 0

    async def write(self, offset: int, *pieces: bytes) -> None:
        await asyncio.to_thread(self._write, offset, pieces)

    async def content(self) -> Content:
        """Of what the file holds now."""
        held = self._directory.stat(self._name)
        if (held.st_size, held.st_ino) == (self._hashed, self._inode):
            return Content(self._hashed, self._sha.digest())
        return (await asyncio.to_thread(hash_open, self._directory.document(self._name)))[0]

    def _write(self, offset: int, pieces: Sequence[bytes]) -> None:
        with open(self._open(anew=not offset), "r+b", buffering=FLUSH) as f:
            f.seek(offset)
            f.writelines(pieces)
            if self._modified is not None:
                f.flush()
                date(f.fileno(), self._modified)
        if not offset:
            self._sha, self._hashed = hashlib.sha256(), 0
        if offset != self._hashed:  # it goes on with what an earlier run had
            self._hashed = -1
            return
        for piece in pieces:
            self._sha.update(piece)
            self._hashed += len(piece)

    def _open(self, *, anew: bool) -> int:
        """For writing; emptied, or made where it is missing, when it begins `anew`."""
        try:
            found = self._directory.resume(self._name)
        except FileNotFoundError:
            if not anew:
                raise
            os.close(self._directory.create(self._name))
            found = self._directory.resume(self._name)
        try:
            inode = open_document.status(found).st_ino
            if self._inode not in (0, inode):
                raise NotOurs(f"{self._directory.where}/{self._name}", "it is another file than a moment ago")
            self._inode = inode
            if anew:
                os.ftruncate(found, 0)
        except BaseException:
            os.close(found)
            raise
        return found
