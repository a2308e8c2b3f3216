"""An upload as it arrives, for both doors: appended to what had come, the next piece received meanwhile; the engine's is
hashed on the way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

from starlette.requests import Request

from syncd.core.content import Content
from syncd.portal.api.orm_threads import in_data_thread, in_reading_thread, in_thread
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import Elsewhere, UploadStore
from syncd.portal.storage.write_errors import full

TOGETHER = 16_000_000  # bytes in memory: hundreds of uploads may arrive at once, some never
READ = 2_000_000


class Beyond(Exception):
    """More bytes than were announced."""


class Arriving:
    """One writer to an upload at a time. `offset`: bytes that have come. Raises Gone."""

    under_way = 0  # in this process, all of them together

    def __init__(self, store: UploadStore, key: str) -> None:
        self._store, self._key = store, key
        self.offset = store.arrived(key)

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
                if held >= min(self._store.piece, TOGETHER // Arriving.under_way):
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
        self.offset = self._store.append(self._key, self.offset, pieces)


class Hashed(Arriving):
    """What an earlier request left there is read once: for uploads that come in one request, unless they are cut."""

    def __init__(self, store: UploadStore, key: str) -> None:
        super().__init__(store, key)
        self._sha = hashlib.sha256()
        with store.open(key) as f:
            while data := f.read(READ):
                self._sha.update(data)

    def content(self) -> Content:
        return Content(self.offset, self._sha.digest())

    def _append(self, pieces: Sequence[bytes]) -> None:
        super()._append(pieces)
        for data in pieces:
            self._sha.update(data)


K = TypeVar("K", bound=Arriving)


async def receive(request: Request, key: str, size: int, kind: Callable[[UploadStore, str], K]) -> K:
    """What a request brings of an upload of `size` bytes, from the offset that both sides agree on.

    Raises Gone, Elsewhere, Beyond. Where the disk is full, what had come gives its room back.
    """
    store = upload_store()
    arriving = await in_reading_thread(await in_thread(store.arrived, key), kind, store, key)
    if request.headers.get("upload-offset") != str(arriving.offset):
        raise Elsewhere(arriving.offset)
    try:
        await in_thread(store.take_up, key)
        whole = await arriving.take(request.stream(), size)
    except OSError as e:
        if full(e):  # the reserve is reached
            await in_thread(store.over, key)
        raise
    if not whole:
        raise Beyond
    return arriving


@contextlib.contextmanager
def alone(writing: set[str], key: str) -> Iterator[bool]:
    """Whether nobody else is at this upload; then, until the end, nobody else comes to it. A connection that was cut may
    still be writing what it had."""
    if key in writing:
        yield False
        return
    writing.add(key)
    try:
        yield True
    finally:
        writing.discard(key)
